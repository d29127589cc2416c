"""Maps of skills: written in versions that never change, from a file, a CASE package or a table."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.achievement.competency import SkillMap
from credentials.achievement.frameworks import from_case, from_table, slug
from credentials.canonical import load
from credentials.errors import CredentialError
from exam_api.db import ledger
from exam_api.db.models.pathways import SkillMapVersion
from exam_api.errors import EditedElsewhere, Invalid, NotFound, PathwayFileWrong
from exam_api.events import SkillMapWritten
from exam_api.exams.schemas import ProblemOut
from exam_api.exams.service.writing import write_data
from exam_api.pathways import queries
from exam_api.pathways.schemas import RESERVED
from exam_api.pathways.service.files import read_map
from exam_api.pathways.service.programmes import NO_NAME
from exam_api.web.i18n import _

ELSEWHERE = _("Somebody else wrote a newer version meanwhile, so nothing was saved. Your text is still in the form.")
TAKEN = _("There is a map of this short name already. Choose another one, or change that map.")
MAX_FILE = 4 * 2**20


async def write(
    session: AsyncSession, name: str, source: str, number: int, now: datetime, actor_id: UUID
) -> SkillMapVersion:
    """A new version over version `number`; the same text makes none. Raises `PathwayFileWrong`, `EditedElsewhere`."""
    if name in RESERVED:
        raise Invalid(NO_NAME)
    found = read_map(source, name)
    await queries.lock_slug(session, "map", name)
    newest = next(iter(await queries.map_versions(session, name)), None)
    if (newest.number if newest else 0) != number:
        raise EditedElsewhere(TAKEN if number == 0 else ELSEWHERE)
    if newest is not None and newest.source == source:
        return newest
    row = SkillMapVersion(
        id=uuid4(),
        slug=name,
        number=number + 1,
        title=found.title,
        source=source,
        created_at=now,
        created_by=actor_id,
    )
    session.add(row)
    await session.flush()
    await ledger.append(session, SkillMapWritten(row.id, name, row.number), now, actor_id)
    return row


async def newest(session: AsyncSession, name: str) -> tuple[SkillMapVersion, SkillMap]:
    """The newest version of a map. Raises `NotFound`."""
    row = next(iter(await queries.map_versions(session, name)), None)
    if row is None:
        raise NotFound
    return row, read_map(row.source, name)


def from_file(content: bytes, name: str) -> tuple[str, str]:
    """A short name and the text of a map, from its own file (YAML), a CASE package (JSON) or a table (CSV).

    The bytes say which it is; `name` is the file's, for a title. Raises `PathwayFileWrong`.
    """
    try:
        if content.lstrip()[:1] == b"{":
            data = from_case(load(content, MAX_FILE))
        else:
            text = content.decode("utf-8-sig")
            first = text.split("\n", 1)[0].lower()
            if "url" not in first or not any(mark in first for mark in ",;\t") or ":" in first:
                return slug(name.rsplit(".", 1)[0]) or "map", text
            data = from_table(text, name.rsplit(".", 1)[0][:200].strip() or "Framework")
    except (CredentialError, UnicodeDecodeError) as error:
        said = str(error) if isinstance(error, CredentialError) else "the file is not text in UTF-8"
        problem = ProblemOut(line=1, path="", message=f"{said[:1].upper()}{said[1:].rstrip('.')}.")
        raise PathwayFileWrong(problems=[problem.model_dump()]) from error
    short = data.pop("id")
    return short, write_data(data)
