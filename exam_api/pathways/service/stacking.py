"""From certificates to the certificate of a programme, once its rule is met."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.achievement.components import Component
from credentials.achievement.stacking import Held, look, rests_on
from credentials.issuance import certificate as core
from exam_api.certificates.service import awarding, parts
from exam_api.certificates.service.issuing import years_after
from exam_api.db.models.certificates import Certificate
from exam_api.db.models.pathways import Programme, StackedPart
from exam_api.installation import Installation
from exam_api.pathways import queries
from exam_api.pathways.service import files, holdings

NARRATIVE = (
    "The rule of this programme was met by the certificates that are named here, all of them valid at the moment of issue. "
    "What it takes stands at the address of the achievement."
)


async def give_earned(
    session: AsyncSession,
    here: Installation,
    user_id: UUID,
    programmes: Sequence[Programme],
    now: datetime,
    chance: Callable[[int], bytes],
) -> list[Certificate]:
    """The certificates of those programmes whose rule somebody meets now and whose certificate they do not have yet.

    Who has had one that was suspended or revoked gets none by a program: a person decided that. Nor who had it erased. One that
    has ended is given anew when the rule is met again.
    """
    person = await queries.lock_person(session, user_id)
    held, rows = await holdings.of_person(session, here, user_id)
    unwanted = await queries.erased_programmes(session, user_id, now)
    made = []
    for row in programmes:
        name = files.name_of("programme", row.slug)
        if row.slug in unwanted or any(name in each.names and not _over(each, now) for each in held):
            continue
        file = files.read_programme(row.source)
        resting = rests_on(look(file.rule, held, now))
        if not resting:
            continue
        wanted = _wanted(here, row, file, [rows[each.id] for each in resting], now)
        given = await awarding.give(session, here, awarding.Gift(person, wanted), now, chance)
        session.add_all(
            StackedPart(certificate_id=given.id, part_id=UUID(each.id), programme_id=row.id) for each in resting
        )
        made.append(given)
    return made


def _over(held: Held, now: datetime) -> bool:
    return held.state == "valid" and held.until is not None and held.until <= now


def _wanted(
    here: Installation, row: Programme, file: files.Programme, resting: Sequence[Certificate], now: datetime
) -> awarding.Wanted:
    terms = file.terms
    return awarding.Wanted(
        achievement=core.Achievement(
            id=holdings.programme_url(here, row.slug, row.number),
            name=awarding.plain(terms.name),
            description=awarding.plain(terms.description),
            criteria=awarding.plain(terms.criteria),
            kind=parts.KINDS[terms.kind],
            alignments=parts.alignments(terms.skills),
        ),
        valid_until=ends(file, [each.valid_until for each in resting], now),
        evidence=core.Evidence(awarding.plain(file.title), NARRATIVE),
        suspendable=terms.suspendable or file.follows,
        components=tuple(Component.of(each.document, core.read(each.document).assurance) for each in resting),
    )


def ends(file: files.Programme, parts_end: Sequence[datetime | None], now: datetime) -> datetime | None:
    """When the certificate ends: after its own years; where it follows its parts, no later than the first of them."""
    own = years_after(now, file.terms.valid_years) if file.terms.valid_years else None
    first = [each for each in parts_end if each is not None] if file.follows else []
    return min([*first, *([own] if own else [])], default=None)
