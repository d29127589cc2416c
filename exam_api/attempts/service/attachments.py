"""Files of answers come in parts: begun, part after part from any device of the attempt, finished, then named by an answer.

Each part is a blob of its own for ever. Nothing is put together: an object store could do that only with parts of 5 MiB
or more, and reading a file back is reading its parts in order. What an answer names is never erased while the attempt is.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u
from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.attempts.queries import attachments as files
from exam_api.attempts.schemas import AttachmentIn, AttachmentOut, FinishIn
from exam_api.attempts.service.sections import number_of
from exam_api.attempts.service.states import STARTED, Status, grace_of, in_time
from exam_api.db.models.attempts import Attachment, AttachmentChunk
from exam_api.db.session import transaction
from exam_api.errors import (
    AttachmentConflict,
    AttachmentDamaged,
    AttachmentGap,
    AttachmentRefused,
    AttachmentsFull,
    Invalid,
    NotFound,
    Paused,
    SectionClosed,
    TimeIsUp,
    UnknownItem,
    WrongState,
)
from exam_api.installation import Installation
from exam_api.web.i18n import _
from grading.attachment import MIB, clean_name, ending_of, media_type_of
from grading.content import Content
from grading.errors import ResponseError
from grading.exam import Exam
from grading.kinds.attaching import Attaching

CHUNK = MIB  # the largest part
MOST = 200  # files that one attempt can begin, and
ROOM = 3  # how often an item's files fit: people take a file back and send a better one
MOST_CHUNKS = 8_000  # of one file: a recording of an hour sends a part each second
CHANGED = _("The file did not arrive as it was sent. Choose it again.")


# --- begin ---


async def announce(
    session: AsyncSession, here: Installation, place: Place, attachment_id: UUID, body: AttachmentIn, now: datetime
) -> AttachmentOut:
    """Say that a file will come. The attempt is locked by the caller. The same twice is one file.

    Raises `UnknownItem`, `AttachmentRefused`, `AttachmentsFull`, `AttachmentConflict`, `TimeIsUp`, `Paused`.
    """
    created_at = min(body.created_at or now, now)
    _check_open(place, created_at, now, here)
    form = await queries.get_form(session, here, place)
    item = _item(form, body.item)
    name = clean_name(body.name)
    try:
        media_type = media_type_of(name, item.rules)
    except ResponseError as error:
        raise AttachmentRefused(str(error)) from error
    if (held := await files.find_attachment(session, place.attempt.id, attachment_id)) is not None:
        if (held.item, held.name, held.size) != (item.id, name, body.size):
            raise AttachmentConflict
        return shape(held)
    _check_section(form, place, item.id, now)
    await _check_room(session, place, item, body.size)
    values: dict[str, Any] = {"item": item.id, "name": name, "media_type": media_type, "size": body.size}
    values |= {"attempt_id": place.attempt.id, "id": attachment_id, "created_at": created_at, "held": 0}
    await files.add_attachment(session, values)
    return AttachmentOut(
        id=attachment_id,
        item=item.id,
        name=name,
        media_type=media_type,
        size=body.size,
        held=0,
        sha256=None,
        refused=None,
    )


def _check_open(place: Place, created_at: datetime, now: datetime, here: Installation) -> None:
    """Whether something chosen at `created_at` may still come."""
    attempt = place.attempt
    if attempt.status == Status.paused:
        raise Paused
    if attempt.status not in STARTED or attempt.ends_at is None:
        raise WrongState("The attempt is not running; nothing can be added.")
    if not in_time(attempt.ends_at, created_at, now, grace_of(here, place.sitting)):
        raise TimeIsUp


def _check_section(form: Exam, place: Place, item: str, now: datetime) -> None:
    attempt, number = place.attempt, number_of(form, item)
    if number not in {None, attempt.section} or (number and now > (attempt.section_ends_at or now)):
        raise SectionClosed


def _item(form: Exam, item_id: str) -> Attaching:
    try:
        item = form.item(item_id)
    except KeyError as error:
        raise UnknownItem from error
    if not isinstance(item, Attaching):
        raise Invalid(_("This question takes no files."))
    return item


async def _check_room(session: AsyncSession, place: Place, item: Attaching, size: int | None) -> None:
    rules = item.rules
    if size is not None and size > rules.most_bytes:
        most = rules.most_bytes // MIB
        raise AttachmentRefused(_("The file is too large: this question takes at most {most} MB.").format(most=most))
    count, taken = await files.count_files(session, place.attempt.id, item.id, rules.most_bytes)
    if count >= MOST or taken + (size or rules.most_bytes) > ROOM * rules.most_files * rules.most_bytes:
        raise AttachmentsFull


# --- part after part ---


@dataclass(frozen=True)
class Part:
    """Some bytes, and the place in the file where they belong."""

    start: int
    content: bytes

    @property
    def sha256(self) -> str:
        return b64u(hashlib.sha256(self.content).digest())


def read_part(start: int, content: bytes, digest: str) -> Part:
    """A part whose bytes are those that were sent. `digest`: the Content-Digest header (RFC 9530). Raises `AttachmentDamaged`."""
    found = Part(start, content)
    name, _equals, value = digest.partition("=")
    said = value.strip(" :").rstrip("=").replace("+", "-").replace("/", "_")
    if not content or name.strip().lower() != "sha-256" or said != found.sha256:
        raise AttachmentDamaged
    return found


def is_known(part: Part, held: int, same_place: tuple[int, str] | None) -> bool:
    """Whether this part is here already (`same_place`: size and digest of the one that starts there); if not, it is the next.

    Raises `AttachmentGap`, `AttachmentConflict`: a byte that came is never another byte later.
    """
    if part.start > held:
        raise AttachmentGap(_("The next part starts at byte {number}.").format(number=held), held=held)
    if part.start < held and same_place != (len(part.content), part.sha256):
        raise AttachmentConflict(held=held)
    return part.start < held


async def check_part(
    session: AsyncSession, here: Installation, place: Place, attachment_id: UUID, part: Part, now: datetime
) -> AttachmentOut | None:
    """Before the bytes are stored: where the file stands if this part is here already, None if it may come.

    Raises `AttachmentGap`, `AttachmentConflict`, `AttachmentRefused`, `TimeIsUp`, `Paused`.
    """
    row = await _get(session, place, attachment_id)
    return await _check_part(session, here, place, row, part, now)


async def _check_part(
    session: AsyncSession, here: Installation, place: Place, row: Attachment, part: Part, now: datetime
) -> AttachmentOut | None:
    known = await files.find_chunk(session, row, part.start) if part.start < row.held else None
    if is_known(part, row.held, (known.size, known.sha256) if known else None):
        return shape(row)
    _check_open(place, row.created_at, now, here)
    _check_pending(row)
    most = row.size or _item(await queries.get_form(session, here, place), row.item).rules.most_bytes
    if row.held + len(part.content) > most or await files.count_chunks(session, row) >= MOST_CHUNKS:
        raise AttachmentRefused(_("The file is larger than was said."))
    return None


async def store(
    here: Installation, attempt_id: UUID, attachment_id: UUID, part: Part, chance: Callable[[int], bytes]
) -> str:
    """Put the bytes into the store; the name cannot be guessed, and no two tries share one."""
    blob = f"attachments/{attempt_id}/{attachment_id}/{part.start:010d}-{chance(8).hex()}"
    await here.blobs.put_async(blob, part.content)
    return blob


async def keep_part(
    session: AsyncSession, here: Installation, place: Place, attachment_id: UUID, part: Part, blob: str, now: datetime
) -> tuple[AttachmentOut, bool]:
    """Write the stored part down; where the file stands, and whether `blob` is now part of it. Raises as `check_part`."""
    row = await _get(session, place, attachment_id, lock=True)
    if (here_already := await _check_part(session, here, place, row, part, now)) is not None:
        return here_already, False
    session.add(
        AttachmentChunk(
            attempt_id=row.attempt_id,
            attachment_id=row.id,
            start=part.start,
            size=len(part.content),
            sha256=part.sha256,
            blob=blob,
        )
    )
    row.held += len(part.content)
    return shape(row), True


async def drop(here: Installation, blobs: Sequence[str]) -> None:
    """Take bytes out of the store that no row names."""
    for blob in blobs:
        with suppress(FileNotFoundError):  # an earlier try took it out and was interrupted
            await here.blobs.delete_async(blob)


# --- finish ---


async def check_finish(
    session: AsyncSession, here: Installation, place: Place, attachment_id: UUID, body: FinishIn, now: datetime
) -> tuple[AttachmentOut, Sequence[AttachmentChunk]]:
    """Whether all of it has come, and its parts; none where it is finished already. Raises `AttachmentGap`, `AttachmentConflict`."""
    row = await _get(session, place, attachment_id)
    if row.sha256 is not None:
        if (row.size, row.sha256) != (body.size, body.sha256):
            raise AttachmentConflict
        return shape(row), ()
    _check_open(place, row.created_at, now, here)
    _check_pending(row)
    if row.held != body.size or row.size not in {None, body.size}:
        raise AttachmentGap(_("We hold {number} bytes of this file.").format(number=row.held), held=row.held)
    return shape(row), await files.chunks_of(session, row)


async def examine(here: Installation, name: str, chunks: Sequence[AttachmentChunk], body: FinishIn) -> str | None:
    """Read the whole file once: None where it is what was sent and what its name says, else why not."""
    content, whole = Content(ending_of(name)), hashlib.sha256()
    for chunk in chunks:
        part = await read_blob(here, chunk.blob)
        whole.update(part)
        content.feed(part)
    if b64u(whole.digest()) != body.sha256:
        return CHANGED
    try:
        content.check()
    except ResponseError as error:
        return str(error)
    return None


async def finish(
    session: AsyncSession, place: Place, attachment_id: UUID, body: FinishIn, refused: str | None, now: datetime
) -> tuple[AttachmentOut, list[str]]:
    """Keep what was found; of a refused file the blobs that can go."""
    row = await _get(session, place, attachment_id, lock=True)
    if row.sha256 is not None or row.refused is not None:  # twice at the same moment: both found the same
        return shape(row), []
    if refused is not None:
        row.refused = refused
        return shape(row), await files.delete_chunks(session, row)
    row.size, row.sha256, row.finished_at = body.size, body.sha256, now
    return shape(row), []


async def read(session: AsyncSession, place: Place, attachment_id: UUID) -> AttachmentOut:
    """Where a file stands. Raises `NotFound`."""
    return shape(await _get(session, place, attachment_id))


async def whole(
    session: AsyncSession, place: Place, attachment_id: UUID
) -> tuple[Attachment, Sequence[AttachmentChunk]]:
    """A finished file and its parts. Raises `NotFound`."""
    row = await _get(session, place, attachment_id)
    if row.sha256 is None or row.erased_at is not None:
        raise NotFound
    return row, await files.chunks_of(session, row)


async def read_blob(here: Installation, blob: str, start: int = 0, end: int | None = None) -> bytes:
    """A part's bytes, or some of them."""
    if end is None:
        return bytes(await (await here.blobs.get_async(blob)).bytes_async())
    return bytes(await here.blobs.get_range_async(blob, start=start, end=end))


async def _get(session: AsyncSession, place: Place, attachment_id: UUID, *, lock: bool = False) -> Attachment:
    row = await files.find_attachment(session, place.attempt.id, attachment_id, lock=lock)
    if row is None:
        raise NotFound
    return row


def _check_pending(row: Attachment) -> None:
    if row.refused is not None:
        raise AttachmentRefused(str(row.refused))
    if row.erased_at is not None:
        raise AttachmentRefused
    if row.sha256 is not None:
        raise AttachmentConflict(held=row.held)


def shape(row: Attachment) -> AttachmentOut:
    return AttachmentOut.model_validate(row, from_attributes=True)


# --- what an answer names ---


async def are_here(session: AsyncSession, attempt_id: UUID, item: str, answer: dict[str, Any]) -> bool:
    """Whether every file that this answer names is this attempt's, for this question, whole, and just as it says."""
    found = {str(row.id): row for row in await files.attachments_of(session, [attempt_id])}
    return all(_is_same(found.get(each["id"]), item, each) for each in answer["files"])


def _is_same(row: Attachment | None, item: str, said: dict[str, Any]) -> bool:
    told = ("name", "media_type", "size", "sha256")
    return row is not None and row.item == item and all(getattr(row, name) == said[name] for name in told)


# --- erasing ---


async def withdraw(session: AsyncSession, place: Place, attachment_id: UUID, now: datetime) -> list[str]:
    """The candidate takes back what no answer names: the blobs that can go. Twice is once. Raises `NotFound`, `AttachmentConflict`."""
    if place.attempt.status not in STARTED:
        raise WrongState
    row = await _get(session, place, attachment_id)
    if await files.is_named(session, row):
        raise AttachmentConflict(_("A saved answer names this file, so it stays."))
    return await erase(session, row.attempt_id, row.id, now) if row.erased_at is None else []


async def left_over(session: AsyncSession, before: datetime) -> list[tuple[UUID, UUID]]:
    """Attempt and id of each file that can go."""
    return await files.left_over_files(session, before)


async def ended_with_files(session: AsyncSession, since: datetime, before: datetime) -> Sequence[UUID]:
    """Attempts whose part of the store is worth a look."""
    return await files.attempts_with_files(session, since, before)


async def erase(session: AsyncSession, attempt_id: UUID, attachment_id: UUID, now: datetime) -> list[str]:
    """Forget a file's bytes; the row stays and says when. The blobs that can go once this is committed."""
    row = await files.find_attachment(session, attempt_id, attachment_id, lock=True)
    if row is None:
        return []
    row.erased_at = now
    return await files.delete_chunks(session, row)


async def drop_unnamed(here: Installation, attempt_id: UUID) -> None:
    """Take out what a process stored that died before it could write it down."""
    async with transaction(here.sessions) as session:
        named = await files.blobs_of(session, attempt_id)
    stored = [entry["path"] async for page in here.blobs.list(f"attachments/{attempt_id}/") for entry in page]
    await drop(here, [blob for blob in stored if blob not in named])
