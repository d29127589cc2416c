"""When a key counted, by the numbers of the log's entries: never by a date, which a stolen key could write too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from credentials.canonical import JsonObject, b64u, b64u_decode
from credentials.errors import BadKey, Malformed, NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.transparency import log
from credentials.transparency.entries import (
    Entry,
    KeyAdded,
    KeyCompromised,
    KeyEvent,
    KeyRetired,
    Purpose,
    check_possession,
    decode,
)
from credentials.transparency.log import Checkpoint

STEP = "key history"
_MOST_EVENTS = 1_000


@dataclass(frozen=True)
class Span:
    """The entries that a key may have signed: from number `first` on, up to `retired` and `last_valid` where these are said.

    `told` is the number of the entry that made it known.
    """

    told: int
    first: int
    retired: int | None = None
    last_valid: int | None = None
    compromised: int | None = None  # the number of the entry that says so

    @property
    def current(self) -> bool:
        """Whether the key signs still."""
        return self.retired is None and self.compromised is None


@dataclass(frozen=True)
class History:
    """The keys of one purpose in one log, as far as `size` entries tell."""

    origin: str
    purpose: Purpose
    spans: Mapping[PublicKey, Span]
    size: int

    def check(self, key: PublicKey, index: int) -> None:
        """Return when the log lets this key have signed its entry `index`. Raises NotProven with what the log says.

        What a retired key for receipts had signed may come into the log later: seals wait for the next batch. A key of the log
        itself signs heads: that of so many entries is asked about by the number of the last.
        """
        span = self.spans.get(key)
        if span is None:
            raise NotProven(STEP, f"the log {self.origin} never named {key.multikey} as a key of its {self.purpose}")
        if index < span.first:
            raise NotProven(STEP, f"entry {index} is older than the key, which the log named in entry {span.told}")
        if span.last_valid is not None and index > span.last_valid:
            raise NotProven(
                STEP,
                f"entry {span.compromised} says that somebody else had the key: only what stands in the log up to "
                f"entry {span.last_valid} counts, whatever its date; this is entry {index}",
            )
        if span.retired is not None and index > span.retired and self.purpose != "receipt":
            raise NotProven(STEP, f"the key was retired in entry {span.retired}, this is entry {index}")

    def current(self) -> tuple[PublicKey, ...]:
        """The keys that sign now, in the order in which the log named them."""
        return tuple(key for key, span in self.spans.items() if span.current)


def part(events: Iterable[tuple[int, bytes, Sequence[bytes]]]) -> list[JsonObject]:
    """How a certificate's file carries a history: each entry's number, its bytes, and its path under the file's checkpoint."""
    return [
        {"index": index, "entry": b64u(entry), "path": [b64u(sibling) for sibling in path]}
        for index, entry, path in events
    ]


def read_part(found: object, head: Checkpoint) -> list[tuple[int, Entry]]:
    """The numbered entries of such a part, each proven to stand in the log. Raises Malformed, NotProven."""
    if not isinstance(found, list) or len(found) > _MOST_EVENTS:
        raise Malformed("the history of the keys is not a list")
    return [_event(each, head) for each in found]


def _event(found: object, head: Checkpoint) -> tuple[int, Entry]:
    if not isinstance(found, dict) or set(found) != {"index", "entry", "path"}:
        raise Malformed("an event of the keys' history has its index, its entry and its path")
    index, text, path = found["index"], found["entry"], found["path"]
    if type(index) is not int or not isinstance(text, str) or not isinstance(path, list):
        raise Malformed("an event of the keys' history is not in its form")
    entry, siblings = b64u_decode(text), [b64u_decode(each) for each in path]
    log.verify_inclusion(log.leaf_hash(entry), index, head.size, siblings, head.root)
    return index, decode(entry)


def of(entries: Iterable[tuple[int, Entry]], head: Checkpoint, purpose: Purpose) -> History:
    """The history that these numbered entries of a proven head tell, in their order.

    Raises NotProven where they contradict themselves, or were made for a log of another key.
    It is complete only where all entries up to `size` were looked at; a few of them may leave out the one that matters.
    """
    told = _in_order(entries, head)
    logs = log_keys(told, head)
    spans: dict[PublicKey, Span] = {}
    for index, entry in told:
        if isinstance(entry, KeyEvent) and entry.purpose == purpose:
            spans |= _after(spans, index, entry, logs)
    return History(head.origin, purpose, spans, head.size)


def _in_order(entries: Iterable[tuple[int, Entry]], head: Checkpoint) -> list[tuple[int, Entry]]:
    before, told = -1, list(entries)
    for index, _ in told:
        if not before < index < head.size:
            raise NotProven(STEP, "the entries about keys are not in the order of the log")
        before = index
    return told


def log_keys(told: Sequence[tuple[int, Entry]], head: Checkpoint) -> Collection[str]:
    """The log's own keys (Multikey): those that signed this head, and those before or after them, as each pair has signed."""
    pairs = [entry for _, entry in told if isinstance(entry, KeyAdded) and entry.purpose == "log" and _signed(entry)]
    known = set(head.signers)
    for _ in pairs:  # each round joins one pair at least, or none is left that could be joined
        for entry in pairs:
            if known & {entry.log, entry.key.multikey}:
                known |= {entry.log, entry.key.multikey}
    return known


def _signed(entry: KeyAdded) -> bool:
    try:
        check_possession(entry)
    except (NotProven, BadKey):
        return False
    return True


def _after(
    spans: Mapping[PublicKey, Span], index: int, entry: KeyEvent, logs: Collection[str]
) -> dict[PublicKey, Span]:
    """The spans that change with this entry."""
    former = spans.get(entry.key)
    if isinstance(entry, KeyAdded):
        return _added(spans, index, entry, logs)
    if former is None:
        raise NotProven(STEP, f"entry {index} ends a key that the log never named")
    if isinstance(entry, KeyRetired):
        return {entry.key: former if former.retired is not None else replace(former, retired=index)}
    return {entry.key: _compromised(former, index, entry)}


def _added(
    spans: Mapping[PublicKey, Span], index: int, entry: KeyAdded, logs: Collection[str]
) -> dict[PublicKey, Span]:
    if entry.key in spans:
        raise NotProven(STEP, f"entry {index} names a key again; a key that was ended never comes back")
    if entry.log not in logs:
        raise NotProven(STEP, f"entry {index} was made for the log of another key, {entry.log}")
    if entry.first is not None and (spans or entry.first > index):
        raise NotProven(STEP, f"entry {index} claims earlier entries for a key, as only a log's first key may")
    if not _signed(entry):
        raise NotProven(STEP, f"entry {index} is not signed by the key that it names")
    named = {entry.key: Span(index, index if entry.first is None else entry.first)}
    return named if entry.purpose != "log" else {**_followed(spans, index, entry), **named}


def _followed(spans: Mapping[PublicKey, Span], index: int, entry: KeyAdded) -> dict[PublicKey, Span]:
    """The log's key before this one. The first of all is told by the entry that follows it: it signed from the beginning."""
    key = PublicKey.from_multikey(entry.log)
    if not spans:
        return {key: Span(index, 0)}
    if key not in spans or not spans[key].current:
        raise NotProven(STEP, f"entry {index} lets a key of the log follow one that did not sign any more")
    return {}


def _compromised(former: Span, index: int, entry: KeyCompromised) -> Span:
    if entry.last_valid >= index:
        raise NotProven(STEP, f"entry {index} lets a stolen key sign entries that were still to come")
    least = entry.last_valid if former.last_valid is None else min(entry.last_valid, former.last_valid)
    return replace(former, last_valid=least, compromised=index)
