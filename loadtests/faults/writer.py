"""A scripted candidate who does what the page in the exam room does, and keeps everything that proves what happened.

The rules are those of `exam_api/web/static/js/room/saver.js` and `refusals.js`: answers go out in order, one at a time; the
number is chosen once; what is not acknowledged is sent again with growing pauses; a gap or a conflict is numbered anew
behind what is there.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature

from loadtests.device import Device, digest, verify_signed
from loadtests.people import Person

ITEMS = ("one", "two", "three", "four")
RETRY = (1, 2, 4, 8, 10)
PATIENCE = 20.0  # seconds that a request may take before the page counts it as lost


def verdict(status: int, code: str) -> str:
    """What the page does after this refusal of an answer: `refusals.js` has the same table."""
    if status in {408, 429} or status >= 500 or code in {"nonce-needed", "proof-replayed"}:
        return "again"
    if code == "paused":
        return "wait"
    if code in {"sequence-gap", "sequence-conflict"}:
        return "renumber"
    if code == "section-closed":
        return "beside"
    return "refuse" if code in {"unknown-item", "invalid", "too-large", "attachment-unfinished"} else "stop"


class Refused(Exception):
    """The server said no. `code` names why."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.status_code} {answer.text[:200]}")
        self.status = answer.status_code
        self.code = str(answer.json()["code"])

    @property
    def verdict(self) -> str:
        return verdict(self.status, self.code)


class Offline(Exception):
    """Nothing is known about this request: it may have come through or not."""


@dataclass
class Entry:
    """One answer in the journal, which survives a reload. `receipt` is None until a verified one has come."""

    item: str
    answer: dict[str, str]
    typed_at: float
    created_at: str = ""  # by the device's idea of the server's time
    mark: dict[str, Any] | None = None  # our signed time before it
    seq: int | None = None
    receipt: dict[str, Any] | None = None


@dataclass
class Writer:
    """One candidate in one attempt."""

    person: Person
    device: Device
    rng: random.Random
    pause: tuple[float, float]
    journal: list[Entry] = field(default_factory=list)
    seal: dict[str, Any] | None = None
    not_proven: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    repeats: int = 0
    reloads: int = 0
    _new: asyncio.Event = field(default_factory=asyncio.Event)
    _reload: bool = False

    @property
    def waiting(self) -> list[Entry]:
        return [entry for entry in self.journal if entry.receipt is None]

    # --- what the person does ---

    async def write(self, over: asyncio.Event) -> None:
        """Type until the exam is over, then submit."""
        sender = asyncio.create_task(self._send_for_ever())
        try:
            while not over.is_set():
                await _either(over, self.rng.uniform(*self.pause))
                item = self.rng.choice(ITEMS)
                text = f"{self.person.name} wrote this as number {len(self.journal) + 1}."
                written = datetime.fromtimestamp(self.device.now(), UTC).isoformat()
                self.journal.append(Entry(item, {"text": text}, time.time(), written, self.device.mark))
                self._new.set()
            while self.waiting:
                self._new.set()
                await asyncio.sleep(0.2)
            await self._submit()
        finally:
            sender.cancel()

    def reload(self) -> None:
        """The page is loaded again in the middle of everything: only the journal and the key remain."""
        self._reload = True
        self._new.set()

    # --- what the page does ---

    async def _send_for_ever(self) -> None:
        tries = 0
        while True:
            try:
                if self._reload:
                    self.device.token = self.device.nonce = None
                    await self._catch_up()
                    self._reload = False
                    self.reloads += 1
                if not self.waiting:
                    self._new.clear()
                    await self._new.wait()
                    continue
                await self._send_one(self.waiting[0])
                tries = 0
            except Offline:
                self.repeats += 1
                await asyncio.sleep(RETRY[min(tries, len(RETRY) - 1)])
                tries += 1
            except Refused as refused:
                await self._refused(refused)

    async def _refused(self, refused: Refused) -> None:
        if refused.verdict in {"again", "wait"}:
            self.repeats += 1
            await asyncio.sleep(1)
        elif refused.verdict == "renumber":
            try:
                await self._catch_up()
            except (Offline, Refused):
                await asyncio.sleep(1)
            else:
                for entry in self.waiting:
                    entry.seq = None
        else:
            # The page would stop here, or keep this one answer back. Its person loads it again.
            self.stopped.append(str(refused))
            await asyncio.sleep(2)
            self.reload()

    async def _send_one(self, entry: Entry) -> None:
        if entry.seq is None:
            entry.seq = self.device.seq + 1
        following = entry.seq == self.device.seq + 1
        body = {
            "seq": entry.seq,
            "item": entry.item,
            "answer": entry.answer,
            "created_at": entry.created_at,
        } | ({"previous": self.device.head} if following else {})
        body |= self.device.proof_of_time(entry.mark)
        receipt = await self._ask("POST", "responses", body)
        wanted = {
            "type": "receipt",
            "attempt": self.device.attempt,
            "seq": entry.seq,
            "item": entry.item,
            "answer_hash": digest(entry.answer),
        } | ({"previous": self.device.head} if following else {})
        self._prove(receipt, wanted)
        entry.receipt = receipt
        if entry.seq >= self.device.seq:
            self.device.seq, self.device.head = entry.seq, digest(receipt)

    def _prove(self, said: dict[str, Any], wanted: dict[str, Any]) -> None:
        """Everything it must say, and its signature; what does not hold is remembered and believed no further."""
        if wrong := [name for name, value in wanted.items() if said.get(name) != value]:
            self.not_proven.append(f"{', '.join(wrong)}: {said} instead of {wanted}")
            return
        try:
            assert self.device.receipt_key is not None
            verify_signed(said, self.device.receipt_key)
        except (InvalidSignature, KeyError, ValueError) as error:
            self.not_proven.append(f"{type(error).__name__}: {said}")

    async def _catch_up(self) -> None:
        self.device.learn(await self._ask("GET", "paper"))

    async def _submit(self) -> None:
        """As often as it takes: the person presses the button again."""
        while self.seal is None:
            try:
                seal = await self._ask("POST", "submit", {"seq": self.device.seq, "head": self.device.head})
            except Offline:
                await asyncio.sleep(1)
            except Refused as refused:
                if refused.code == "sequence-gap":
                    await self._again_after(self._catch_up)
                elif refused.verdict != "again":
                    self.stopped.append(f"submit: {refused}")
                    await asyncio.sleep(2)
                await asyncio.sleep(0.5)
            else:
                self._prove(seal, {"attempt": self.device.attempt, "seq": self.device.seq, "head": self.device.head})
                self.seal = seal

    async def _again_after(self, step: Any) -> None:
        try:
            await step()
        except (Offline, Refused):
            await asyncio.sleep(1)

    async def _ask(self, method: str, rest: str, body: Any = None) -> Any:
        path = f"/api/attempts/{self.device.attempt}/{rest}"
        try:
            answer = await asyncio.wait_for(self.device.send(method, path, body, lost=0), PATIENCE)
        except httpx.HTTPStatusError as error:  # while a token was renewed
            answer = error.response
        except (httpx.TransportError, TimeoutError, ValueError) as error:
            raise Offline from error
        return _read(answer)


def _read(answer: httpx.Response) -> Any:
    """What the server said. An answer that is cut off or not its own, such as a gateway's, says nothing."""
    try:
        said = answer.json()
    except ValueError as error:
        raise Offline from error
    if 502 <= answer.status_code <= 504 or (answer.is_error and "code" not in said):
        raise Offline
    if answer.is_error:
        raise Refused(answer)
    return said


async def _either(over: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(over.wait(), seconds)
    except TimeoutError:
        return
