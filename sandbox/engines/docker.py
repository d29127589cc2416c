"""The real engine: one fresh, locked-down container per job on any Docker Engine, runc or runsc.

The container has no network, no capability, a read-only root, its own deny-by-default system call filter, a user of its
own, and process and memory limits (`walls.py` is the whole of what we ask for). Inside, the supervisor
(sandbox/images/supervisor) runs the job's tests and measures them. We talk to it over the attached stream only: nothing
is mounted, copied or executed into a container that has seen a candidate's program.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from sandbox.engines import verdicts, wire
from sandbox.engines.client import Clients
from sandbox.engines.container import START_SECONDS, Container, Starter
from sandbox.engines.live import talk
from sandbox.engines.pool import Cores, Pool
from sandbox.engines.walls import LABEL, Cell, cell_of
from sandbox.errors import ContainerGone, EngineStopped, Overrun, RuntimeUnknown
from sandbox.job import EngineInfo, Interaction, InteractionOutcome, Job, Outcome, Run, RunOutcome, Verdict
from sandbox.languages import LANGUAGES

T = TypeVar("T")

__all__ = ["LABEL", "PREFIX", "DockerEngine", "seconds_of"]

PREFIX: Final = "invigil-runner"
RUN_SLACK_SECONDS: Final = 2.0  # per step: emptying folders, sending results
TRIES: Final = 2  # a container that broke says nothing about the program


def seconds_of(job: Job) -> float:
    """The most that a container may work on it; our own clock, whatever the supervisor says."""
    step = LANGUAGES[job.language].step
    return START_SECONDS + step.wall_seconds + len(job.runs) * (1.1 * job.limits.wall_seconds + RUN_SLACK_SECONDS)


class DockerEngine:
    """Runs jobs on the Docker Engine at `base_url` ("unix:///path" or "tcp://host:port"). Safe to share by threads.

    Images are called `prefix`-family:current; `runtime` is "runc" or "runsc" (gVisor) or any other the engine knows.
    `owner` marks our containers, so that several workers can share an engine and each sweeps only its own. As many jobs
    run at once as `cores` has numbers (the engine's own, all where None), each alone on its core. With `keep`,
    containers wait ready for their job; then `close` ends them.
    """

    def __init__(
        self,
        base_url: str,
        *,
        prefix: str = PREFIX,
        runtime: str = "runc",
        owner: str = "invigil",
        cores: tuple[int, ...] | None = None,
        keep: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url, self.prefix, self.runtime, self.owner, self.clock = base_url, prefix, runtime, owner, clock
        self._wanted_cores = cores
        self._clients = Clients(base_url)
        self._starter = Starter(self._clients, prefix, runtime, owner, clock)
        self._pool = Pool(self._starter, keep=keep, clock=clock)
        self._busy: dict[str, Container] = {}
        self._twins: list[DockerEngine] = []
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def cores(self) -> tuple[int, ...]:
        """The engine's cores that we use. Raises `EngineUnavailable`."""
        return self._wanted_cores or tuple(range(int(self.facts().get("NCPU") or os.cpu_count() or 1)))

    @cached_property
    def _cores(self) -> Cores:
        return Cores(self.cores)

    def info(self, family: str) -> EngineInfo:
        """Which engine, kernel and image judge. Raises `EngineUnavailable` or `ImageMissing`."""
        return self._starter.info(family)

    def run(self, job: Job) -> Outcome:
        """See `Engine.run`."""
        return self._again(lambda: self._run(job))

    def interact(self, interaction: Interaction) -> InteractionOutcome:
        """See `Engine.interact`."""
        return self._again(lambda: self._talk(interaction))

    def warm(self, *languages: str) -> None:
        """Have a container ready on each core for a small job in these languages."""
        for name in languages:
            self._pool.warm(cell_of(_small(name)), self.cores)

    def close(self) -> None:
        """End the containers that wait."""
        for twin in self._twins:
            twin.close()
        self._pool.close()
        self._clients.close()

    def twin(self, owner: str, cores: tuple[int, ...]) -> DockerEngine:
        """An engine like this one, with containers and cores of its own, which stops when this one does."""
        made = DockerEngine(self.base_url, prefix=self.prefix, runtime=self.runtime, owner=owner, cores=cores)
        self._twins.append(made)
        return made

    def stop(self) -> None:
        """Break off whatever runs, for good: its callers get `EngineStopped`. Takes no lock, so a signal may call it."""
        self._stopped = True
        for container in list(self._busy.values()):
            container.stream.shut()
        for twin in self._twins:
            twin.stop()

    def check_runtime(self) -> None:
        """Raises `RuntimeUnknown` with those that the engine has, or `EngineUnavailable`."""
        known = list(self.facts().get("Runtimes") or {})
        if self.runtime not in known:
            raise RuntimeUnknown(f"{self.runtime!r} is none of {', '.join(known)}")

    def sweep(self, *, running: bool = True) -> int:
        """Remove what a killed worker of this owner left behind; how many. For start-up, before the first job.

        Where others of the same owner may be at work, leave what is `running`: without its worker it ends by itself.
        """
        return self._starter.sweep(running=running) + sum(twin.sweep(running=running) for twin in self._twins)

    def facts(self) -> dict[str, Any]:
        """What the engine says about itself (Docker's `GET /info`)."""
        with self._clients.open() as client:
            return dict(client.info())

    def _again(self, attempt: Callable[[], T]) -> T:
        for left in reversed(range(TRIES)):
            try:
                return attempt()
            except ContainerGone:
                if self._stopped:
                    raise EngineStopped from None
                if not left:
                    raise
        raise AssertionError

    def _run(self, job: Job) -> Outcome:
        with self._containers(seconds_of(job), cell_of(job)) as (container,):
            container.stream.send(wire.encode_job(job))
            outcome = self._collect(job, container)
            container.finished = True
            return outcome

    def _talk(self, interaction: Interaction) -> InteractionOutcome:
        sides = interaction.program, interaction.interactor
        with self._containers(sum(map(seconds_of, sides)), *map(cell_of, sides)) as (program, interactor):
            outcome = talk(interaction, program, interactor, self._was_oom_killed)
            program.finished = interactor.finished = True
            return outcome

    @contextmanager
    def _containers(self, seconds: float, *cells: Cell) -> Iterator[tuple[Container, ...]]:
        """A container of each kind, all on one core: a pipe between cores is several times slower than on one."""
        with self._cores.one(lambda core: self._pool.has(cells[0], core)) as core, ExitStack() as stack:
            containers = list[Container]()
            for cell in cells:
                if self._stopped:
                    raise EngineStopped
                container = self._pool.take(cell, core)
                stack.callback(self._end, container)
                self._busy[container.id] = container
                containers.append(container)
            if self._stopped:
                raise EngineStopped
            for container in containers:
                container.deadline = self.clock() + seconds
            yield tuple(containers)

    def _was_oom_killed(self, container: Container) -> bool:
        return not self._stopped and self._starter.was_oom_killed(container)

    def _end(self, container: Container) -> None:
        self._busy.pop(container.id, None)
        self._starter.discard(container)

    def _collect(self, job: Job, container: Container) -> Outcome:
        log, seconds, done = "", 0.0, list[RunOutcome]()
        try:
            for report in wire.read_reports(container.stream.read, job):
                if report.kind == "C":
                    log, seconds = verdicts.compile_log(report), report.wall_us / 1e6
                    if not verdicts.compiled(report):
                        return Outcome(verdicts.not_compiled(job), container.info, log, seconds)
                elif len(done) < len(job.runs):
                    done.append(verdicts.run_outcome(job, len(done), report))
        except TimeoutError as error:
            raise Overrun(f"{seconds_of(job):.0f} s") from error
        except ContainerGone:
            # Nothing inside can end process 1, but the kernel can when memory is short. Then the run at hand is to
            # blame; those before it keep their verdicts.
            if not self._was_oom_killed(container):
                raise
            done.append(RunOutcome(job.runs[len(done)].name, Verdict.MEMORY_LIMIT))
        return Outcome((*done, *verdicts.skipped(job, len(done))), container.info, log, seconds)


def _small(language: str) -> Job:
    return Job(language, {"main": b""}, "main", (Run("one"),))
