"""Short videos beside a flag: asked for when it is raised, sealed while they come, read back in parts."""

import hashlib
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u
from exam_api.db import evidence
from exam_api.db.models.monitoring import Clip, Flag
from exam_api.errors import ClipNotVideo, NotFound, TooLarge
from exam_api.installation import Installation
from exam_api.monitoring import queries
from exam_api.sealing import CHUNK, SALT, SUFFIX, TAG, Sealing, stretch

MAX_CLIP = 8 * 2**20  # bytes: 25 s at 2.5 Mbit/s
MOST = 30  # clips of one attempt
HELD = timedelta(seconds=85)  # of video, in the page's memory
BEFORE, LENGTH = timedelta(seconds=5), timedelta(seconds=25)
PATIENCE = timedelta(minutes=3)  # for which a clip is asked for
WORTH = {"medium", "high"}
MAGIC = {"video/webm": (b"\x1a\x45\xdf\xa3", 0), "video/mp4": (b"ftyp", 4)}


def span(start: datetime, end: datetime, now: datetime) -> tuple[datetime, datetime] | None:
    """From when until when the page should send what it has; None where it has nothing of it any more."""
    first = max(start - BEFORE, now - HELD)
    last = min(max(end, start + BEFORE), first + LENGTH)
    return (first, last) if first < last and end >= now - HELD else None


async def ask(session: AsyncSession, attempt_id: UUID, flags: Iterable[Flag], now: datetime) -> None:
    """Ask for what the page still has of each flag that a person will look at; only while a camera runs."""
    wanted = [
        (flag, part) for flag in flags if flag.severity in WORTH and (part := span(flag.started_at, flag.ended_at, now))
    ]
    if not wanted:
        return
    if await queries.looks_of(session, attempt_id) == "device":
        return  # only single pictures leave that computer
    last = await queries.last_frame_of_running(session, attempt_id)
    if last is None or now - last.received_at > HELD or len(await queries.clips_of(session, attempt_id)) >= MOST:
        return
    for flag, part in wanted:
        await queries.ask_clip(session, attempt_id, flag.id, *part, now)


async def asked(session: AsyncSession, here: Installation, attempt_id: UUID, flag_id: UUID) -> bytes | None:
    """The key to seal this clip with; None where it is kept already. Raises `NotFound` for what nobody asked for."""
    clip = await queries.find_clip(session, attempt_id, flag_id)
    if clip is None:
        raise NotFound
    if clip.received_at is not None:
        return None
    key = await evidence.find_key(session, here.keyring, attempt_id)
    if key is None:
        raise NotFound
    return key


class Incoming:
    """A clip on its way into the store: checked and sealed as it comes."""

    def __init__(self, key: bytes, name: str, salt: bytes, media_type: str, body: AsyncIterator[bytes]) -> None:
        self.name = name + SUFFIX
        self.media_type = media_type
        self.size = 0
        self._sealing = Sealing.of(key, self.name, salt)
        self._hash = hashlib.sha256()
        self._body = body

    @property
    def digest(self) -> str:
        return b64u(self._hash.digest())

    async def sealed(self) -> AsyncIterator[bytes]:
        """What goes into the store. Raises `TooLarge`, `ClipNotVideo`."""
        yield self._sealing.salt
        number, waiting = 0, bytearray()
        async for part in self._body:
            self.size += len(part)
            if self.size > MAX_CLIP:
                raise TooLarge
            self._hash.update(part)
            waiting += part
            if number == 0:
                self._check(waiting)
            while len(waiting) > CHUNK:
                yield self._sealing.seal_chunk(bytes(waiting[:CHUNK]), number, last=False)
                del waiting[:CHUNK]
                number += 1
        if number == 0 and len(waiting) < 12:
            raise ClipNotVideo
        yield self._sealing.seal_chunk(bytes(waiting), number, last=True)

    def _check(self, head: bytearray) -> None:
        magic, at = MAGIC[self.media_type]
        if len(head) >= 12 and head[at : at + len(magic)] != magic:
            raise ClipNotVideo


async def store(here: Installation, incoming: Incoming) -> None:
    """Put the clip into the store; of one that is refused nothing stays."""
    parts = [part async for part in incoming.sealed()]  # at most 8 MB: nothing is written before all of it is checked
    await here.blobs.put_async(incoming.name, parts)


async def keep(session: AsyncSession, attempt_id: UUID, flag_id: UUID, incoming: Incoming, now: datetime) -> bool:
    """Name the stored clip. False where another one came first: this one can go."""
    clip = await queries.find_clip(session, attempt_id, flag_id, lock=True)
    if clip is None or clip.received_at is not None:
        return False
    clip.blob, clip.media_type, clip.size = incoming.name, incoming.media_type, incoming.size
    clip.digest, clip.received_at = incoming.digest, now
    return True


async def read(here: Installation, key: bytes, clip: Clip, start: int, end: int) -> AsyncIterator[bytes]:
    """The plain bytes from `start` to before `end`, chunk by chunk. Raises `Unreadable`."""
    assert clip.blob is not None
    size = clip.size or 0
    chunks = max(1, -(-size // CHUNK))
    sealed = SALT + size + TAG * chunks
    salt = bytes(await here.blobs.get_range_async(clip.blob, start=0, end=SALT))
    sealing = Sealing.of(key, clip.blob, salt)
    place = stretch(sealed, start, end - 1)
    skip, left = place.skip, end - start
    for number in range(place.first, place.first + -(-(place.end - place.start) // (CHUNK + TAG))):
        at = SALT + number * (CHUNK + TAG)
        chunk = bytes(await here.blobs.get_range_async(clip.blob, start=at, end=min(at + CHUNK + TAG, sealed)))
        for plain in sealing.open(chunk, number, to_end=number == chunks - 1):
            wanted = plain[skip : skip + left]
            skip, left = 0, left - len(wanted)
            yield wanted
