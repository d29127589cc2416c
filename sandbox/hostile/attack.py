"""Running probes on a live engine: one, or all of them side by side where they cannot disturb each other."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Final

from sandbox.engines.base import Engine
from sandbox.engines.docker import DockerEngine
from sandbox.errors import EngineUnavailable, ImageMissing, SandboxFailure
from sandbox.hostile.crowd import honest
from sandbox.hostile.host import Host
from sandbox.hostile.probe import Attempt, Note, Probe, attacks
from sandbox.languages import LANGUAGES

NO_TOOL: Final = "lacks a tool"  # says the supervisor of an image without this language
HELD, THROUGH, NOT_BUILT = "held", "got through", "not built"


@dataclass(frozen=True)
class Finding:
    """How one probe went. `not_built` are languages whose attempts could not be made for want of an image."""

    probe: Probe
    attempts: tuple[tuple[str, str], ...]  # language and way, verdict
    seconds: float
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()
    not_built: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        if self.problems:
            return THROUGH
        return HELD if self.attempts or self.probe.scenario else NOT_BUILT

    @property
    def verdicts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(verdict for _, verdict in self.attempts))


def attack(probe: Probe, engine: Engine, host: Host | None = None) -> Finding:
    """Make every attempt, then see whether the next run is right and the host unharmed. Raises `EngineUnavailable`."""
    started = time.monotonic()
    made, problems, notes, missing = list[tuple[str, str]](), list[str](), list[str](), list[str]()
    for attempt in probe.attempts:
        if not _built(attempt, engine):
            missing.append(attempt.language)
            continue
        try:
            outcome = engine.run(attempt.job())  # once, however near to a limit it ends
        except EngineUnavailable:
            raise
        except SandboxFailure as failure:
            if NO_TOOL in str(failure):
                missing.append(attempt.language)
                continue
            problems.append(f"{attempt.language}: {failure}")
            continue
        made += [(f"{attempt.language}: {way}", verdict.value) for way, verdict in attacks(outcome)]
        problems += [f"{attempt.language}: {problem}" for problem in attempt.problems(outcome)]
    if probe.scenario:
        for said in _told(probe, engine):
            (notes if isinstance(said, Note) else problems).append(str(said))
    problems += honest(engine)
    problems += [f"left behind: {one}" for one in (host.left() if host else ())]
    took = time.monotonic() - started
    return Finding(probe, tuple(made), took, tuple(problems), tuple(notes), tuple(dict.fromkeys(missing)))


def _told(probe: Probe, engine: Engine) -> Iterator[str]:
    assert probe.scenario
    try:
        yield from probe.scenario(engine)
    except EngineUnavailable:
        raise
    except SandboxFailure as failure:
        yield str(failure)


def _built(attempt: Attempt, engine: Engine) -> bool:
    """Whether the engine has this language: it is known, and its image is there with its tools."""
    if attempt.language not in LANGUAGES:
        return False
    if not isinstance(engine, DockerEngine):
        return True
    try:
        engine.info(LANGUAGES[attempt.language].family)
    except ImageMissing:
        return False
    return True


def campaign(probes: Iterable[Probe], engine: DockerEngine, at_once: int) -> Iterator[Finding]:
    """Every probe, as they are done: `at_once` side by side, each on cores of its own, then those that want to be alone."""
    probes = list(probes)
    cores = engine.cores
    lanes: queue.Queue[tuple[DockerEngine, Host]] = queue.Queue()
    engines = [engine.twin(f"{engine.owner}-{lane}", cores[lane::at_once]) for lane in range(min(at_once, len(cores)))]
    for one in engines:
        lanes.put((one, Host.now(one)))

    def in_a_lane(probe: Probe) -> Finding:
        lane = lanes.get()
        try:
            return attack(probe, *lane)
        finally:
            lanes.put(lane)

    with ThreadPoolExecutor(len(engines)) as pool:
        waiting = [pool.submit(in_a_lane, probe) for probe in probes if not probe.alone]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            for left in waiting:
                left.cancel()
    host = Host.now(engine)
    yield from (attack(probe, engine, host) for probe in probes if probe.alone)
