"""Ctrl-C and SIGTERM on the command line: what runs is broken off, its containers are removed, and then we go."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from sandbox.engines.docker import DockerEngine
from sandbox.errors import SandboxError

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """Somebody asked us to stop. Not an `Exception`: nobody on the way may take it for a failure of a run."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextmanager
def stopping(engine: DockerEngine) -> Iterator[None]:
    """Inside, the first signal stops `engine` and raises `Interrupted` in the main thread; a second one ends at once."""

    def stop(number: int, _frame: FrameType | None) -> None:
        for one in SIGNALS:
            signal.signal(one, lambda again, _: os._exit(128 + again))
        engine.stop()
        raise Interrupted(number)

    before = {one: signal.signal(one, stop) for one in SIGNALS}
    try:
        yield
    except Interrupted:
        with suppress(SandboxError):  # an engine that is away has nothing of ours running
            engine.sweep()
        raise
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
