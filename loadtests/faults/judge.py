"""At the end: what each candidate holds, beside what the server gives back. An implementation of its own checks receipts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature

from loadtests.device import digest, verify_signed
from loadtests.faults.browsers import Typist
from loadtests.faults.writer import Entry, Writer
from loadtests.people import Person

File = dict[str, Any]


@dataclass
class Verdict:
    """What was lost, each with words that say where. Empty lists are what we want."""

    acknowledged_lost: list[str] = field(default_factory=list)
    typed_lost: list[str] = field(default_factory=list)
    submissions_lost: list[str] = field(default_factory=list)
    not_proven: list[str] = field(default_factory=list)
    forked: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    acknowledged: int = 0
    typed: int = 0
    submitted: int = 0

    @property
    def losses(self) -> dict[str, list[str]]:
        """Each kind in words, and what it found."""
        return {
            "acknowledged answers lost": self.acknowledged_lost,
            "answers typed more than 3 s before a crash lost": self.typed_lost,
            "submissions lost": self.submissions_lost,
            "receipts or seals that do not verify": self.not_proven,
            "chains that fork": self.forked,
            "pages that stopped saving": self.stopped,
        }

    # --- one candidate ---

    def writer(self, writer: Writer, file: File) -> None:
        """Compare a scripted candidate's own record with the file."""
        name, device = writer.person.name, writer.device
        self.stopped += [f"{name}: {why}" for why in writer.stopped]
        self.not_proven += [f"{name}: {why}" for why in writer.not_proven]
        self.chain(name, file)
        held = [entry for entry in writer.journal if entry.receipt is not None]
        self.acknowledged += len(held)
        self.typed += len(writer.journal)
        by_seq = {receipt["seq"]: receipt for receipt in file["receipts"]}
        self._acknowledged(name, held, by_seq, file["answers"])
        kept = {answer["text"] for answer in file["answers"].values()}
        self.typed_lost += [f"{name}: {each.answer}" for each in writer.journal if each.answer["text"] not in kept]
        self.sealed(name, writer.seal, file, device.head)
        last = {entry.item: entry.answer for entry in writer.journal}
        newest = {receipt["item"]: file["answers"].get(str(receipt["seq"])) for receipt in file["receipts"]}
        self.typed_lost += [
            f"{name}: {item} ends with {newest.get(item)}"
            for item, answer in last.items()
            if newest.get(item) != answer
        ]

    def _acknowledged(self, name: str, held: list[Entry], by_seq: dict[int, Any], answers: File) -> None:
        for entry in held:
            assert entry.receipt is not None
            seq = entry.receipt["seq"]
            if seq not in by_seq or answers.get(str(seq)) != entry.answer:
                self.acknowledged_lost.append(f"{name}: number {seq}, {entry.answer}")
            elif by_seq[seq] != entry.receipt:
                self.forked.append(f"{name}: two receipts for number {seq}")

    def typist(self, typist: Typist, file: File) -> None:
        """A real browser: what was in its fields when it was submitted, and what it lost on the way."""
        self.chain(typist.name, file)
        self.typed_lost += typist.lost
        newest = {receipt["item"]: file["answers"].get(str(receipt["seq"])) for receipt in file["receipts"]}
        last = {item: text.rstrip() for _, item, text in typist.typed}
        for item, text in last.items():
            found = str((newest.get(item) or {}).get("text", "")).rstrip()
            if not found.startswith(text) and item == typist.typed[-1][1]:
                self.typed_lost.append(f"{typist.name}: {item} ends with {found[-60:]!r}, not {text[-60:]!r}")
        self.typed += len(typist.typed)
        self.sealed(typist.name, file["seal"], file, None)

    def chain(self, name: str, file: File) -> None:
        """Every signature and every link, from the start statement to the seal."""
        keys = [_key(text) for text in file["keys"]]
        previous = digest(file["start"])
        for number, receipt in enumerate(file["receipts"], start=1):
            if (receipt["seq"], receipt["previous"]) != (number, previous):
                self.forked.append(f"{name}: number {number} does not follow the one before")
            if receipt["answer_hash"] != digest(file["answers"][str(number)]):
                self.not_proven.append(f"{name}: number {number} proves another answer")
            if not _signed(receipt, keys):
                self.not_proven.append(f"{name}: the signature of number {number}")
            previous = digest(receipt)
        if file["seal"] and ((file["seal"]["head"] != previous) or not _signed(file["seal"], keys)):
            self.not_proven.append(f"{name}: the seal")

    def sealed(self, name: str, seal: File | None, file: File, head: str | None) -> None:
        """The seal that the candidate was given is the one in the file, at the end of the whole chain."""
        if seal is None or file["seal"] != seal or seal["seq"] != len(file["receipts"]):
            self.submissions_lost.append(f"{name}: held {seal}, the server gives {file['seal']}")
        elif head is not None and seal["head"] != head:
            self.forked.append(f"{name}: sealed at another head")
        else:
            self.submitted += 1

    # --- the whole room ---

    async def instructor(self, person: Person, sitting: str, names: Iterable[str]) -> None:
        """The instructor's export and live page say the same: each is there, submitted, with so many saves."""
        answer = await person.client.get(f"/sittings/{sitting}/results.csv")
        rows = {row["name"]: row for row in csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))}
        for name in names:
            row = rows.get(name, {})
            if row.get("state") not in {"submitted", "graded"} or not row.get("submitted at"):
                self.submissions_lost.append(f"{name}: the instructor's export says {row.get('state')!r}")


def _key(multikey: str) -> Any:
    """The Ed25519 key of a Multikey: base58btc of 0xed01 and 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number = 0
    for letter in multikey.removeprefix("z"):
        number = number * 58 + letters.index(letter)
    return Ed25519PublicKey.from_public_bytes(number.to_bytes(34, "big")[2:])


def _signed(said: File, keys: list[Any]) -> bool:
    for key in keys:
        try:
            verify_signed(said, key)
        except InvalidSignature:
            continue
        return True
    return False
