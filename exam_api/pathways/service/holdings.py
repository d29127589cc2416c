"""What somebody holds, as rules and maps see it: from the signed documents and the state of their certificates."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.achievement.competency import Claim
from credentials.achievement.content import skills_in
from credentials.achievement.stacking import Held, State
from credentials.issuance import certificate as core
from exam_api.certificates import queries as certificates
from exam_api.certificates.service import institution
from exam_api.db.models.certificates import Certificate
from exam_api.installation import Installation
from exam_api.pathways import queries
from exam_api.pathways.service.files import name_of

_LEVEL = re.compile(r"Level ([1-9])", re.ASCII)
_EXAM = "urn:uuid:"


def programme_url(here: Installation, slug: str, number: int) -> str:
    """The address of a version of a programme: the achievement that its certificates name, for ever."""
    return f"{institution.base(here)}/programmes/{slug}/{number}"


def programme_of(here: Installation, row: Certificate) -> tuple[str, int] | None:
    """The programme and the version that a certificate is of; None where it is of none."""
    head, mark, tail = achievement_of(row).partition(f"{institution.base(here)}/programmes/")
    slug, _, number = tail.rpartition("/")
    return (slug, int(number)) if mark and not head and slug and number.isascii() and number.isdigit() else None


def achievement_of(row: Certificate) -> str:
    """The address of what was achieved."""
    return str(row.document["credentialSubject"]["achievement"]["id"])


async def of_person(
    session: AsyncSession, here: Installation, user_id: UUID
) -> tuple[list[Held], dict[str, Certificate]]:
    """Somebody's certificates as rules see them, and the rows by the ids that these carry."""
    rows = await certificates.list_of_person(session, user_id)
    return await as_held(session, here, rows), {str(row.id): row for row in rows}


async def as_held(session: AsyncSession, here: Installation, rows: Sequence[Certificate]) -> list[Held]:
    """Certificates as rules see them."""
    versions = {version for row in rows if (version := _version(achievement_of(row)))}
    exams = await queries.exams_of_versions(session, versions)
    return [_held(here, row, exams) for row in rows]


def _held(here: Installation, row: Certificate, exams: Mapping[UUID, UUID]) -> Held:
    achievement = achievement_of(row)
    names = {achievement}
    version, programme = _version(achievement), programme_of(here, row)
    if version is not None and version in exams:
        names.add(name_of("exam", str(exams[version])))
    if programme:
        names.add(name_of("programme", programme[0]))
    state: State = "revoked" if row.revoked_at else "suspended" if row.suspended_at else "valid"
    return Held(
        id=str(row.id),
        names=frozenset(names),
        issued=core.read(row.document).valid_from,  # a new name makes it no younger
        until=row.valid_until,
        state=state,
        score=score_of(row.document),
        skills=tuple((each.url, _level(each.description)) for each in skills_in(row.document)),
    )


def _version(achievement: str) -> UUID | None:
    try:
        return UUID(achievement.removeprefix(_EXAM)) if achievement.startswith(_EXAM) else None
    except ValueError:
        return None


def _level(description: str | None) -> int | None:
    found = _LEVEL.fullmatch(description or "")
    return int(found[1]) if found else None


def score_of(document: Mapping[str, Any]) -> float | None:
    """The score that a certificate of ours tells, in percent; one of a programme tells none."""
    for each in document["credentialSubject"].get("result", []):
        if str(each.get("resultDescription")).endswith("#score"):
            return float(each["value"])
    return None


def claims(held: Iterable[Held]) -> list[Claim]:
    """What certificates say of skills, each by its id. Which of them count is the caller's to choose."""
    return [Claim(url, level, each.id) for each in held for url, level in each.skills]
