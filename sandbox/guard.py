"""An engine that takes no work before it has shown that it holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from sandbox.engines.base import Engine
from sandbox.errors import EngineUnsafe
from sandbox.job import Interaction, InteractionOutcome, Job, Outcome


class Guarded:
    """Passes work on to `engine` once `probes` have found nothing wrong with it; until then, and for good where they
    have, each call raises `EngineUnsafe`. The probes run at the first call, and again where the engine failed them.
    """

    def __init__(self, engine: Engine, probes: Callable[[Engine], Iterator[str]]) -> None:
        self._engine, self._probes = engine, probes
        self._lock = threading.Lock()
        self._found: tuple[str, ...] | None = None

    def run(self, job: Job) -> Outcome:
        """See `Engine.run`."""
        self.prove()
        return self._engine.run(job)

    def interact(self, interaction: Interaction) -> InteractionOutcome:
        """See `Engine.interact`."""
        self.prove()
        return self._engine.interact(interaction)

    def prove(self) -> None:
        """Raises `EngineUnsafe` with what got through, or `SandboxFailure` when the probes could not run."""
        with self._lock:
            if self._found is None:
                self._found = tuple(self._probes(self._engine))
        if self._found:
            raise EngineUnsafe("; ".join(self._found))
