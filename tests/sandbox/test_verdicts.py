"""The table from measurements to verdicts."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.engines.verdicts import compile_log, run_outcome, verdict
from sandbox.engines.wire import Cause, Report
from sandbox.job import MIB, Job, Limits, Run, Verdict

LIMITS = Limits(cpu_seconds=1, wall_seconds=2, memory_bytes=64 * MIB)
JOB = Job("python", {"main.py": b""}, "main.py", (Run("one"), Run("two")), LIMITS, ("a.txt", "b.txt"))
FINE = Report("R", Cause.ENDED, False, False, False, 0, 0, 1000, 1000, MIB, b"out", b"err")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Verdict.OK),
        ({"exit_code": 1}, Verdict.RUNTIME_ERROR),
        ({"exit_code": 137}, Verdict.RUNTIME_ERROR),
        ({"exit_code": 124}, Verdict.RUNTIME_ERROR),
        ({"exit_code": -1, "signal": 9}, Verdict.RUNTIME_ERROR),
        ({"exit_code": -1, "signal": 11}, Verdict.RUNTIME_ERROR),
        ({"exit_code": -1, "signal": 25}, Verdict.OUTPUT_LIMIT),
        ({"exit_code": -1, "signal": 31}, Verdict.BLOCKED),
        ({"exit_code": -1, "signal": 31, "cpu_us": 9_000_000}, Verdict.BLOCKED),
        ({"stdout_cut": True}, Verdict.OUTPUT_LIMIT),
        ({"stderr_cut": True}, Verdict.OK),
        ({"cpu_us": 1_000_000}, Verdict.OK),
        ({"cpu_us": 1_000_001}, Verdict.TIME_LIMIT),
        ({"wall_us": 2_000_001}, Verdict.WALL_LIMIT),
        ({"peak": 64 * MIB}, Verdict.OK),
        ({"peak": 64 * MIB + 1}, Verdict.MEMORY_LIMIT),
        ({"oom": True, "exit_code": -1, "signal": 9}, Verdict.MEMORY_LIMIT),
        ({"cpu_us": 9_000_000, "exit_code": 1}, Verdict.TIME_LIMIT),
        ({"oom": True, "cpu_us": 9_000_000}, Verdict.MEMORY_LIMIT),
        ({"cause": Cause.OUTPUT, "cpu_us": 9_000_000}, Verdict.OUTPUT_LIMIT),
        ({"cause": Cause.WALL, "exit_code": -1, "signal": 9}, Verdict.WALL_LIMIT),
    ],
)
def test_table(changes: dict[str, Any], expected: Verdict) -> None:
    assert verdict(replace(FINE, **changes), LIMITS) is expected


@pytest.mark.parametrize(
    ("code", "ours", "expected"),
    [
        (3, 3, Verdict.SET_UP_FAILED),
        (3, 0, Verdict.RUNTIME_ERROR),
        (1, 3, Verdict.RUNTIME_ERROR),
        (0, 0, Verdict.OK),
        (-1, 3, Verdict.RUNTIME_ERROR),
    ],
)
def test_only_our_own_script_says_that_a_set_up_failed(code: int, ours: int, expected: Verdict) -> None:
    assert verdict(replace(FINE, exit_code=code), LIMITS, ours) is expected


@settings(max_examples=50, deadline=None)
@given(code=st.integers(1, 255))
def test_no_exit_code_means_a_limit(code: int) -> None:
    assert verdict(replace(FINE, exit_code=code), LIMITS) is Verdict.RUNTIME_ERROR


def test_an_exit_has_no_signal_and_a_signal_no_exit() -> None:
    ended = run_outcome(JOB, 0, FINE)
    killed = run_outcome(JOB, 0, replace(FINE, exit_code=-1, signal=11))
    assert (ended.exit_code, ended.signal) == (0, None)
    assert (killed.exit_code, killed.signal) == (None, 11)


def test_files_that_were_asked_for_come_back_by_name() -> None:
    one = run_outcome(JOB, 1, replace(FINE, files=((1, b"b"),)))
    assert (one.name, one.files) == ("two", {"b.txt": b"b"})


def test_a_stopped_compiler_says_why() -> None:
    assert "too much memory" in compile_log(replace(FINE, cause=Cause.MEMORY))
    assert compile_log(replace(FINE, stdout=b"\xff", stderr=b"")) == "\ufffd"
