"""Read limits, and those of single languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grading.kinds.code.values import MIB, CodeLimits, LanguageLimits
from grading.reading import Fields, Path, unique
from sandbox.job import BOUNDS
from sandbox.languages import LANGUAGES

if TYPE_CHECKING:
    from grading.kinds.code.item import Code

MAX_FACTOR = 100


def read(fields: Fields) -> CodeLimits:
    if not fields.has("limits"):
        return CodeLimits()
    own = CodeLimits()
    inner = Fields(fields.value("limits"), (*fields.path, "limits"), tuple(vars(own)))
    return CodeLimits(
        cpu_seconds=_seconds(inner, "cpu_seconds", own.cpu_seconds),
        wall_seconds=_seconds(inner, "wall_seconds", own.wall_seconds),
        memory_mib=_memory(inner, own.memory_mib),
        processes=_processes(inner, own.processes),
        output_kib=inner.whole("output_kib", own.output_kib, least=1, most=int(BOUNDS["output_bytes"][1]) // 1024),
    )


def read_languages(fields: Fields) -> tuple[LanguageLimits, ...]:
    rows = fields.rows("language_limits", most=len(LANGUAGES))
    found = tuple(_language(entry, path) for entry, path in rows)
    named = [(one.language, (*path, "language")) for one, (_, path) in zip(found, rows, strict=True)]
    unique(named, "language")
    return found


def _language(entry: object, path: Path) -> LanguageLimits:
    fields = Fields(entry, path, ("language", "factor", "cpu_seconds", "wall_seconds", "memory_mib", "processes"))
    return LanguageLimits(
        language=fields.one_of("language", tuple(LANGUAGES)),
        factor=fields.number("factor", 1.0, least=1 / MAX_FACTOR, most=MAX_FACTOR),
        cpu_seconds=_seconds(fields, "cpu_seconds", 0.0),
        wall_seconds=_seconds(fields, "wall_seconds", 0.0),
        memory_mib=_memory(fields, 0),
        processes=_processes(fields, 0),
    )


def _seconds(fields: Fields, key: str, default: float) -> float:
    return fields.number(key, default, least=BOUNDS[key][0], most=BOUNDS[key][1]) if fields.has(key) else default


def _memory(fields: Fields, default: int) -> int:
    most = int(BOUNDS["memory_bytes"][1]) // MIB
    return fields.whole("memory_mib", default, least=4, most=most) if fields.has("memory_mib") else default


def _processes(fields: Fields, default: int) -> int:
    most = int(BOUNDS["pids"][1])
    return fields.whole("processes", default, least=1, most=most) if fields.has("processes") else default


def check(fields: Fields, item: Code) -> None:
    """Refuse limits below which nothing in a language can start: every answer would fail. Raises `ItemError`."""
    for name in item.allowed():
        language, own = LANGUAGES[name], item.limits_for(name)
        if own.memory_mib * MIB < language.least_memory:
            least = -(-language.least_memory // MIB)
            raise fields.fail("limits", f"nothing in {language.title} starts with less than {least} MiB of memory")
        if own.processes < language.least_pids:
            raise fields.fail(
                "limits", f"nothing in {language.title} starts with less than {language.least_pids} processes"
            )
