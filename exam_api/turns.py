"""Who goes first where only so many can go at once: somebody who waits at a screen before somebody who has time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")


class Turns(Generic[A, B]):
    """Calls `act` from many threads, in at most `places` of them at once."""

    def __init__(self, act: Callable[[A], B], places: int) -> None:
        self._act = act
        self._free = places
        self._hurried = 0
        self._changed = threading.Condition()

    def soon(self, given: A) -> B:
        """Goes before everybody who is not in a hurry."""
        with self._place(hurried=True):
            return self._act(given)

    def later(self, given: A) -> B:
        """Goes when nobody in a hurry waits."""
        with self._place(hurried=False):
            return self._act(given)

    @contextmanager
    def _place(self, *, hurried: bool) -> Iterator[None]:
        with self._changed:
            self._hurried += hurried
            try:
                self._changed.wait_for(lambda: self._free and (hurried or not self._hurried))
                self._free -= 1
            finally:
                self._hurried -= hurried
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()
