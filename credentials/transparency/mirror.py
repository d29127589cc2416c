"""A mirror: a whole copy of a log in a folder, every entry and tile of it checked, so that certificates outlive the issuer.

The folder holds the files exactly as they are served (`credentials.transparency.layout`); any web server, or a USB stick, can carry it.
A copy is first made whole beside the old one: a log that does not continue what was copied before changes nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from credentials import files
from credentials.errors import Malformed, NotProven, UnknownEntry
from credentials.transparency import history, layout, log, notes, sources, tiles
from credentials.transparency import policy as policies
from credentials.transparency.cosignatures import CosigningKey
from credentials.transparency.entries import Entry, KeyEvent, PolicySet, decode
from credentials.transparency.layout import CHECKPOINT, Resource
from credentials.transparency.log import Checkpoint
from credentials.transparency.notes import NoteKey
from credentials.transparency.policy import Log, Policy
from credentials.transparency.record import STEP, check_signers, compare
from credentials.transparency.sources import Folder, Source
from credentials.transparency.tiles import WIDTH, Place, Tree

_PENDING = ".pending"
_TOLD = "about-the-log.json"  # beside the served files; follows from them


@dataclass(frozen=True)
class Announced:
    """The policy that the log announced of itself in entry `index`: who of it cosigned the newest head, and whether it holds."""

    index: int
    witnesses: tuple[str, ...]
    satisfied: bool


@dataclass(frozen=True)
class Copied:
    """What a copy added: the log had `before` entries here and has `size` now."""

    origin: str
    before: int
    size: int
    announced: Announced | None = None


def copy(source: Source, folder: Path, policy: Policy, key: CosigningKey | None = None, at: int = 0) -> Copied:
    """Bring the copy in `folder` to the source's newest checkpoint; cosign it with the mirror's `key` where there is one.

    Raises Unreachable, Malformed; NotProven: "rolled back", "split view", "forged tile", "log entries", "public record".
    """
    note, told = sources.checkpoint(source), _told(folder)
    rules = following(policy, told)
    head, last = rules.check(note).head, _last(folder, rules)
    if last is not None:
        _check_continues(source, head, last)
    before = 0 if last is None else last.size
    pending = folder / _PENDING
    shutil.rmtree(pending, ignore_errors=True)
    copying = _Copying(source, folder, pending, head, before)
    copying.run()
    told |= copying.told
    check_signers(history.of(_decoded(told), head, "log"), head)
    _move(pending, folder)
    files.write(folder / _TOLD, json.dumps({str(index): entry.hex() for index, entry in told.items()}).encode())
    files.write(folder / CHECKPOINT, (note if key is None else _cosigned(note, key, at)).encode())
    return Copied(head.origin, before, head.size, _announced(told, note, head.size))


def following(policy: Policy, told: Mapping[int, bytes]) -> Policy:
    """The policy with the keys that, by the copied entries, follow the log's keys that it names."""
    more = []
    for each in policy.logs:
        if isinstance(each.key, NoteKey) and told:
            known = Checkpoint(each.key.name, max(told) + 1, b"", (each.key.key.multikey,))
            found = history.of(_decoded(told), known, "log")
            more += [Log(NoteKey(each.key.name, key), each.url) for key in found.current() if key != each.key.key]
    return replace(policy, logs=(*policy.logs, *more))


def _told(folder: Path) -> dict[int, bytes]:
    """The entries about keys of the log and its policy among those that were copied."""
    path = folder / _TOLD
    if not path.exists():
        return _told_again(folder)
    try:
        return {int(index): bytes.fromhex(entry) for index, entry in json.loads(path.read_text("utf-8")).items()}
    except (ValueError, AttributeError, TypeError) as reason:
        raise Malformed(f"{path} is damaged; copy the log into a new folder") from reason


def _told_again(folder: Path) -> dict[int, bytes]:
    """The same from the copied bundles, for a copy that an older version made."""
    own, told = Folder(folder), dict[int, bytes]()
    note = own.read(CHECKPOINT, notes.MAX_NOTE)
    size = 0 if note is None else log.read_checkpoint(notes.parse(note.decode(errors="replace")).text).size
    for resource in layout.resources(size):
        if resource.level is None:
            found = layout.unbundle(sources.resource(own, resource), resource.width)
            told |= {resource.index * WIDTH + at: entry for at, entry in enumerate(found) if _tells(entry)}
    return told


def _decoded(told: Mapping[int, bytes]) -> list[tuple[int, Entry]]:
    return [(index, decode(entry)) for index, entry in sorted(told.items())]


def _announced(told: Mapping[int, bytes], note: str, size: int) -> Announced | None:
    """The log's own policy in force, and whether this head meets it; None where it announced nothing that can be read."""
    found = [(index, each) for index, each in _decoded(told) if isinstance(each, PolicySet) and index < size]
    try:
        rules = policies.read(found[-1][1].text.encode()) if found else None
    except Malformed:
        return None
    if rules is None:
        return None
    seen = rules.cosigned(note)
    return Announced(found[-1][0], tuple(sorted(seen)), rules.satisfied(seen))


def _cosigned(note: str, key: CosigningKey, at: int) -> str:
    """With the mirror's own line, which says besides that all entries lie here."""
    read = notes.parse(note)
    place = (key.name, key.public.key_id)
    others = tuple(each for each in read.signatures if (each.name, each.key_id) != place)
    return str(notes.Note(read.text, (*others, key.cosign(read.text, at))))


def _last(folder: Path, policy: Policy) -> Checkpoint | None:
    data = Folder(folder).read(CHECKPOINT, notes.MAX_NOTE)
    return None if data is None else policy.check(data.decode(errors="replace")).head


def _check_continues(source: Source, head: Checkpoint, last: Checkpoint) -> None:
    if head.origin != last.origin:
        raise NotProven(STEP, f"this folder holds the log {last.origin[:80]!r}, not {head.origin[:80]!r}")
    if head.size < last.size:
        raise NotProven(
            "rolled back", f"the log signed {last.size} entries before and shows {head.size} now: keep both checkpoints"
        )
    if last.size == 0:
        return
    needed = tiles.needed(head.size, last.size - 1)
    tree = Tree({place: _tile(source, place, head.size) for place in needed}, head.size)
    path = tree.consistency(last.size)
    try:
        log.verify_consistency(last.size, head.size, path, last.root, head.root)
    except NotProven as reason:
        raise NotProven(
            "split view",
            f"what the log signed of its first {last.size} entries is another history than the one copied here: keep both "
            "checkpoints, they prove it",
        ) from reason


def _tile(source: Source, place: Place, size: int) -> bytes:
    level, index = place
    width = min(WIDTH, (size >> tiles.HEIGHT * level) - index * WIDTH)
    return sources.resource(source, Resource(level, index, width))


class _Copying:
    """The tree grows from the entries; each file is written beside the copy and moved only when the root was reached."""

    def __init__(self, source: Source, folder: Path, pending: Path, head: Checkpoint, size: int) -> None:
        self.source, self.pending, self.head = source, pending, head
        self.own = Folder(folder)
        self.size = size // WIDTH * WIDTH  # a bundle that was partial is read again, whole
        self.tiles = {place: self._own_tile(place) for place in tiles.needed(self.size)}
        self.told: dict[int, bytes] = {}

    def _own_tile(self, place: Place) -> bytes:
        return _tile(self.own, place, self.size)

    def run(self) -> None:
        """Fetch, check and write what is new."""
        began = self.size
        for resource in layout.resources(self.head.size):
            first = resource.index * WIDTH
            if resource.level is None and first >= began:
                self._bundle(resource)
            elif resource.level is not None and (resource.index + 1) * WIDTH > began >> tiles.HEIGHT * resource.level:
                self._tile(resource)
        if Tree(self.tiles, self.size).root() != self.head.root:
            raise NotProven(STEP, "the log's entries do not lead to the root that it signed")

    def _bundle(self, resource: Resource) -> None:
        data = sources.resource(self.source, resource)
        entries = layout.unbundle(data, resource.width)
        self.tiles |= tiles.append(self.tiles, self.size, [log.leaf_hash(entry) for entry in entries])
        self.told |= {self.size + at: entry for at, entry in enumerate(entries) if _tells(entry)}
        self.size += len(entries)
        self._write(resource, data)

    def _tile(self, resource: Resource) -> None:
        data = sources.resource(self.source, resource)
        if resource.level is None:
            raise Malformed("a bundle is no tile")
        compare(resource, self.tiles.get((resource.level, resource.index), b""), data)
        self._write(resource, data)

    def _write(self, resource: Resource, data: bytes) -> None:
        path = self.pending / resource.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _tells(data: bytes) -> bool:
    """Whether an entry is about the log itself: its keys, its policy. The first byte spares reading all the others."""
    if data[:1] not in {b"k", b"p"}:
        return False
    try:
        entry = decode(data)
    except UnknownEntry:
        return False
    return isinstance(entry, PolicySet) or (isinstance(entry, KeyEvent) and entry.purpose == "log")


def _move(pending: Path, folder: Path) -> None:
    """Into place, each by a rename; the checkpoint that promises them follows only after all are durable."""
    if not pending.exists():
        return
    for found in sorted(pending.rglob("*")):
        if found.is_file():
            files.write(folder / found.relative_to(pending), found.read_bytes())
    shutil.rmtree(pending)
