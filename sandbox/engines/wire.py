"""The bytes between us and the supervisor: it says that it is ready, takes one job, and answers one frame per step.

In a live job we also say when each run starts ("S"), bring it words ("I") and tell that no more come ("E"); what the
program writes comes at once ("O"). Who has taken words says so ("A"), and we pass it on: no more than one piece is on its
way in each direction. Big-endian throughout.

The other end is `sandbox/images/supervisor/wire.c`; what it says is treated as hostile all the same.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from sandbox.errors import SupervisorBroken
from sandbox.job import Job, Limits
from sandbox.languages import LANGUAGES
from sandbox.languages.base import Step

PROTOCOL = 0x494E5603
ERROR_BYTES = 64 * 1024  # most of a run's standard error that is kept
PIECE = 64 * 1024  # most of what goes between us and a running program at once
START = b"S\0\0\0\0"
END = b"E\0\0\0\0"
TAKEN = b"A\0\0\0\0"  # what you said last has been taken by the other program
ACK = b""  # the same from a program, among its words
_RESULT = struct.Struct("!cBBiiQQQII")
_FILE = struct.Struct("!IQ")


class Cause(IntEnum):
    """Why the supervisor ended a run; ENDED: it ended by itself."""

    ENDED = 0
    TIME = 1
    WALL = 2
    MEMORY = 3
    OUTPUT = 4
    NO_ARTEFACT = 5


@dataclass(frozen=True)
class Report:
    """One step as the supervisor measured it. Microseconds and bytes; `kind` is "C" (compile) or "R" (run)."""

    kind: str
    cause: Cause
    stdout_cut: bool
    stderr_cut: bool
    oom: bool
    exit_code: int
    signal: int
    cpu_us: int
    wall_us: int
    peak: int
    stdout: bytes
    stderr: bytes
    files: tuple[tuple[int, bytes], ...] = ()  # which of `Job.collect`, and what is in it


def encode_job(job: Job, *, live: bool = False) -> bytes:
    """The one job that a container is ever given."""
    language = LANGUAGES[job.language]
    limits = job.limits
    parts = [struct.pack("!I", PROTOCOL), _limits(limits, limits.output_bytes, error_cap(limits)), _step(language.step)]
    parts += [struct.pack("!I", live), _files(job.files)]
    parts.append(_word(language.artefact.encode()))
    parts += [
        _words(language.compile(job.entry, tuple(job.files))),
        _words(language.run(job.entry, limits.memory_bytes)),
    ]
    parts += [_words(job.collect), struct.pack("!I", len(job.runs))]
    parts += [_words(run.args) + _blob(run.stdin) + _files(run.files) for run in job.runs]
    payload = b"".join(parts)
    return struct.pack("!I", len(payload)) + payload


def encode_piece(words: bytes) -> bytes:
    """Words for a running program, at most `PIECE` bytes."""
    return struct.pack("!cI", b"I", len(words)) + words


def error_cap(limits: Limits) -> int:
    return min(limits.output_bytes, ERROR_BYTES)


def _word(word: bytes) -> bytes:
    return struct.pack("!I", len(word)) + word


def _words(words: Sequence[str]) -> bytes:
    return struct.pack("!I", len(words)) + b"".join(_word(word.encode()) for word in words)


def _blob(data: bytes) -> bytes:
    return struct.pack("!Q", len(data)) + data


def _files(files: Mapping[str, bytes]) -> bytes:
    return struct.pack("!I", len(files)) + b"".join(_word(name.encode()) + _blob(data) for name, data in files.items())


def _limits(limits: Limits | Step, output: int, errors: int) -> bytes:
    cpu, wall = (math.ceil(seconds * 1_000_000) for seconds in (limits.cpu_seconds, limits.wall_seconds))
    return struct.pack("!7Q", cpu, wall, limits.memory_bytes, output, errors, limits.file_bytes, limits.pids)


def _step(step: Step) -> bytes:
    return _limits(step, step.log_bytes, step.log_bytes)


def read_ready(read: Callable[[int], bytes]) -> None:
    """The supervisor's first word. Raises `SupervisorBroken` when it speaks another version."""
    payload = _frame(read, 500)
    if payload != b"Y" + struct.pack("!I", PROTOCOL):
        raise SupervisorBroken("it is of another version")


def read_reports(read: Callable[[int], bytes], job: Job) -> Iterator[Report]:
    """Reports until the supervisor says that it is done. `read(n)` gives exactly n bytes or raises.

    Raises `SupervisorBroken` for anything that this job cannot have produced; nothing larger than the job's own
    limits allow is ever read into memory.
    """
    for _ in range(len(job.runs) + 2):
        said = read_said(read, job)
        if said is None:
            return
        if isinstance(said, bytes):
            raise SupervisorBroken("words of a live run in a job that is not live")
        yield said
    raise SupervisorBroken("more frames than the job has steps")


def read_said(read: Callable[[int], bytes], job: Job) -> Report | bytes | None:
    """What comes next: a report, words of a live run (`ACK`: it took ours), or None when the job is done.

    Raises as `read_reports` does.
    """
    step = LANGUAGES[job.language].step
    files = job.limits.output_bytes + len(job.collect) * _FILE.size if job.collect else 0
    most = max(2 * step.log_bytes, job.limits.output_bytes + error_cap(job.limits) + files, PIECE) + _RESULT.size
    payload = _frame(read, most)
    if payload == b"D":
        return None
    if payload == b"A":
        return ACK
    if payload[:1] == b"O" and len(payload) > 1:
        return payload[1:]
    return decode_report(payload, len(job.collect))


def _frame(read: Callable[[int], bytes], most: int) -> bytes:
    (size,) = struct.unpack("!I", read(4))
    if not 1 <= size <= most:
        raise SupervisorBroken(f"a frame of {size} bytes")
    payload = read(size)
    if payload[:1] == b"E":
        raise SupervisorBroken(payload[1:500].decode(errors="replace"))
    return payload


def decode_report(payload: bytes, collected: int = 0) -> Report:
    """One report out of its frame; `collected` files were asked for. Raises `SupervisorBroken` where it has no such form."""
    try:
        kind, cause, flags, exit_code, signal, cpu, wall, peak, out, err = _RESULT.unpack_from(payload)
        body = payload[_RESULT.size :]
        if kind not in (b"C", b"R") or out + err > len(body):
            raise SupervisorBroken("a frame of an unknown kind")
        marks = bool(flags & 1), bool(flags & 2), bool(flags & 4)
        numbers = exit_code, signal, cpu, wall, peak
        files = tuple(_decode_files(body[out + err :], collected))
        return Report(kind.decode(), Cause(cause), *marks, *numbers, body[:out], body[out : out + err], files)
    except (struct.error, ValueError) as error:
        raise SupervisorBroken("a frame out of form") from error


def _decode_files(body: bytes, collected: int) -> Iterator[tuple[int, bytes]]:
    last = -1
    while body:
        index, size = _FILE.unpack_from(body)
        if not last < index < collected or size > len(body) - _FILE.size:
            raise SupervisorBroken("a file that nobody asked for")
        yield index, body[_FILE.size : _FILE.size + size]
        last, body = index, body[_FILE.size + size :]


def encode_report(report: Report) -> bytes:
    """The payload of a report, as the supervisor writes it."""
    flags = report.stdout_cut | report.stderr_cut << 1 | report.oom << 2
    head = (report.kind.encode(), report.cause, flags, report.exit_code, report.signal)
    numbers = (report.cpu_us, report.wall_us, report.peak, len(report.stdout), len(report.stderr))
    files = b"".join(_FILE.pack(index, len(data)) + data for index, data in report.files)
    return _RESULT.pack(*head, *numbers) + report.stdout + report.stderr + files
