"""A job that could hurt is refused before anything runs."""

import math
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import InvalidJob, SandboxFailure
from sandbox.job import BOUNDS, MAX_JOB_BYTES, MAX_RUNS, Job, Limits, Run, check_name

RUNS = (Run("one"),)
quick = settings(max_examples=50, deadline=None)


def limits(**values: Any) -> Limits:
    return Limits(**values)


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, -math.inf, 10**18, True, "5", None])
def test_a_limit_that_limits_nothing_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidJob, match=name):
        limits(**{name: value})


@pytest.mark.parametrize("name", BOUNDS)
def test_both_ends_of_every_limit_are_allowed(name: str) -> None:
    kind = float if name.endswith("_seconds") else int
    for value in map(kind, BOUNDS[name]):
        assert getattr(limits(**{name: value}), name) == value


@quick
@given(name=st.sampled_from(sorted(BOUNDS)), value=st.floats() | st.integers())
def test_a_limit_is_within_bounds_or_refused(name: str, value: float) -> None:
    least, most = BOUNDS[name]
    right_kind = isinstance(value, int) or name.endswith("_seconds")
    if right_kind and least <= value <= most:
        assert getattr(limits(**{name: value}), name) == value
    else:
        with pytest.raises(InvalidJob):
            limits(**{name: value})


@pytest.mark.parametrize("name", ["main.py", "lib/tree.py", "Übung.py", "a/b/c/d.txt", "data-1.csv", "two words.txt"])
def test_plain_names_are_taken(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".", "..", ".bashrc", "a/.git/x", "-rf", "a\\b", "a\0b", "a\nb", "evil\u202egnp.py",
     "\ud800", "x" * 101, "/".join("abcdefghi"), "é" * 60, "a\u200bb"],
)  # fmt: skip
def test_unsafe_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidJob):
        check_name(name)


@quick
@given(st.text(max_size=40))
def test_a_name_that_passes_cannot_leave_its_folder(name: str) -> None:
    try:
        check_name(name)
    except InvalidJob:
        return
    assert not name.startswith("/")
    assert not {"", ".", ".."} & set(name.split("/"))
    assert not any(unicodedata.category(sign) == "Cc" for sign in name)


def job(**changes: Any) -> Job:
    given: dict[str, Any] = {"language": "python", "files": {"main.py": b""}, "entry": "main.py", "runs": RUNS}
    return Job(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"language": "cobol"}, "cobol"),
        ({"entry": "other.py"}, "other.py"),
        ({"files": {}}, "main.py"),
        ({"files": {"main.py": b"", "../x": b""}}, "x"),
        ({"files": {"main.py": b"", "main.py/x": b""}}, "both a file and a folder"),
        ({"runs": ()}, "runs"),
        ({"runs": (Run("one"), Run("one"))}, "own name"),
        ({"runs": tuple(Run(str(n)) for n in range(MAX_RUNS + 1))}, "runs"),
        ({"files": {"main.py": bytes(MAX_JOB_BYTES + 1)}}, "bytes"),
        ({"files": {"main.py": b""} | {f"{n}.txt": b"" for n in range(500)}}, "files"),
    ],
)
def test_a_job_that_breaks_a_rule_says_which(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidJob, match=said):
        job(**changes)


def test_a_job_keeps_its_own_copy_of_the_files() -> None:
    files = {"main.py": b"1"}
    made = job(files=files)
    files["main.py"] = b"2"
    assert made.files["main.py"] == b"1"


def test_a_run_has_a_name_and_no_nul() -> None:
    with pytest.raises(InvalidJob):
        Run("")
    with pytest.raises(InvalidJob):
        Run("one", args=("a\0b",))


def test_an_invalid_job_is_not_our_failure() -> None:
    assert not issubclass(InvalidJob, SandboxFailure)
    assert "correct the named value" in str(InvalidJob("x"))
