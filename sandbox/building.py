"""An engine that has a missing image built, once, beside everything else."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from sandbox.engines.base import Engine
from sandbox.errors import ImageMissing
from sandbox.job import Interaction, InteractionOutcome, Job, Outcome
from sandbox.languages import LANGUAGES

AGAIN_SECONDS: Final = 600.0  # after a build that left no image


class Building:
    """Passes work on to `engine`. Where an image is missing, `build(family)` runs in a thread of its own and the call
    raises `ImageMissing` as before: whoever asked asks again later. One that is still missing ten minutes after its build
    began is built again.
    """

    def __init__(
        self, engine: Engine, build: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._build, self._clock = engine, build, clock
        self._lock = threading.Lock()
        self._begun: dict[str, float] = {}

    def run(self, job: Job) -> Outcome:
        """See `Engine.run`."""
        try:
            return self._engine.run(job)
        except ImageMissing:
            self._begin([job])
            raise

    def interact(self, interaction: Interaction) -> InteractionOutcome:
        """See `Engine.interact`."""
        try:
            return self._engine.interact(interaction)
        except ImageMissing:
            self._begin([interaction.program, interaction.interactor])
            raise

    def _begin(self, jobs: Iterable[Job]) -> None:
        families = {LANGUAGES[job.language].family for job in jobs}
        now = self._clock()
        with self._lock:
            wanted = sorted(one for one in families if now >= self._begun.get(one, now - AGAIN_SECONDS) + AGAIN_SECONDS)
            self._begun |= dict.fromkeys(wanted, now)
        if wanted:
            threading.Thread(target=self._all, args=(wanted,), name="sandbox-images", daemon=True).start()

    def _all(self, families: list[str]) -> None:
        for family in families:
            self._build(family)


def with_command(command: tuple[str, ...], say: Callable[[str], None]) -> Callable[[str], None]:
    """A builder that runs `command` with the family's name behind it, and says how it went."""

    def build(family: str) -> None:
        say(f"making the runner image for {family}")
        try:
            done = subprocess.run([*command, family], check=False, capture_output=True, text=True)  # noqa: S603  (our own words)
        except OSError as error:
            say(f"the runner image for {family} cannot be made here: {error}")
            return
        lines = (done.stderr or done.stdout).strip().splitlines()
        say(lines[-1] if lines else f"the runner image for {family}: exit {done.returncode}")

    return build
