"""The bytes between us and the supervisor: one frame in, one frame out per step. Big-endian throughout.

The other end is `sandbox/images/supervisor/wire.c`; what it says is treated as hostile all the same.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from sandbox.errors import SupervisorBroken
from sandbox.job import Job, Limits
from sandbox.languages import LANGUAGES
from sandbox.languages.base import Step

PROTOCOL = 0x494E5601
ERROR_BYTES = 64 * 1024  # most of a run's standard error that is kept
_RESULT = struct.Struct("!cBBiiQQQI")


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


def encode_job(job: Job) -> bytes:
    """The one frame that a container is ever given."""
    language = LANGUAGES[job.language]
    limits = job.limits
    parts = [struct.pack("!I", PROTOCOL), _limits(limits, limits.output_bytes, error_cap(limits)), _step(language.step)]
    parts.append(struct.pack("!I", len(job.files)))
    parts += [_word(name.encode()) + _blob(data) for name, data in job.files.items()]
    parts.append(_word(language.artefact.encode()))
    parts += [_words(language.compile(job.entry, tuple(job.files))), _words(language.run(job.entry))]
    parts.append(struct.pack("!I", len(job.runs)))
    parts += [_words(run.args) + _blob(run.stdin) for run in job.runs]
    payload = b"".join(parts)
    return struct.pack("!I", len(payload)) + payload


def error_cap(limits: Limits) -> int:
    return min(limits.output_bytes, ERROR_BYTES)


def _word(word: bytes) -> bytes:
    return struct.pack("!I", len(word)) + word


def _words(words: Sequence[str]) -> bytes:
    return struct.pack("!I", len(words)) + b"".join(_word(word.encode()) for word in words)


def _blob(data: bytes) -> bytes:
    return struct.pack("!Q", len(data)) + data


def _limits(limits: Limits | Step, output: int, errors: int) -> bytes:
    cpu, wall = (math.ceil(seconds * 1_000_000) for seconds in (limits.cpu_seconds, limits.wall_seconds))
    return struct.pack("!6Q", cpu, wall, limits.memory_bytes, output, errors, limits.file_bytes)


def _step(step: Step) -> bytes:
    return _limits(step, step.log_bytes, step.log_bytes)


def read_reports(read: Callable[[int], bytes], job: Job) -> Iterator[Report]:
    """Reports until the supervisor says that it is done. `read(n)` gives exactly n bytes or raises.

    Raises `SupervisorBroken` for anything that this job cannot have produced; nothing larger than the job's own
    limits allow is ever read into memory.
    """
    step = LANGUAGES[job.language].step
    most = max(2 * step.log_bytes, job.limits.output_bytes + error_cap(job.limits)) + _RESULT.size
    for _ in range(len(job.runs) + 2):
        (size,) = struct.unpack("!I", read(4))
        if not 1 <= size <= most:
            raise SupervisorBroken(f"a frame of {size} bytes")
        payload = read(size)
        if payload == b"D":
            return
        if payload[:1] == b"E":
            raise SupervisorBroken(payload[1:500].decode(errors="replace"))
        yield decode_report(payload)
    raise SupervisorBroken("more frames than the job has steps")


def decode_report(payload: bytes) -> Report:
    """One report out of its frame. Raises `SupervisorBroken` when the frame has no such form."""
    try:
        kind, cause, flags, exit_code, signal, cpu, wall, peak, out = _RESULT.unpack_from(payload)
        body = payload[_RESULT.size :]
        if kind not in (b"C", b"R") or out > len(body):
            raise SupervisorBroken("a frame of an unknown kind")
        return Report(
            kind.decode(),
            Cause(cause),
            bool(flags & 1),
            bool(flags & 2),
            bool(flags & 4),
            exit_code,
            signal,
            cpu,
            wall,
            peak,
            body[:out],
            body[out:],
        )
    except (struct.error, ValueError) as error:
        raise SupervisorBroken("a frame out of form") from error


def encode_report(report: Report) -> bytes:
    """The payload of a report, as the supervisor writes it."""
    flags = report.stdout_cut | report.stderr_cut << 1 | report.oom << 2
    head = (report.kind.encode(), report.cause, flags, report.exit_code, report.signal)
    numbers = (report.cpu_us, report.wall_us, report.peak, len(report.stdout))
    return _RESULT.pack(*head, *numbers) + report.stdout + report.stderr
