"""Can this machine judge? Each check is one fact, and the sentence that says what to do when it is not so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.engines.docker import DockerEngine
from sandbox.errors import SandboxFailure
from sandbox.job import Job, Run, Verdict
from sandbox.run import run

HELLO = {
    "python": b'print("hello")\n',
    "c": b'#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n',
}


@dataclass(frozen=True)
class Check:
    """`fix` is empty when `holds`."""

    name: str
    holds: bool
    found: str
    fix: str = ""


def examine(engine: DockerEngine) -> Iterator[Check]:
    """Check after check, most basic first; stops at the first that makes the rest pointless."""
    try:
        facts = engine.facts()
        yield Check("engine answers", True, f"{facts['ServerVersion']} on {facts['KernelVersion']}")
        yield _runtime(engine, list(facts.get("Runtimes", {})))
        yield _seccomp(list(facts.get("SecurityOptions") or []))
        yield _limits(facts)
        yield Check("runner image", True, engine.info("python").image)
        for language, source in HELLO.items():
            yield _hello(engine, language, source)
    except SandboxFailure as failure:
        yield Check("sandbox", False, type(failure).__name__, str(failure))


def _runtime(engine: DockerEngine, known: list[str]) -> Check:
    fix = f"Register {engine.runtime} with the engine, or choose one of: {', '.join(known)}."
    return Check(
        f"runtime {engine.runtime}", engine.runtime in known, ", ".join(known), "" if engine.runtime in known else fix
    )


def _seccomp(options: list[str]) -> Check:
    holds = any("seccomp" in option for option in options)
    return Check(
        "system call filter", holds, "; ".join(options), "" if holds else "Use a kernel and engine with seccomp."
    )


def _limits(facts: dict[str, object]) -> Check:
    needed = {"MemoryLimit": "memory", "PidsLimit": "pids", "SwapLimit": "swap"}
    missing = [name for key, name in needed.items() if not facts.get(key)]
    found = f"cgroup v{facts.get('CgroupVersion', '?')}" + (f", without {', '.join(missing)}" if missing else "")
    # Without swap accounting the memory limit still holds where the machine has no swap.
    holds = not set(missing) - {"swap"}
    return Check(
        "limits", holds, found, "" if holds else "Enable these cgroup controllers in the kernel's command line."
    )


def _hello(engine: DockerEngine, language: str, source: bytes) -> Check:
    entry = "main.py" if language == "python" else "main.c"
    outcome = run(Job(language, {entry: source}, entry, (Run("hello"),)), engine)
    said = outcome.runs[0]
    holds = said.verdict is Verdict.OK and said.stdout == b"hello\n" and said.peak_bytes > 0
    found = f"{said.cpu_seconds * 1000:.0f} ms of processor, {said.peak_bytes / 1e6:.1f} MB"
    fix = f"{said.verdict}: {said.stderr[-200:]!r} {outcome.compile_log[-200:]}"
    return Check(f"a program in {language}", holds, found, "" if holds else fix)
