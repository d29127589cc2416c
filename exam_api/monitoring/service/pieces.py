"""Signed pieces of pictures and sound: checked, sealed into the store, kept in batches as one chain."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.attempt.session import holder, verify_held
from credentials.canonical import b64u
from credentials.errors import NotProven
from exam_api.attempts import queries as attempts
from exam_api.attempts.queries import Place
from exam_api.attempts.schemas import Device
from exam_api.attempts.service.states import Status
from exam_api.db import evidence, ledger
from exam_api.errors import Invalid, Paused, TimeIsUp, WrongState
from exam_api.event import Event
from exam_api.events import FramesArrived, SoundsArrived
from exam_api.installation import Installation
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import KINDS, HelloIn, Kind, Looks, PieceIn, genesis
from exam_api.monitoring.service import spots

# What leaves a computer that looks itself, beside checks: the beginning of what is noted, so many at first and each minute.
STILLS, STILLS_A_MINUTE = 12, 2.0
MOST_OF_SIGN = 40  # pictures of one sign of life: four a second for six seconds, and what a busy page adds
SOUND = timedelta(seconds=30)  # the longest piece of sound
# After the end, for what was taken before it: a second for each two pieces that a page holds back at most. Longer, and a result
# could be out before all of its evidence is looked at.
LATE = timedelta(minutes=2)
AHEAD = timedelta(seconds=10)  # how far ahead of ours a device's clock may be before that is worth a note
# What is taken a second, and how many more at first. The page sends two pictures a second at most, and a sound each ten.
PACE: Mapping[Kind, float] = {"frame": 3.0, "sound": 0.5}
BURST = 100
ARRIVED: Mapping[Kind, type[FramesArrived] | type[SoundsArrived]] = {"frame": FramesArrived, "sound": SoundsArrived}
Chance = Callable[[int], bytes]


@dataclass(frozen=True)
class Line:
    """A greeted socket: whose it is, since when pieces can exist, what is kept, and where the chain ends."""

    device: Device
    signer: EllipticCurvePublicKey
    key: bytes  # of the attempt's evidence
    started_at: datetime
    kept: Mapping[Kind, int]
    head: str
    taken_at: datetime  # when the newest kept piece was taken: what comes next was not taken before
    looks: Looks = "server"
    on_device: bool = False  # whether this exam's candidates' computers may look
    stills: int = 0  # pictures that came although only words were expected
    signs: Mapping[int, int] = field(default_factory=dict)  # signs of life that were asked for → pictures of them

    def after(self, piece: PieceIn, *, still: bool = False) -> "Line":
        """As if this piece were kept; `still`: a picture that nothing asked for."""
        stills = self.stills + (still and piece.fault is None)
        signs = self.signs
        if piece.challenge is not None:
            signs = {**signs, piece.challenge: signs.get(piece.challenge, 0) + 1}
        return replace(self, kept={**self.kept, piece.kind: piece.n}, head=piece.link, stills=stills, signs=signs)

    def asking(self, sign: int) -> "Line":
        """As if this sign of life were asked for."""
        return self if sign in self.signs else replace(self, signs={**self.signs, sign: 0})

    def named(self, piece: PieceIn) -> PieceIn:
        """The piece; as the answer to a sign of life only where one was asked for and has room: a page can name any number."""
        if piece.challenge is None or self.signs.get(piece.challenge, MOST_OF_SIGN) < MOST_OF_SIGN:
            return piece
        return replace(piece, challenge=None)

    def believed(self, piece: PieceIn, now: datetime) -> datetime:
        """When the piece was taken, inside what can be true: pieces may have waited for the network, in their order.

        A sound is named by its first moment, and pictures come meanwhile: so much back is no contradiction.
        """
        return believed(piece.taken_at, now, max(self.started_at, self.taken_at - SOUND))

    @property
    def following(self) -> dict[str, int]:
        return {kind: self.kept[kind] + 1 for kind in KINDS}


@dataclass(frozen=True)
class Kept:
    """What became of a batch. `refused`: why pictures with these numbers answer no check."""

    refused: Mapping[int, str]


def is_still(piece: PieceIn, nonces: Collection[str]) -> bool:
    """A picture that nothing asked for. `nonces`: of the checks that were."""
    asked = piece.challenge is not None or piece.nonce in nonces
    return piece.kind == "frame" and bool(piece.body) and not asked


def believed(at: datetime, now: datetime, since: datetime) -> datetime:
    """A device's time inside what can be true; the server's clock is the frame around it."""
    return min(max(at, since), now)


def check_running(place: Place, now: datetime) -> None:
    """Pieces and signals belong to a running attempt; nobody is watched in a break."""
    if place.attempt.status == Status.paused:
        raise Paused
    if place.attempt.status != Status.running or place.attempt.ends_at is None:
        raise WrongState
    if now > place.attempt.ends_at:
        raise TimeIsUp


def check_time(place: Place, now: datetime) -> datetime | None:
    """When the attempt ended, if what was taken before may still come; None while it runs. Raises as `check_running`."""
    attempt = place.attempt
    ended = attempt.submitted_at or attempt.ends_at
    over = attempt.status == Status.submitted or (
        attempt.status == Status.running and ended is not None and now > ended
    )
    if over and ended is not None and now <= ended + LATE:
        return ended
    check_running(place, now)
    return None


async def open_line(
    session: AsyncSession,
    here: Installation,
    place: Place,
    device: Device,
    hello: HelloIn,
    now: datetime,
    chance: Chance,
) -> Line:
    """What has to be known of an attempt while its pieces come. Raises `Invalid` where this exam's pictures are looked at here."""
    attempt_id, signer = place.attempt.id, holder(hello.proof)
    numbers = signer.public_numbers()
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": b64u(numbers.x.to_bytes(32, "big")),
        "y": b64u(numbers.y.to_bytes(32, "big")),
    }
    on_device = here.on_device(await attempts.get_exam(session, here, place.sitting.version_id))
    if hello.looks == "device" and not on_device:
        raise Invalid("The pictures of this exam are looked at by the server.")
    head = await queries.open_watching(session, attempt_id, genesis(attempt_id), device.proof.jkt, jwk)
    await queries.set_looks(session, attempt_id, hello.looks)
    return Line(
        signs=await queries.signs_asked(session, attempt_id),
        device=device,
        signer=signer,
        key=await evidence.open_key(session, here.keyring, attempt_id, chance, now),
        started_at=place.attempt.started_at or now,
        kept=await queries.last_numbers(session, attempt_id),
        head=head,
        taken_at=await queries.last_taken(session, attempt_id) or place.attempt.started_at or now,
        looks=hello.looks,
        on_device=on_device,
        stills=await queries.stills_kept(session, attempt_id) if hello.looks == "device" else 0,
    )


async def renew(session: AsyncSession, line: Line) -> Line:
    """The line as the database has it: another socket of the same device was faster."""
    attempt_id = line.device.attempt_id
    row = await queries.find_watching(session, attempt_id)
    assert row is not None
    taken_at = await queries.last_taken(session, attempt_id) or line.taken_at
    return replace(line, kept=await queries.last_numbers(session, attempt_id), head=row.head, taken_at=taken_at)


def check_piece(line: Line, piece: PieceIn, now: datetime) -> None:
    """The device's signature; and a number cannot run ahead of the time, so what an attempt fills is bounded.

    Raises `Invalid`.
    """
    if piece.n > BURST + PACE[piece.kind] * (now - line.started_at).total_seconds():
        raise Invalid("This piece's number is ahead of the time.")
    if (piece.seen or piece.unsaid) and not line.on_device:
        raise Invalid("The pictures of this exam are looked at by the server.")
    try:
        verify_held(line.signer, piece.signed, piece.header["signature"])
    except NotProven as error:
        raise Invalid("The piece is not signed by this device.") from error


def admit(line: Line, piece: PieceIn, *, still: bool, now: datetime) -> PieceIn:
    """The piece, or without its picture's place in the store where more pictures come than were agreed."""
    most = STILLS + STILLS_A_MINUTE * (now - line.started_at).total_seconds() / 60
    if line.looks == "server" or not still or line.stills < most:
        return piece
    return replace(piece, fault="too many")


async def store(here: Installation, line: Line, piece: PieceIn, chance: Chance) -> str | None:
    """Seal the piece into the store; its name cannot be guessed. None where there is nothing that anybody could look at."""
    if piece.fault is not None or piece.only_told:
        return None
    name = f"{piece.kind}s/{line.device.attempt_id}/{piece.n:06d}-{chance(8).hex()}"
    return await evidence.put(here.blobs, line.key, name, piece.body, chance)


async def drop(here: Installation, blobs: Sequence[str | None]) -> None:
    """Take pieces out of the store that no row names: nothing else would ever erase them."""
    for blob in blobs:
        if blob is not None:
            with suppress(FileNotFoundError):  # somebody else was faster
                await here.blobs.delete_async(blob)


async def keep(
    session: AsyncSession, line: Line, batch: Sequence[tuple[PieceIn, str | None]], now: datetime
) -> Kept | None:
    """Write a batch of stored pieces and tell the worker. None where the chain has gone on without them."""
    attempt_id = line.device.attempt_id
    if not await queries.move_head(session, attempt_id, batch[0][0].previous, batch[-1][0].link):
        return None
    answers: dict[int, int | None] = {}
    refused: dict[int, str] = {}
    for piece, blob in batch:
        if piece.nonce is not None and blob is not None:
            answers[piece.n], why = await spots.take(
                session, attempt_id, piece.nonce, piece.n, piece.header["digest"], line.believed(piece, now), now
            )
            refused |= {piece.n: why} if why is not None else {}
    for kind in KINDS:
        mine = [(piece, blob) for piece, blob in batch if piece.kind == kind]
        if mine:
            await queries.keep_pieces(
                session, kind, [_row(line, piece, blob, now, answers.get(piece.n)) for piece, blob in mine]
            )
            event: Event = ARRIVED[kind](attempt_id, mine[0][0].n, mine[-1][0].n)
            await ledger.append(session, event, now)
    return Kept(refused)


def _row(line: Line, piece: PieceIn, blob: str | None, now: datetime, spot: int | None) -> dict[str, object]:
    taken_at = line.believed(piece, now)
    skew = (piece.taken_at - taken_at).total_seconds()
    row: dict[str, object] = {
        "attempt_id": line.device.attempt_id,
        "number": piece.n,
        "taken_at": taken_at,
        "skew": skew if abs(skew) > AHEAD.total_seconds() else None,
        "received_at": now,
        "blob": blob,
        "digest": b64u(hashlib.sha256(piece.body).digest()),
        "size": len(piece.body),
        "header": piece.header,
        # nobody can look at it: that is its reading
        "analysed_at": now if blob is None and piece.seen is None else None,
    }
    if piece.kind == "sound":
        return row
    claimed = None if piece.seen is None else piece.seen.model_dump(mode="json")
    return {**row, "challenge": piece.challenge, "claimed": claimed, "spot": spot}
