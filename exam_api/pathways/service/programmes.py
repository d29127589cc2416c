"""Programmes: written in versions that never change, opened and closed; what they take, and how far somebody is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.achievement.competency import cycle
from credentials.achievement.stacking import Group, Held, Need, Progress, Rule, look, needs
from exam_api.certificates.service import institution
from exam_api.db import ledger
from exam_api.db.models.certificates import Certificate
from exam_api.db.models.pathways import Programme
from exam_api.errors import EditedElsewhere, Invalid, PathwayFileWrong, WrongState
from exam_api.events import ProgrammeClosed, ProgrammeOpened, ProgrammeWritten
from exam_api.exams.schemas import ProblemOut
from exam_api.installation import Installation
from exam_api.pathways import queries
from exam_api.pathways.schemas import RESERVED, NameIn, NodeOut, PartOut, ProgrammeOut, ProgressOut
from exam_api.pathways.service import files, holdings
from exam_api.web.i18n import _

ELSEWHERE = _("Somebody else wrote a newer version meanwhile, so nothing was saved. Your text is still in the form.")
TAKEN = _("There is a programme of this short name already. Choose another one, or change that programme.")
OPEN_ALREADY = _("This version is open already.")
NOT_OPEN = _("This programme is not open.")
NO_NAME = _("This short name is taken by an address of ours. Choose another one.")
MOST = 2_000  # certificates that a preview looks through


def short_name(text: str) -> str:
    """A short name that somebody typed. Raises pydantic's `ValidationError`."""
    return NameIn(slug=text).slug


async def write(session: AsyncSession, slug: str, source: str, number: int, now: datetime, actor_id: UUID) -> Programme:
    """A new version over version `number`; the same text makes none. Raises `PathwayFileWrong`, `EditedElsewhere`."""
    if slug in RESERVED:
        raise Invalid(NO_NAME)
    file = files.read_programme(source)
    await queries.lock_slug(session, "programme", slug)
    newest = next(iter(await queries.versions_of(session, slug)), None)
    if (newest.number if newest else 0) != number:
        raise EditedElsewhere(TAKEN if number == 0 else ELSEWHERE)
    if newest is not None and newest.source == source:
        return newest
    await _check_references(session, slug, file.rule)
    row = Programme(
        id=uuid4(),
        slug=slug,
        number=number + 1,
        title=file.title,
        source=source,
        created_at=now,
        created_by=actor_id,
    )
    session.add(row)
    await session.flush()
    await ledger.append(session, ProgrammeWritten(row.id, slug, row.number), now, actor_id)
    return row


async def _check_references(session: AsyncSession, slug: str, rule: Rule) -> None:
    """What is named is there, and no programme needs itself, not even by way of others. Raises `PathwayFileWrong`."""
    programmes = {row.slug: row for row in await queries.newest_programmes(session)}
    exams = {str(exam_id) for exam_id, _title, _terms in await queries.newest_terms(session)}
    for need in needs(rule):
        kind, _, name = need.name.partition(":")
        if kind == "programme" and name not in programmes and name != slug:
            raise _wrong(f"There is no programme {name!r}. Write it first.")
        if kind == "exam" and name not in exams:
            raise _wrong(f"There is no published exam with the id {name}. Publish it first.")
    asked = {each.slug: _asked(files.read_programme(each.source).rule) for each in programmes.values()}
    loop = cycle({**asked, slug: _asked(rule)})
    if loop:
        raise _wrong(f"{' → '.join(loop)}: a programme cannot need itself, not even by way of others.")


def _asked(rule: Rule) -> list[str]:
    return [each.name.removeprefix("programme:") for each in needs(rule) if each.name.startswith("programme:")]


def _wrong(message: str) -> PathwayFileWrong:
    return PathwayFileWrong(problems=[ProblemOut(line=1, path="rule", message=message).model_dump()])


async def open_version(session: AsyncSession, row: Programme, now: datetime, actor_id: UUID) -> None:
    """It counts from now on, and the version that was open before counts no longer. Raises `WrongState`."""
    await queries.lock_slug(session, "programme", row.slug)
    for other in await queries.versions_of(session, row.slug):
        if other.opened_at is not None and other.closed_at is None:
            if other.id == row.id:
                raise WrongState(OPEN_ALREADY)
            await _close(session, other, now, actor_id)
    await session.flush()
    row.opened_at, row.closed_at = now, None
    await ledger.append(session, ProgrammeOpened(row.id), now, actor_id)


async def close_version(session: AsyncSession, row: Programme, now: datetime, actor_id: UUID) -> None:
    """It earns no more certificates; those that were issued stay. Raises `WrongState`."""
    if row.opened_at is None or row.closed_at is not None:
        raise WrongState(NOT_OPEN)
    await _close(session, row, now, actor_id)


async def _close(session: AsyncSession, row: Programme, now: datetime, actor_id: UUID) -> None:
    row.closed_at = now
    await ledger.append(session, ProgrammeClosed(row.id), now, actor_id)


# --- in words ---


async def labels(session: AsyncSession) -> dict[str, str]:
    """What rules name, in words: exams by their certificate, programmes by title, skills by name."""
    found = {files.name_of("programme", each.slug): each.title for each in await queries.newest_programmes(session)}
    for row in await queries.newest_maps(session):
        found |= {skill.url: skill.name for skill in files.read_map(row.source, row.slug).skills}
    for exam_id, title, terms in await queries.newest_terms(session):
        found[files.name_of("exam", str(exam_id))] = str((terms or {}).get("name") or title)
        found |= {str(each["url"]): str(each["name"]) for each in (terms or {}).get("skills", [])}
    return found


def shape(
    here: Installation, row: Programme, known: Mapping[str, str], found: Progress | None = None, rows: Any = None
) -> ProgrammeOut:
    """A version in words; with `found` how far somebody is, by their certificates `rows`."""
    file = files.read_programme(row.source)
    return ProgrammeOut(
        slug=row.slug,
        number=row.number,
        url=holdings.programme_url(here, row.slug, row.number),
        title=file.title,
        description=file.description,
        open=row.opened_at is not None and row.closed_at is None,
        opened_at=row.opened_at,
        follows=file.follows,
        certificate=file.terms.name,
        earned_for=file.terms.description,
        criteria=file.terms.criteria,
        certificate_kind=file.terms.kind,
        valid_years=file.terms.valid_years,
        rule=_node(here, file.rule, known, found, rows or {}),
    )


def _node(
    here: Installation, rule: Rule, known: Mapping[str, str], found: Progress | None, rows: Mapping[str, Certificate]
) -> NodeOut:
    met = found.met if found else None
    if isinstance(rule, Group):
        of = found.of if found else (None,) * len(rule.of)
        inner = [_node(here, each, known, one, rows) for each, one in zip(rule.of, of, strict=True)]
        return NodeOut(kind=rule.how, least=rule.least, met=met, done=found.done if found else 0, of=inner)
    kind, reference = _asks_for(rule)
    by = rows.get(found.by.id) if found and found.by else None
    return NodeOut(
        kind=cast("Any", kind),
        label=known.get(rule.name or rule.skill, reference),
        reference=reference,
        min_score=rule.min_score,
        level=rule.level,
        within_months=rule.within_months,
        met=met,
        why=found.why if found else None,
        by=part(here, by) if by else None,
    )


def _asks_for(need: Need) -> tuple[str, str]:
    if need.skill:
        return "skill", need.skill
    for kind in ("exam", "programme"):
        if need.name.startswith(f"{kind}:"):
            return kind, need.name.removeprefix(f"{kind}:")
    return "achievement", need.name


def part(here: Installation, row: Certificate) -> PartOut:
    """A certificate, as a rule's parts name it."""
    url = institution.certificate_url(here, row.id)
    return PartOut(
        id=str(row.id), url=url, name=row.document["name"], issued_at=row.issued_at, valid_until=row.valid_until
    )


async def progress(
    session: AsyncSession, here: Installation, user_id: UUID, programmes: Sequence[Programme], now: datetime
) -> list[ProgressOut]:
    """How far somebody is in each of these."""
    held, rows = await holdings.of_person(session, here, user_id)
    known = await labels(session)
    found = []
    for row in programmes:
        looked = look(files.read_programme(row.source).rule, held, now)
        name = files.name_of("programme", row.slug)
        mine = next(
            (each for each in held if name in each.names and each.state == "valid" and not _over(each, now)), None
        )
        url = institution.certificate_url(here, UUID(mine.id)) if mine else None
        found.append(ProgressOut(programme=shape(here, row, known, looked, rows), met=looked.met, certificate_url=url))
    return found


def _over(held: Held, now: datetime) -> bool:
    return held.until is not None and held.until <= now


async def would_earn(
    session: AsyncSession, here: Installation, file: files.Programme, now: datetime
) -> tuple[int, int]:
    """How many people meet a rule now, of how many whose certificates were looked at."""
    found = await queries.some_certificates(session, MOST)
    held = await holdings.as_held(session, here, [row for _, row in found])
    of: dict[UUID, list[Held]] = {}
    for (person, _row), each in zip(found, held, strict=True):
        of.setdefault(person, []).append(each)
    return sum(look(file.rule, mine, now).met for mine in of.values()), len(of)
