"""Stored findings for people to read: codes become names again."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.findings import Finding
from exam_api.findings import queries
from exam_api.findings.schemas import FindingOut, FindingsOut, PersonOut, StrongestOut
from exam_api.findings.service.study import ALPHA

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


@dataclass(frozen=True)
class Reading:
    """The last look at a sitting. `picture` is an SVG without its own style: the page's style sheet has the colours."""

    found: FindingsOut
    picture: str | None
    words: str


async def read(session: AsyncSession, sitting_id: UUID) -> Reading:
    """Everything that the last look said, with today's names."""
    run = await queries.find_run(session, sitting_id)
    rows = await queries.list_findings(session, sitting_id)
    names = await queries.names_of(session, sitting_id)
    stored: Mapping[str, Any] = run.evidence if run else {}
    codes = {code: UUID(attempt) for code, attempt in stored.get("codes", {}).items()}
    named = _namer({code: names.get(attempt, code) for code, attempt in codes.items()})
    picture = stored.get("picture")
    drawn = _namer({code: escape(names.get(attempt, code)) for code, attempt in codes.items()})
    found = FindingsOut(
        sitting_id=sitting_id,
        made_at=run.made_at if run else None,
        people=run.people if run else 0,
        items=stored.get("items", 0),
        pairs=run.pairs if run else 0,
        alpha=stored.get("alpha", ALPHA),
        reason=run.reason if run else None,
        strongest=_strongest(stored.get("strongest"), codes, names, named),
        findings=[_finding(row, names, named) for row in rows],
    )
    return Reading(found, _STYLE.sub("", drawn(picture)) if picture else None, named(stored.get("words", "")))


def _namer(names: Mapping[str, str]) -> Callable[[str], str]:
    """Replaces each known code in a text."""
    return lambda text: re.sub(r"#[0-9a-f]{8,32}\b", lambda match: names.get(match[0], match[0]), text)


def _people(attempts: list[UUID], names: Mapping[UUID, str]) -> list[PersonOut]:
    return [PersonOut(attempt_id=each, name=names.get(each, "")) for each in attempts]


def _strongest(
    stored: Mapping[str, Any] | None,
    codes: Mapping[str, UUID],
    names: Mapping[UUID, str],
    named: Callable[[str], str],
) -> StrongestOut | None:
    if stored is None:
        return None
    return StrongestOut(
        people=_people([codes[code] for code in stored["people"]], names),
        p_value=stored["p_value"],
        p_adjusted=stored["p_adjusted"],
        explanation=named(stored["explanation"]),
    )


def _finding(row: Finding, names: Mapping[UUID, str], named: Callable[[str], str]) -> FindingOut:
    evidence = {name: value for name, value in row.evidence.items() if name not in {"assumptions", "alpha"}}
    return FindingOut(
        id=row.id,
        detector=row.detector,
        people=_people([UUID(each) for each in row.attempts], names),
        p_value=row.p_value,
        p_adjusted=row.p_adjusted,
        statistic=row.statistic,
        expected=row.expected,
        explanation=named(row.explanation),
        innocent=row.innocent,
        assumptions=row.evidence.get("assumptions", []),
        evidence=evidence,
    )
