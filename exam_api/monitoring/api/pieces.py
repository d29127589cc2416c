"""The one socket of an exam room: pictures and sounds come in, what is kept goes back."""

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from obstore.exceptions import BaseError as StoreError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from exam_api.attempts import queries as attempts
from exam_api.attempts.access import NONCE_HEADER, live_place, prove_device
from exam_api.db.session import transaction
from exam_api.errors import (
    ExamError,
    Invalid,
    StoreDown,
    TokenNotValid,
    WrongState,
    code_of,
)
from exam_api.installation import Installation
from exam_api.monitoring.schemas import DECLINE, HELLO, DeclineIn, PieceIn, read_piece
from exam_api.monitoring.service import asks, life, pieces
from exam_api.monitoring.service.pieces import Chance as Random
from exam_api.monitoring.service.pieces import Line
from exam_api.web.deps import Chance, Here, server_time
from exam_api.web.problems import DISK_FULL, OF_DATABASE, of_database

log = logging.getLogger("exam_api.monitoring")
router = APIRouter(prefix="/api")
BATCH = 5  # pieces that share one commit and one job
LINGER = 0.3  # seconds that the first piece of a batch waits for company: what comes in a burst shares a commit
SILENCE = 60.0  # seconds without a piece after which the socket is given up
HELLOS = 3
CLOSE_REFUSED, CLOSE_BAD, CLOSE_LATER, CLOSE_MISTAKE = 4401, 4400, 1013, 1011
Batch = list[tuple[PieceIn, str | None]]


@router.websocket("/attempts/{attempt_id}/frames")
async def frames(socket: WebSocket, attempt_id: UUID, here: Here, chance: Chance) -> None:
    """Pieces of the live device. `kept` is said when a batch is committed, not before."""
    await socket.accept()
    try:
        line = await _greet(socket, here, attempt_id, chance)
        await Receiver(socket, here, line, chance).run()
    except ExamError as error:
        code = CLOSE_BAD if isinstance(error, Invalid) else CLOSE_REFUSED
        await _farewell(socket, code, code_of(error))
    except StoreError as error:
        log.error("the blob store does not take pieces: %s", error)  # noqa: TRY400  (its words say all)
        await _farewell(socket, CLOSE_LATER, code_of(StoreDown()))
    except TimeoutError:
        await _farewell(socket, 1001, "silence")
    except WebSocketDisconnect:
        return
    except Exception as error:  # the app's answers to what fails are for requests: none fits into an open socket
        said = of_database(error) if isinstance(error, OF_DATABASE) else None
        if said is None:
            log.exception("the pieces of attempt %s", attempt_id)
        await _farewell(socket, CLOSE_LATER if said else CLOSE_MISTAKE, code_of(said or ExamError()))


def full(error: DBAPIError) -> bool:
    """Whether the database found no room: the transaction is undone, and what was confirmed stays."""
    return getattr(error.orig, "sqlstate", None) == DISK_FULL


async def _farewell(socket: WebSocket, code: int, reason: str) -> None:
    try:
        await socket.close(code, reason)
    except RuntimeError:  # the other side has already gone
        return


async def _greet(socket: WebSocket, here: Installation, attempt_id: UUID, chance: Random) -> Line:
    """Token and proof in the first message (a browser cannot send headers here); a fresh nonce on request."""
    for _ in range(HELLOS):
        try:
            hello = HELLO.validate_json(await asyncio.wait_for(socket.receive_text(), 10))
        except (ValidationError, KeyError) as error:
            raise Invalid("The first message holds a token and a proof.") from error
        now = server_time()
        try:
            device = prove_device(
                here,
                now,
                attempt_id,
                method="GET",
                path=socket.url.path,
                authorization=f"DPoP {hello.token}",
                proof=hello.proof,
            )
        except TokenNotValid as error:
            await socket.send_text(json.dumps({"refused": code_of(error), "nonce": error.headers.get(NONCE_HEADER)}))
            continue
        async with transaction(here.sessions) as session:
            if not await attempts.see_proof(session, device.proof.jti, device.proof_expires_at):
                break
            place = await live_place(session, device)
            ended = pieces.check_time(place, now)
            line = await pieces.open_line(session, here, place, device, hello, now, chance)
            if ended is None:
                await asks.plan_life(session, here, place, chance(16))
        await socket.send_text(
            json.dumps({"ready": True, "next": line.following, "head": line.head, "looks": line.looks})
        )
        return line
    raise TokenNotValid


class Receiver:
    """Takes pieces in small batches: one commit and one job for several. What is not kept leaves the store again."""

    def __init__(self, socket: WebSocket, here: Installation, line: Line, chance: Random) -> None:
        self.socket = socket
        self.here = here
        self.line = line  # as if the batch were kept
        self.chance = chance
        self.batch: Batch = []
        self.first_at: datetime | None = None
        self.asked: set[str] = set()
        self.nonces: set[str] = set()  # of the checks that were asked for here
        self.relinking = False  # we have said where the chain ends, and wait for a piece that fits

    async def run(self) -> None:
        """Until somebody leaves."""
        try:
            await self._receive()
        except (ExamError, StoreError, WebSocketDisconnect, TimeoutError, DBAPIError) as error:
            # After a lost connection they might be kept, so they stay; what found no room is not, and takes none.
            if not isinstance(error, DBAPIError) or full(error):
                with suppress(StoreError):
                    await pieces.drop(self.here, [blob for _, blob in self.batch])
            raise

    async def _receive(self) -> None:
        began, taken = time.monotonic(), 0
        while True:
            try:
                message = await asyncio.wait_for(self._next(), self._patience())
            except TimeoutError:
                if not self.batch:
                    raise
            else:
                taken += 1
                if isinstance(message, bytes):
                    await self._read(message)
                else:
                    await self._decline(message)
            if self.batch and (self._patience() <= 0 or len(self.batch) >= BATCH):
                await self._keep(server_time())
            if taken > pieces.BURST + sum(pieces.PACE.values()) * (time.monotonic() - began):
                await asyncio.sleep(1 / pieces.PACE["frame"])  # the network then makes a flood wait

    def _patience(self) -> float:
        """Seconds that we wait for the next piece: until the first of the batch has waited long enough."""
        if self.first_at is None:
            return SILENCE
        return max(0.0, LINGER - (server_time() - self.first_at).total_seconds())

    async def _next(self) -> bytes | DeclineIn:
        """A piece, or what the page says in words."""
        message = await self.socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        if (body := message.get("bytes")) is not None:
            return bytes(body)
        try:
            return DECLINE.validate_json(message.get("text") or "")
        except ValidationError as error:
            raise Invalid("A piece is a binary message.") from error

    async def _decline(self, what: DeclineIn) -> None:
        """The candidate does not want to show a sign of life: nobody waits for it."""
        async with transaction(self.here.sessions) as session:
            await life.decline(session, self.line.device.attempt_id, what.challenge, server_time())

    async def _read(self, message: bytes) -> None:
        """Take what is in a message. What fitted before one that is refused is kept: it would otherwise come again with it."""
        try:
            await self._take(read_piece(message))
        except Invalid:
            if self.batch:
                await self._keep(server_time())
            raise

    async def _take(self, piece: PieceIn) -> None:
        """Put one piece into the batch. A number that came before is kept already."""
        now = server_time()
        pieces.check_piece(self.line, piece, now)
        if piece.n <= self.line.kept[piece.kind]:
            return
        if piece.previous != self.line.head:
            await self._relink()
            return
        self.relinking = False
        piece = self.line.named(piece)
        still = pieces.is_still(piece, self.nonces)
        self.nonces.discard(piece.nonce or "")  # it is asked for one picture
        piece = pieces.admit(self.line, piece, still=still, now=now)
        self.batch.append((piece, await pieces.store(self.here, self.line, piece, self.chance)))
        self.line = self.line.after(piece, still=still)
        self.first_at = self.first_at or now

    async def _relink(self) -> None:
        """Say where the chain ends, once: what was sent meanwhile does not fit either."""
        if self.batch:  # what fitted comes first, so that what we say is true
            await self._keep(server_time())
        if not self.relinking:
            self.relinking = True
            await self._say({"relink": {"next": self.line.following, "head": self.line.head}})

    async def _keep(self, now: datetime) -> None:
        """One commit. A refusal leaves the pieces to be dropped.

        After the end of an attempt only what was taken before it is kept. Raises `WrongState` for the rest.
        """
        batch: Sequence[tuple[PieceIn, str | None]] = self.batch
        asked: list[dict[str, Any]] = []
        async with transaction(self.here.sessions) as session:
            ended = pieces.check_time(await live_place(session, self.line.device), now)
            if ended is not None:
                batch = list(takewhile(lambda each: self.line.believed(each[0], now) <= ended, self.batch))
            if batch and (kept := await pieces.keep(session, self.line, batch, now)) is None:
                self.line = await pieces.renew(session, self.line)
            if ended is None:
                told = any(piece.seen is not None for piece, _ in batch)
                asked = await asks.pending(session, self.here, self.line, now, self.chance, told=told)
        self.batch, self.first_at = self.batch[len(batch) :], None
        if self.batch:  # taken after the end
            raise WrongState
        if kept is None:
            await pieces.drop(self.here, [blob for _, blob in batch])
        await self._say({"kept": self.line.kept})
        for number, why in kept.refused.items() if kept else ():
            await self._say({"refused_picture": {"n": number, "why": why}})
        for piece, _ in batch if kept else ():
            if piece.unsaid is not None:
                await self._say({"refused_word": {"n": piece.n, "why": piece.unsaid}})
        for what in asked:
            await self._ask(what)
        if kept is None:
            await self._relink()

    async def _ask(self, what: dict[str, Any]) -> None:
        """Once on each socket."""
        if (name := json.dumps(what)) not in self.asked:
            self.asked.add(name)
            if "spot" in what:
                self.nonces.add(what["spot"]["nonce"])
            if "challenge" in what:
                self.line = self.line.asking(what["challenge"]["n"])
            await self._say(what)

    async def _say(self, what: dict[str, Any]) -> None:
        await self.socket.send_text(json.dumps(what))
