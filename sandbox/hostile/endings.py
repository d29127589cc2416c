"""Rows 14, 15, 45 to 47: programs that do not end, and programs that end in a telling way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sandbox.hostile.probe import BRIEF, BURNING, FAILED, FLOODED, LIMITS, SLEEPY, Attempt, Probe
from sandbox.job import Outcome, Verdict

SIGNALS: Final = {"segmentation": 11, "division": 8, "abort": 6, "bus": 7, "illegal": 4, "kill": 9, "terminate": 15}
EXITS: Final = (1, 2, 3, 77, 124, 126, 127, 128, 137, 139, 143, 254, 255)


def _soon(outcome: Outcome) -> Iterator[str]:
    for one in outcome.runs:
        if one.wall_seconds > SLEEPY.wall_seconds + 1:
            yield f"{one.name}: ended {one.wall_seconds - SLEEPY.wall_seconds:.2f} s after its limit"


def _killed(outcome: Outcome) -> Iterator[str]:
    for one in outcome.runs:
        if one.verdict is Verdict.TIME_LIMIT and (one.signal != 9 or one.cpu_seconds > BRIEF.cpu_seconds + 2):
            yield f"{one.name}: signal {one.signal} after {one.cpu_seconds:.2f} s"


def _signals(outcome: Outcome) -> Iterator[str]:
    for one in outcome.runs:
        want = SIGNALS.get(one.name)
        if want and (one.signal, one.exit_code) != (want, None):
            yield f"{one.name}: signal {one.signal}, exit {one.exit_code}"


def _exits(outcome: Outcome) -> Iterator[str]:
    for one in outcome.runs:
        if one.name.isdigit() and (one.signal, one.exit_code) != (None, int(one.name)):
            yield f"{one.name}: signal {one.signal}, exit {one.exit_code}"


def _traceback(outcome: Outcome) -> Iterator[str]:
    if outcome.runs[0].exit_code != 1 or b"ZeroDivisionError" not in outcome.runs[0].stderr:
        yield f"the error is not told: exit {outcome.runs[0].exit_code}, {outcome.runs[0].stderr[-100:]!r}"


def _unmoved(outcome: Outcome) -> Iterator[str]:
    if b"timelimit exceeded" not in outcome.runs[0].stderr or outcome.runs[0].exit_code != 0:
        yield f"exit {outcome.runs[0].exit_code}, said {outcome.runs[0].stderr[-100:]!r}"


PROBES: Final = (
    Probe(
        14,
        "sleeper",
        "Sleep, pause, wait for nothing, or stop itself, for ever.",
        "The wall clock ends it within a second of its limit.",
        (
            Attempt(
                """
                import select
                if way == "sleep": time.sleep(1000)
                if way == "pause": signal.pause()
                if way == "select": select.select([], [], [])
                if way == "stop": os.kill(os.getpid(), signal.SIGSTOP)
                """,
                (Verdict.WALL_LIMIT,),
                b"",
                limits=SLEEPY,
                ways=("sleep", "pause", "select", "stop"),
                check=_soon,
            ),
        ),
    ),
    Probe(
        15,
        "ignore every signal",
        "Ignore or block every signal and burn the processor.",
        "It is killed at its limit.",
        (
            Attempt(
                """
                if way == "ignore":
                    for one in set(signal.Signals) - {9, 19}: signal.signal(one, signal.SIG_IGN)
                else: signal.pthread_sigmask(signal.SIG_BLOCK, signal.Signals)
                while True: pass
                """,
                (Verdict.TIME_LIMIT,),
                b"",
                limits=BURNING,
                ways=("ignore", "block"),
                check=_killed,
            ),
        ),
    ),
    Probe(
        45,
        "fatal signals and exit codes",
        "End by each signal and each exit code.",
        "A runtime error that names the signal or the code; too large a file is too much output.",
        (
            Attempt(
                """
                int main(void) {
                    volatile int zero = 0;
                    if (is("segmentation")) *(volatile int *)(intptr_t)zero = 1;
                    if (is("division")) return 7 / zero;
                    if (is("abort")) abort();
                    kill(getpid(), is("bus") ? SIGBUS : is("illegal") ? SIGILL : is("kill") ? SIGKILL : SIGTERM);
                    for (;;) pause();
                }
                """,
                FAILED,
                b"",
                "c",
                ways=tuple(SIGNALS),
                check=_signals,
            ),
            Attempt("os._exit(int(way))\n", FAILED, b"", ways=tuple(map(str, EXITS)), check=_exits),
            Attempt("1 / 0\n", FAILED, b"", check=_traceback),
            Attempt(
                """
                signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
                with open("/work/big", "wb") as file:
                    while True: file.write(bytes(1 << 20))
                """,
                FLOODED,
                b"",
            ),
            Attempt("os.kill(os.getpid(), signal.SIGSYS)\n", (*FAILED, Verdict.BLOCKED), b""),
        ),
    ),
    Probe(
        46,
        "exit code of a verdict",
        "End with the exit code that other judges read as time-out or memory limit.",
        "A runtime error: no verdict is read out of an exit code.",
        (Attempt("os._exit(int(way))\n", FAILED, b"", ways=("124", "137", "139", "152"), check=_exits),),
    ),
    Probe(
        47,
        "words of a limit",
        "Say on standard error that a limit was exceeded.",
        "Its verdict is its own.",
        (
            Attempt(
                "print('timelimit exceeded\\nKilled\\nOut of memory\\nSegmentation fault', file=sys.stderr)\n",
                limits=LIMITS,
                check=_unmoved,
            ),
        ),
    ),
)
