"""What stands behind an answer that is not words: files to look at or to keep, a drawing. For whoever may see the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import attachments as files
from grading.errors import ResponseError
from grading.exam import Exam
from grading.kinds.drawing import Drawing

Look = Literal["image", "audio", "video", "file"]


@dataclass(frozen=True)
class FileSeen:
    """A file of an answer. `address` None: it never came whole, or is erased."""

    name: str
    size: int
    look: Look
    address: str | None


@dataclass(frozen=True)
class HandedIn:
    """Files, or a drawing with the words that stand in for it. Nothing of it for most answers."""

    files: tuple[FileSeen, ...] = ()
    drawing: Markup | None = None
    text: str = ""


async def behind(
    session: AsyncSession, attempt_id: UUID, form: Exam, answers: Mapping[str, dict[str, Any] | None]
) -> dict[str, HandedIn]:
    """Of each answer, by item. Words alone need no look into the database."""
    named = any(_named(answer) for answer in answers.values())
    here = {str(row.id): row for row in await files.attachments_of(session, [attempt_id])} if named else {}
    found = {}
    for item_id, answer in answers.items():
        seen = tuple(
            FileSeen(each["name"], each["size"], _look(each["media_type"]), _address(attempt_id, each, here))
            for each in _named(answer)
        )
        found[item_id] = HandedIn(seen, *_drawing(form, item_id, answer or {}))
    return found


def _named(answer: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The files that were sent on their own; a program's files are texts in the answer itself."""
    found = (answer or {}).get("files")
    return found if isinstance(found, list) else []


def _address(attempt_id: UUID, said: Mapping[str, Any], here: Mapping[str, Any]) -> str | None:
    """Only of the very bytes that the answer names."""
    row = here.get(said["id"])
    if row is None or row.sha256 != said["sha256"]:
        return None
    return f"/api/attempts/{attempt_id}/attachments/{row.id}/content"


def _look(media_type: str) -> Look:
    start = media_type.partition("/")[0]
    return start if start in {"image", "audio", "video"} else "file"  # type: ignore[return-value]  # one of the three


def _drawing(form: Exam, item_id: str, answer: dict[str, Any]) -> tuple[Markup | None, str]:
    item = form.item(item_id)
    if not isinstance(item, Drawing) or "strokes" not in answer:
        return None, ""
    try:
        picture = item.svg(answer) if answer["strokes"] else ""
    except ResponseError:  # the stored answer cannot be read; whoever grades it is told so
        return None, ""
    return (Markup(picture) if picture else None), str(answer.get("text", ""))  # noqa: S704  (made of checked numbers)
