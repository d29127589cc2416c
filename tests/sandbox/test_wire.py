"""The bytes between host and supervisor: what goes round comes back, and what is out of form is our failure."""

import io
import struct
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.engines.wire import (
    PROTOCOL,
    Cause,
    Report,
    decode_report,
    encode_job,
    encode_report,
    read_ready,
    read_reports,
    read_said,
)
from sandbox.errors import SupervisorBroken
from sandbox.job import Job, Limits, Run

JOB = Job(
    "python",
    {"main.py": b"print(1)"},
    "main.py",
    (Run("one", b"in", ("arg",)), Run("two", files={"extra.txt": b"more"})),
    Limits(output_bytes=100),
    ("a.txt", "b.txt"),
)
quick = settings(max_examples=50, deadline=None)

EMPTY = Report("R", Cause.ENDED, False, False, False, 0, 0, 0, 0, 0, b"", b"")
numbers = st.integers(0, 2**64 - 1)
reports = st.builds(
    Report,
    kind=st.sampled_from("CR"),
    cause=st.sampled_from(Cause),
    stdout_cut=st.booleans(),
    stderr_cut=st.booleans(),
    oom=st.booleans(),
    exit_code=st.integers(-1, 255),
    signal=st.integers(0, 64),
    cpu_us=numbers,
    wall_us=numbers,
    peak=numbers,
    stdout=st.binary(max_size=100),
    stderr=st.binary(max_size=100),
    files=st.dictionaries(st.integers(0, 1), st.binary(max_size=50)).map(lambda files: tuple(sorted(files.items()))),
)


def frame(payload: bytes) -> bytes:
    return struct.pack("!I", len(payload)) + payload


def reader(data: bytes) -> Callable[[int], bytes]:
    stream = io.BytesIO(data)

    def read(size: int) -> bytes:
        piece = stream.read(size)
        if len(piece) < size:
            raise EOFError
        return piece

    return read


@quick
@given(reports)
def test_a_report_survives_the_journey(report: Report) -> None:
    assert decode_report(encode_report(report), 2) == report


@quick
@given(st.lists(reports, max_size=3))
def test_reports_are_read_until_done(sent: list[Report]) -> None:
    data = b"".join(frame(encode_report(one)) for one in sent) + frame(b"D")
    assert list(read_reports(reader(data), JOB)) == sent


@quick
@given(st.binary(max_size=200))
def test_no_bytes_are_read_as_anything_but_reports_or_a_failure(data: bytes) -> None:
    try:
        for report in read_reports(reader(data), JOB):
            assert isinstance(report.cause, Cause)
    except (SupervisorBroken, EOFError):
        pass


@pytest.mark.parametrize(
    "data",
    [
        frame(b""),
        struct.pack("!I", 2**31),
        frame(b"X" + bytes(60)),
        frame(b"R"),
        frame(b"R\x63" + bytes(60)),
        frame(b"Eno room"),
        frame(encode_report(EMPTY)) * 9,
        frame(encode_report(replace(EMPTY, files=((2, b"who asked?"),)))),
        frame(encode_report(replace(EMPTY, files=((1, b""), (0, b""))))),
        frame(encode_report(EMPTY) + b"\0\0\0\0\0\0\0\0\0\0\0\x09short"),
        frame(b"Owords of a run"),
    ],
    ids=[
        "empty",
        "huge",
        "unknown kind",
        "short",
        "unknown cause",
        "an error",
        "too many",
        "a file nobody asked for",
        "files in another order",
        "a file cut short",
        "live words in a job that is not",
    ],
)
def test_what_this_job_cannot_have_produced_is_our_failure(data: bytes) -> None:
    with pytest.raises(SupervisorBroken):
        list(read_reports(reader(data), JOB))


def test_a_job_frame_says_its_length_version_and_holds_the_job() -> None:
    data = encode_job(JOB)
    length, version = struct.unpack_from("!II", data)
    assert (length, version) == (len(data) - 4, PROTOCOL)
    for part in (b"print(1)", b"main.py", b"/usr/bin/python3", b"in", b"arg", b"extra.txt", b"more", b"b.txt"):
        assert part in data


def test_names_of_runs_stay_outside() -> None:
    job = Job("python", {"main.py": b""}, "main.py", (Run("secret-test-name"),))
    assert b"secret-test-name" not in encode_job(job)


def test_a_supervisor_of_another_version_is_our_failure() -> None:
    read_ready(reader(frame(b"Y" + struct.pack("!I", PROTOCOL))))
    with pytest.raises(SupervisorBroken, match="version"):
        read_ready(reader(frame(b"Y" + struct.pack("!I", PROTOCOL - 1))))


def test_words_of_a_live_run_come_before_its_report() -> None:
    read = reader(frame(b"Ohello") + frame(encode_report(EMPTY)) + frame(b"D"))
    assert [read_said(read, JOB) for _ in range(3)] == [b"hello", EMPTY, None]
