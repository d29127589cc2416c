"""A whole log, read and checked entry by entry: what a mirror knows and a single proof cannot, such as what came later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from credentials.errors import Malformed, NotProven, UnknownEntry
from credentials.keys.ed25519 import PublicKey
from credentials.transparency import entries, history, layout, log, notes, sources, tiles
from credentials.transparency.entries import Entry, Issued, KeyEvent, PolicySet, Purpose, ReceiptHead, StatusVersion
from credentials.transparency.history import History
from credentials.transparency.layout import Resource
from credentials.transparency.log import Checkpoint
from credentials.transparency.policy import Policy, Witnessed
from credentials.transparency.sources import Source
from credentials.transparency.tiles import WIDTH, Place, Tree

STEP = "public record"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Record:
    """A log up to its newest checkpoint, every entry and every tile of it checked.

    `histories`: the keys by purpose; `statuses`: each logged status list by digest, with the entry's number;
    `policies`: what the log announced of its witnesses and anchors, from which entry on.
    """

    note: str
    head: Checkpoint
    witnesses: Mapping[str, int]
    counts: Mapping[str, int]
    histories: Mapping[Purpose, History]
    statuses: Mapping[bytes, int]
    policies: tuple[tuple[int, PolicySet], ...]
    _tiles: Mapping[Place, bytes] = field(repr=False, default_factory=dict)

    def tree(self, size: int | None = None) -> Tree:
        """The tree of all entries, or of the first `size`. Raises Malformed where the log is smaller."""
        if size is not None and size > self.head.size:
            raise Malformed(f"the log has {self.head.size} entries, not yet {size}")
        return Tree(self._tiles, self.head.size if size is None else size)

    def continues(self, older: Checkpoint) -> None:
        """Return when that checkpoint is a beginning of this log. Raises NotProven: a split view, or a log rolled back."""
        if older.origin != self.head.origin:
            raise NotProven(STEP, f"that checkpoint is of the log {older.origin[:80]!r}, not of {self.head.origin!r}")
        if older.size > self.head.size:
            raise NotProven(
                "rolled back",
                f"the log signed {older.size} entries, and here it has {self.head.size}: this copy is old, or the log "
                "was rolled back",
            )
        if self.tree(older.size).root() != older.root:
            raise NotProven(
                "split view",
                f"the log signed two different histories of its first {older.size} entries: keep both files",
            )

    def announced(self, size: int) -> tuple[int, PolicySet] | None:
        """The policy that counted for a head of so many entries, by the log's own word, with the entry's number."""
        return next(((index, each) for index, each in reversed(self.policies) if index < size), None)

    def log_keys(self) -> tuple[PublicKey, ...]:
        """The log's keys that were not stolen: heads that they signed may stand in older files."""
        named = (key for key, span in self.histories["log"].spans.items() if span.compromised is None)
        return (*(PublicKey.from_multikey(text) for text in self.head.signers), *named)

    def newest_status(self) -> int | None:
        """The number of the entry with the newest status list."""
        return max(self.statuses.values(), default=None)


def read(source: Source, policy: Policy) -> Record:
    """Read all of a log. Raises Unreachable, Malformed, NotProven at the first file that is not what was signed."""
    note = sources.checkpoint(source)
    witnessed = policy.check(note)
    return _read(source, note, witnessed)


def _read(source: Source, note: str, witnessed: Witnessed) -> Record:
    head = witnessed.head
    reading = _Reading()
    for resource in layout.resources(head.size):
        data = sources.resource(source, resource)
        if resource.level is None:
            reading.bundle(resource, data)
        else:
            reading.tile(resource, data)
    reading.end(head)
    histories: dict[Purpose, History] = {
        purpose: history.of(reading.events, head, purpose) for purpose in entries.PURPOSES
    }
    check_signers(histories["log"], head)
    return Record(
        note,
        head,
        witnessed.witnesses,
        dict(sorted(reading.counts.items())),
        histories,
        reading.statuses,
        tuple(reading.policies),
        reading.tiles,
    )


def check_signers(log_history: History, head: Checkpoint) -> None:
    """Return when, of the keys that signed a head, one was the log's at that size. Raises NotProven.

    A log that never changed its key tells nothing about it: then whoever is trusted decides.
    """
    reasons = []
    for text in head.signers if log_history.spans else ():
        try:
            log_history.check(PublicKey.from_multikey(text), head.size - 1)
        except NotProven as reason:
            reasons.append(reason.reason)
        else:
            return
    if reasons:
        now = ", ".join(notes.NoteKey(head.origin, key).vkey for key in log_history.current())
        raise NotProven("log key", f"{reasons[0]}; by its own entries the log's key is now {now or 'none'}")


class _Reading:
    """The tree grows from the entries alone; the source's tiles are only compared with it."""

    def __init__(self) -> None:
        self.size = 0
        self.tiles: dict[Place, bytes] = {}
        self.counts: dict[str, int] = {}
        self.events: list[tuple[int, Entry]] = []
        self.statuses: dict[bytes, int] = {}
        self.policies: list[tuple[int, PolicySet]] = []

    def bundle(self, resource: Resource, data: bytes) -> None:
        found = layout.unbundle(data, resource.width)
        made = tiles.append(self.tiles, self.size, [log.leaf_hash(entry) for entry in found])
        self.tiles |= made
        for entry in found:
            self._take(self.size, entry)
            self.size += 1

    def _take(self, index: int, data: bytes) -> None:
        try:
            entry = entries.decode(data)
        except UnknownEntry:
            self.counts[UNKNOWN] = self.counts.get(UNKNOWN, 0) + 1
            return
        except Malformed as reason:
            raise Malformed(f"entry {index}: {reason}") from reason
        kind = entry.kind.decode()
        self.counts[kind] = self.counts.get(kind, 0) + 1
        match entry:
            case StatusVersion():
                self.statuses.setdefault(entry.digest, index)
            case PolicySet():
                self.policies.append((index, entry))
            case Issued() | ReceiptHead():
                pass
            case _ if isinstance(entry, KeyEvent):
                self.events.append((index, entry))

    def tile(self, resource: Resource, data: bytes) -> None:
        if resource.level is None:
            return
        made = self.tiles.get((resource.level, resource.index), b"")
        if made != data:
            compare(resource, made, data)

    def end(self, head: Checkpoint) -> None:
        if Tree(self.tiles, self.size).root() != head.root:
            raise NotProven(STEP, "the log's entries do not lead to the root that it signed")


def compare(resource: Resource, made: bytes, found: bytes) -> None:
    """Return when a tile is what the entries give. Raises NotProven, naming the first entry where the leaves differ."""
    if made == found:
        return
    pairs = zip(tiles.split(made), tiles.split(found), strict=False)
    at = next((at for at, (ours, theirs) in enumerate(pairs) if ours != theirs), 0)
    where = f"entry {resource.index * WIDTH + at}" if resource.level == 0 else f"its hash {at}"
    raise NotProven("forged tile", f"{resource.path} is not what the log's entries give, from {where} on")
