"""Started containers that wait for their one job, so that a job waits for none.

Starting a container costs a third of a second; handing a job to one that waits costs a millisecond. A container is
never used for a second job. How many wait follows demand, for each kind of container and each core.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from sandbox.engines.container import Container, Starter
from sandbox.engines.walls import Cell
from sandbox.errors import SandboxError

MOST: Final = 4  # that wait for each kind and core
FORGET_SECONDS: Final = 600.0  # a kind that nobody asked for so long is not kept ready
EASE_SECONDS: Final = 60.0
TICK_SECONDS: Final = 5.0
PAUSE_SECONDS: Final = 2.0  # after the engine failed us
FILLERS: Final = 2


class Cores:
    """A core for each job, so that neighbours do not disturb its time. Who came first goes first."""

    def __init__(self, numbers: tuple[int, ...]) -> None:
        self._free = list(numbers)
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def one(self, prefer: Callable[[int], bool]) -> Iterator[int]:
        """The first free core that `prefer` likes, else the first free one."""
        turn = threading.Event()
        with self._lock:
            self._waiting.append(turn)
            self._call()
        try:
            turn.wait()
        except BaseException:  # an interrupt: whoever waits behind us must not wait for us
            with self._lock:
                self._waiting.remove(turn)
                self._call()
            raise
        with self._lock:
            core = next(filter(prefer, self._free), self._free[0])
            self._free.remove(core)
            self._waiting.remove(turn)
            self._call()
        try:
            yield core
        finally:
            with self._lock:
                self._free.append(core)
                self._free.sort()
                self._call()

    def _call(self) -> None:
        """As many as there are free cores may go, the first in the queue first."""
        for turn, _ in zip(self._waiting, self._free, strict=False):
            turn.set()


@dataclass
class Shelf:
    """What waits for one kind and core, and how many should."""

    ready: deque[Container] = field(default_factory=deque)
    coming: int = 0
    wanted: int = 0
    asked: float = 0.0
    missed: float = 0.0


Key = tuple[Cell, int]


class Pool:
    """Safe to call from several threads. With `keep` False nothing waits and each job starts its own container."""

    def __init__(self, starter: Starter, *, keep: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._starter, self._keep, self._clock = starter, keep, clock
        self._shelves: defaultdict[Key, Shelf] = defaultdict(Shelf)
        self._changed = threading.Condition()
        self._fillers: list[threading.Thread] = []
        self._closed = False

    def has(self, cell: Cell, core: int) -> bool:
        return (cell, core) in self._shelves and bool(self._shelves[cell, core].ready)

    def take(self, cell: Cell, core: int) -> Container:
        """One that waits, or a new one. Raises `SandboxFailure`."""
        dead: list[Container] = []
        with self._changed:
            shelf = self._shelves[cell, core]
            container = _living(shelf, dead)
            shelf.asked = self._clock()
            if container is None:
                shelf.missed = shelf.asked
            shelf.wanted = min(MOST, max(1, shelf.wanted + (container is None)))
            self._wake()
        for one in dead:
            self._drop(one)
        return container or self._starter.start(cell, core)

    def warm(self, cell: Cell, cores: tuple[int, ...]) -> None:
        """Have one ready for each core before the first job comes."""
        with self._changed:
            for core in cores:
                shelf = self._shelves[cell, core]
                shelf.asked, shelf.wanted = self._clock(), max(1, shelf.wanted)
            self._wake()

    def close(self) -> None:
        """End all that wait, and wait for none any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for filler in self._fillers:
            filler.join()
        for shelf in self._shelves.values():
            while shelf.ready:
                self._drop(shelf.ready.popleft())

    def _wake(self) -> None:
        if not self._keep or self._closed:
            return
        while len(self._fillers) < FILLERS:
            self._fillers.append(threading.Thread(target=self._fill, name="sandbox-pool", daemon=True))
            self._fillers[-1].start()
        self._changed.notify_all()

    def _fill(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                surplus = self._ease()
                key = self._lacking()
                if key is None and not surplus:
                    self._changed.wait(TICK_SECONDS)
                    continue
                if key:
                    self._shelves[key].coming += 1
            for one in surplus:
                self._drop(one)
            if key:
                self._start(key)

    def _start(self, key: Key) -> None:
        started: Container | None = None
        try:
            started = self._starter.start(*key)
        except SandboxError:
            # Whoever needs one next starts it and hears what is wrong; here we only wait a little.
            time.sleep(PAUSE_SECONDS)
        with self._changed:
            shelf = self._shelves[key]
            shelf.coming -= 1
            if started:
                shelf.ready.append(started)

    def _lacking(self) -> Key | None:
        """The shelf that lacks most."""
        short = {key: shelf.wanted - len(shelf.ready) - shelf.coming for key, shelf in self._shelves.items()}
        key = max(short, key=lambda one: short[one], default=None)
        return key if key and short[key] > 0 else None

    def _ease(self) -> list[Container]:
        """Want fewer where nobody had to wait for long, and none where nobody asks; what is too many then."""
        now, surplus = self._clock(), list[Container]()
        for shelf in self._shelves.values():
            if shelf.wanted and now - shelf.asked > FORGET_SECONDS:
                shelf.wanted = 0
            elif shelf.wanted > 1 and now - shelf.missed > EASE_SECONDS:
                shelf.wanted, shelf.missed = shelf.wanted - 1, now
            while len(shelf.ready) > shelf.wanted:
                surplus.append(shelf.ready.popleft())
        return surplus

    def _drop(self, container: Container) -> None:
        with contextlib.suppress(SandboxError):  # the engine is away: what it started ends with our stream
            self._starter.discard(container)


def _living(shelf: Shelf, dead: list[Container]) -> Container | None:
    while shelf.ready:
        container = shelf.ready.popleft()
        if container.lives():
            return container
        dead.append(container)
    return None
