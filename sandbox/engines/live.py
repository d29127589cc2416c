"""Two containers whose programs talk: what one writes we carry to the other, run by run."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sandbox.engines import verdicts, wire
from sandbox.engines.container import Container
from sandbox.engines.wire import Report
from sandbox.errors import ContainerGone, Overrun, SandboxFailure, SupervisorBroken
from sandbox.job import Interaction, InteractionOutcome, Job, Outcome, RunOutcome, Verdict
from sandbox.languages import LANGUAGES

Name = Literal["program", "interactor"]


@dataclass
class Side:
    """One of the two, with what it has done so far."""

    name: Name
    job: Job
    container: Container
    log: str = ""
    seconds: float = 0.0
    done: list[RunOutcome] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)  # two threads may have something to tell it

    def said(self) -> Report | bytes:
        said = wire.read_said(self.container.stream.read, self.job)
        if said is None:
            raise SupervisorBroken("it was done before its last run")
        return said

    def compiled(self) -> bool:
        """Hand the job over and hear the compiler."""
        language = LANGUAGES[self.job.language]
        if not language.compile(self.job.entry, tuple(self.job.files)):
            return True
        report = self.said()
        if isinstance(report, bytes) or report.kind != "C":
            raise SupervisorBroken("it ran before it compiled")
        self.log, self.seconds = verdicts.compile_log(report), report.wall_us / 1e6
        return verdicts.compiled(report)

    def hear(self, frame: bytes) -> None:
        """Pass on what the other side said. Who has gone needs it no more; whether it may have gone, its reader says."""
        with self.lock, contextlib.suppress(ContainerGone):
            self.container.stream.send(frame)

    def outcome(self, otherwise: Verdict = Verdict.SKIPPED) -> Outcome:
        """What was done; the runs that are left get `otherwise`."""
        rest = (RunOutcome(run.name, otherwise) for run in self.job.runs[len(self.done) :])
        return Outcome((*self.done, *rest), self.container.info, self.log, self.seconds)


def talk(
    interaction: Interaction, program: Container, interactor: Container, was_oom_killed: Callable[[Container], bool]
) -> InteractionOutcome:
    """Let them talk until both are done. Raises `SandboxFailure`."""
    sides = (Side("program", interaction.program, program), Side("interactor", interaction.interactor, interactor))
    for side in sides:
        side.container.stream.send(wire.encode_job(side.job, live=True))
    good = [side.compiled() for side in sides]
    if not all(good):
        outcomes = [
            side.outcome(Verdict.SKIPPED if ok else Verdict.COMPILE_ERROR) for side, ok in zip(sides, good, strict=True)
        ]
        return InteractionOutcome(outcomes[0], outcomes[1], ())
    first = list[Name]()
    for place in range(len(interaction.program.runs)):
        try:
            first.append(_one_run(place, sides))
        except ContainerGone:
            if not was_oom_killed(program):
                raise
            sides[0].done.append(RunOutcome(interaction.program.runs[place].name, Verdict.MEMORY_LIMIT))
            break
    return InteractionOutcome(sides[0].outcome(), sides[1].outcome(), tuple(first))


@dataclass
class Conversation:
    """One run of both sides. Each may have one piece of words on its way; then it waits until the other has taken it."""

    place: int
    first: Name | None = None
    failure: BaseException | None = None
    over: set[Name] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def carry(self, speaker: Side, listener: Side) -> None:
        """Everything that `speaker` says goes to `listener`, until its run is over."""
        try:
            while isinstance(said := speaker.said(), bytes):
                if said == wire.ACK:
                    listener.hear(wire.TAKEN)
                elif listener.name in self.over:
                    speaker.hear(wire.TAKEN)  # nobody is there to take it
                else:
                    listener.hear(wire.encode_piece(said))
            with self.lock:
                self.first = self.first or speaker.name
            self.over.add(speaker.name)
            # What was on its way to the one that has ended nobody will take any more.
            listener.hear(wire.TAKEN + wire.END)
            speaker.done.append(verdicts.run_outcome(speaker.job, self.place, said))
        except BaseException as failure:  # noqa: BLE001 - it is raised again where somebody waits for us
            with self.lock:
                self.failure = self.failure or failure
            for side in (speaker, listener):
                side.container.stream.shut()


def _one_run(place: int, sides: tuple[Side, Side]) -> Name:
    run = Conversation(place)
    program, interactor = sides
    for side in sides:
        side.container.stream.send(wire.START)
    back = threading.Thread(target=run.carry, args=(interactor, program), name="sandbox-talk")
    back.start()
    run.carry(program, interactor)
    back.join()
    if isinstance(run.failure, TimeoutError):
        raise Overrun("an interaction") from run.failure
    if run.failure is not None:
        raise run.failure
    if run.first is None:
        raise SandboxFailure("an interaction ended without an end")
    return run.first
