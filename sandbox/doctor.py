"""Can this machine judge? Each check is one fact, and the sentence that says what to do when it is not so."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.engines.docker import DockerEngine
from sandbox.errors import ImageMissing, SandboxFailure
from sandbox.job import MIB, Job, Limits, Run, Verdict
from sandbox.languages import LANGUAGES, Language
from sandbox.run import run

HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")


@dataclass(frozen=True)
class Check:
    """`fix` is empty when `holds`, and may say what else could be done when it does. `final`: nothing more can be asked."""

    name: str
    holds: bool
    found: str
    fix: str = ""
    final: bool = False


def examine(engine: DockerEngine) -> Iterator[Check]:
    """Check after check, most basic first; stops at the first that makes the rest pointless. Takes a few seconds."""
    try:
        facts = engine.facts()
        options = list(facts.get("SecurityOptions") or [])
        yield Check(
            "engine answers", True, f"{facts['ServerVersion']} on {facts['KernelVersion']}, {len(engine.cores)} cores"
        )
        runtime = _runtime(engine, list(facts.get("Runtimes") or {}))
        yield runtime
        if runtime.final:
            return
        yield _seccomp(options)
        yield _limits(facts)
        yield _users(options)
        yield _swap(facts)
        yield _pages()
        yield from _languages(engine)
    except SandboxFailure as failure:
        yield Check("sandbox", False, type(failure).__name__, str(failure), final=True)


def _runtime(engine: DockerEngine, known: list[str]) -> Check:
    holds = engine.runtime in known
    fix = f"Register {engine.runtime} with the engine, or choose one of: {', '.join(known)}."
    note = (
        "gVisor obeys our system call filter only where it is registered with --oci-seccomp."
        if "runsc" in engine.runtime
        else ""
    )
    return Check(f"runtime {engine.runtime}", holds, ", ".join(known), note if holds else fix, final=not holds)


def _seccomp(options: list[str]) -> Check:
    holds = any("seccomp" in option for option in options)
    return Check(
        "system call filter", holds, "; ".join(options), "" if holds else "Use a kernel and engine with seccomp."
    )


def _limits(facts: dict[str, Any]) -> Check:
    needed = {"MemoryLimit": "memory", "PidsLimit": "pids", "SwapLimit": "swap", "CPUSet": "cores"}
    missing = [name for key, name in needed.items() if not facts.get(key)]
    found = f"cgroup v{facts.get('CgroupVersion', '?')}" + (f", without {', '.join(missing)}" if missing else "")
    # Without swap accounting the memory limit still holds where the machine has no swap.
    holds = not set(missing) - {"swap"}
    return Check(
        "limits", holds, found, "" if holds else "Enable these cgroup controllers in the kernel's command line."
    )


def _users(options: list[str]) -> Check:
    mapped = any("userns" in option or "rootless" in option for option in options)
    found = (
        "mapped: root in a container is nobody outside"
        if mapped
        else "not mapped; containers run as users above 200,000"
    )
    advice = "" if mapped else "Safer still: start the engine with userns-remap, or rootless."
    return Check("users", True, found, advice)


def _swap(facts: dict[str, Any]) -> Check:
    swaps = [line for line in _lines(Path("/proc/swaps")) if not line.startswith("Filename")]
    holds = not swaps or bool(facts.get("SwapLimit"))
    return Check(
        "swap",
        holds,
        f"{len(swaps)} in use" if swaps else "none",
        "" if holds else "Switch swap off: without its account, memory limits leak.",
    )


def _pages() -> Check:
    said = next(iter(_lines(HUGE_PAGES)), "unknown")
    always = "[always]" in said
    note = (
        "Times and memory vary less with: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled" if always else ""
    )
    return Check("huge pages", True, said, note)


def _lines(path: Path) -> list[str]:
    """Of this machine, which need not be the engine's."""
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _languages(engine: DockerEngine) -> Iterator[Check]:
    """A program in each language whose image is there, as many at once as there are cores; which images are not."""
    missing: dict[str, list[str]] = {}
    with ThreadPoolExecutor(len(engine.cores)) as pool:
        waiting = [(language, pool.submit(_hello, engine, language)) for language in LANGUAGES.values()]
        for language, check in waiting:
            try:
                yield check.result()
            except ImageMissing:
                missing.setdefault(language.family, []).append(language.title)
    for family, titles in missing.items():
        advice = f"It is made when it is first needed, or now: python3 deploy/runner_image.py {family}"
        yield Check(f"image {family}", True, f"not made yet ({', '.join(titles)})", advice)


def _hello(engine: DockerEngine, language: Language) -> Check:
    hello = language.hello
    limits = Limits(cpu_seconds=5, wall_seconds=20, memory_bytes=max(256 * MIB, language.least_memory))
    job = Job(language.name, {language.main: hello.source}, language.main, (Run("hello", hello.stdin),), limits)
    outcome = run(job, engine)
    said = outcome.runs[0]
    holds = said.verdict is Verdict.OK and said.stdout == hello.stdout and said.peak_bytes > 0
    tools = ", ".join(outcome.engine.tools)
    found = f"{outcome.compile_seconds:.2f} s to compile, {said.cpu_seconds * 1000:.0f} ms to run, {said.peak_bytes / MIB:.1f} MiB; {tools}"
    fix = f"{said.verdict}: {said.stderr[-200:]!r} {outcome.compile_log[-200:]}"
    return Check(language.title, holds, found, "" if holds else fix)
