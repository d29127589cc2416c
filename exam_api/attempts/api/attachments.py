"""Files of answers: in by parts, proven by the device like every save; out for whoever may see the answer."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.responses import StreamingResponse

from exam_api.attempts.access import (
    LiveAttempt,
    LiveAttemptLocked,
    ProvenDevice,
    SeenAttempt,
    live_place,
    prove_live,
)
from exam_api.attempts.schemas import AttachmentIn, AttachmentOut, FinishIn
from exam_api.attempts.service import attachments
from exam_api.db.models.attempts import AttachmentChunk
from exam_api.db.session import transaction
from exam_api.errors import ExamError, TooLarge
from exam_api.installation import Installation
from exam_api.web.context import say
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS
from exam_api.web.ranges import read_range

router = APIRouter(
    prefix="/api/attempts/{attempt_id}/attachments", tags=["attempts"], responses=ERRORS(401, 403, 404, 409, 422)
)
BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
# Whatever it holds, and whatever a browser makes of it: no page, no script, nothing that is drawn in our name.
AS_A_FILE = {"Content-Security-Policy": "default-src 'none'; sandbox", "Accept-Ranges": "bytes"}


async def _content(request: Request) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > attachments.CHUNK:
            raise TooLarge
    return bytes(content)


# The first parameter where it stands: a part may crawl in for a minute, and no database connection may wait for it.
Content = Annotated[bytes, Depends(_content)]


def _said(request: Request, found: AttachmentOut) -> AttachmentOut:
    """In the candidate's language."""
    return found.model_copy(update={"refused": say(request, found.refused)}) if found.refused else found


@router.put("/{attachment_id}")
async def begin_attachment(
    attachment_id: UUID, body: AttachmentIn, place: LiveAttemptLocked, here: Here, session: Session, now: Now
) -> AttachmentOut:
    """Say that a file will come for a question. The id is the device's own; the same twice is one file."""
    return await attachments.announce(session, here, place, attachment_id, body, now)


@router.get("/{attachment_id}")
async def read_attachment(request: Request, attachment_id: UUID, place: LiveAttempt, session: Session) -> AttachmentOut:
    """How much of a file has come: the next part starts at `held`."""
    return _said(request, await attachments.read(session, place, attachment_id))


@router.put(
    "/{attachment_id}/chunks/{start}",
    responses=ERRORS(408, 413),
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": BYTES}}},
)
async def keep_chunk(
    content: Content,
    attachment_id: UUID,
    start: Annotated[int, Path(ge=0, le=2**31 - 1)],
    content_digest: Annotated[str, Header(max_length=200, description="RFC 9530: `sha-256=:…:` of this part")],
    device: ProvenDevice,
    here: Here,
    now: Now,
    chance: Chance,
) -> AttachmentOut:
    """Keep the part of a file that starts at this byte, at most 1 MiB. The same part twice is kept once."""
    part = attachments.read_part(start, content, content_digest)
    async with transaction(here.sessions) as session:
        place = await prove_live(session, device)
        known = await attachments.check_part(session, here, place, attachment_id, part, now)
    if known is not None:
        return known
    # No database connection waits for the store.
    blob = await attachments.store(here, device.attempt_id, attachment_id, part, chance)
    try:
        async with transaction(here.sessions) as session:
            place = await live_place(session, device)
            found, kept = await attachments.keep_part(session, here, place, attachment_id, part, blob, now)
    except ExamError:  # after a lost connection it might be kept, so it stays
        await attachments.drop(here, [blob])
        raise
    if not kept:
        await attachments.drop(here, [blob])
    return found


@router.post("/{attachment_id}/finish")
async def finish_attachment(
    request: Request, attachment_id: UUID, body: FinishIn, device: ProvenDevice, here: Here, now: Now
) -> AttachmentOut:
    """All of it has come: it is read once, and either taken (`sha256`) or refused (`refused`)."""
    async with transaction(here.sessions) as session:
        place = await prove_live(session, device)
        found, chunks = await attachments.check_finish(session, here, place, attachment_id, body, now)
    if not chunks:
        return found
    refused = await attachments.examine(here, found.name, chunks, body)
    async with transaction(here.sessions) as session:
        place = await live_place(session, device)
        found, left = await attachments.finish(session, place, attachment_id, body, refused, now)
    await attachments.drop(here, left)
    return _said(request, found)


@router.delete("/{attachment_id}", status_code=204)
async def withdraw_attachment(attachment_id: UUID, device: ProvenDevice, here: Here, now: Now) -> None:
    """Take back a file that no answer names: its bytes go, and its room is free."""
    async with transaction(here.sessions) as session:
        # Locked, so that no answer that names it is saved in the same moment.
        place = await prove_live(session, device, lock=True)
        left = await attachments.withdraw(session, place, attachment_id, now)
    await attachments.drop(here, left)


@router.get(
    "/{attachment_id}/content",
    response_class=StreamingResponse,
    responses={200: {"content": {"*/*": BYTES}}, 206: {"content": {"*/*": BYTES}}, **ERRORS(416)},
)
async def read_content(
    attachment_id: UUID,
    place: SeenAttempt,
    here: Here,
    session: Session,
    wanted: Annotated[str | None, Header(alias="range", max_length=200)] = None,
) -> StreamingResponse:
    """The file, or a part of it; always as something to keep, never as a page."""
    row, chunks = await attachments.whole(session, place, attachment_id)
    size = row.size or 0
    part = read_range(wanted, size)
    start, end = part or (0, size)
    headers = {
        **AS_A_FILE,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name)}",
        "Content-Length": str(end - start),
        "ETag": f'"{row.sha256}"',
        **({"Content-Range": f"bytes {start}-{end - 1}/{size}"} if part else {}),
    }
    return StreamingResponse(
        _stream(here, chunks, start, end), 206 if part else 200, media_type=row.media_type, headers=headers
    )


async def _stream(here: Installation, chunks: Sequence[AttachmentChunk], start: int, end: int) -> AsyncIterator[bytes]:
    """The bytes from `start` to before `end`, part after part; never more than one part in memory."""
    for chunk in chunks:
        first, last = max(start, chunk.start), min(end, chunk.start + chunk.size)
        if first < last:
            yield await attachments.read_blob(here, chunk.blob, first - chunk.start, last - chunk.start)
