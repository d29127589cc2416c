"""When a key counted, by the numbers of the log's entries: never by a date, which a stolen key could write too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from credentials.entries import Entry, KeyAdded, KeyCompromised, KeyEvent, KeyRetired, Purpose, check_possession
from credentials.errors import NotProven
from credentials.keys import PublicKey

STEP = "key history"


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
        """Return when the log lets this key have signed its entry `index`. Raises NotProven with what the log says."""
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
        if span.retired is not None and index > span.retired:
            raise NotProven(STEP, f"the key was retired in entry {span.retired}, this is entry {index}")

    def current(self) -> tuple[PublicKey, ...]:
        """The keys that sign now, in the order in which the log named them."""
        return tuple(key for key, span in self.spans.items() if span.current)


def of(entries: Iterable[tuple[int, Entry]], origin: str, purpose: Purpose, size: int) -> History:
    """The history that these numbered entries tell, in their order. Raises NotProven where they contradict themselves.

    It is complete only where all entries up to `size` were looked at; a few of them may leave out the one that matters.
    """
    spans: dict[PublicKey, Span] = {}
    before = -1
    for index, entry in entries:
        if not before < index < size:
            raise NotProven(STEP, "the entries about keys are not in the order of the log")
        before = index
        if isinstance(entry, KeyEvent) and entry.purpose == purpose:
            spans[entry.key] = _after(spans, index, entry, origin)
    return History(origin, purpose, spans, size)


def _after(spans: Mapping[PublicKey, Span], index: int, entry: KeyEvent, origin: str) -> Span:
    former = spans.get(entry.key)
    if isinstance(entry, KeyAdded):
        return _added(spans, former, index, entry, origin)
    if former is None:
        raise NotProven(STEP, f"entry {index} ends a key that the log never named")
    if isinstance(entry, KeyRetired):
        return former if former.retired is not None else replace(former, retired=index)
    return _compromised(former, index, entry)


def _added(spans: Mapping[PublicKey, Span], former: Span | None, index: int, entry: KeyAdded, origin: str) -> Span:
    if former is not None:
        raise NotProven(STEP, f"entry {index} names a key again; a key that was ended never comes back")
    if entry.origin != origin:
        raise NotProven(STEP, f"entry {index} was made for the log {entry.origin[:80]!r}")
    if entry.first is not None and (spans or entry.first > index):
        raise NotProven(STEP, f"entry {index} claims earlier entries for a key, as only a log's first key may")
    try:
        check_possession(entry)
    except NotProven as reason:
        raise NotProven(STEP, f"entry {index} is not signed by the key that it names") from reason
    return Span(index, index if entry.first is None else entry.first)


def _compromised(former: Span, index: int, entry: KeyCompromised) -> Span:
    if entry.last_valid >= index:
        raise NotProven(STEP, f"entry {index} lets a stolen key sign entries that were still to come")
    least = entry.last_valid if former.last_valid is None else min(entry.last_valid, former.last_valid)
    return replace(former, last_valid=least, compromised=index)
