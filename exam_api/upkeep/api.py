"""Changed names, continuing credits and erasures: JSON in, JSON out."""

from uuid import UUID

from fastapi import APIRouter

from exam_api.accounts.access import Registrar, SignedIn
from exam_api.certificates.queries import find_successor
from exam_api.certificates.service import institution
from exam_api.errors import NotFound
from exam_api.upkeep import queries
from exam_api.upkeep.access import (
    ErasableCertificate,
    LockedActivity,
    LockedCertificate,
    LockedChange,
    OwnActivity,
    OwnCertificate,
    SomeAccount,
)
from exam_api.upkeep.schemas import (
    ActivityDecisionIn,
    ActivityIn,
    ActivityOut,
    ErasureOut,
    NameDecisionIn,
    NameIn,
    NameOut,
    ProgressOut,
    ReissuedOut,
)
from exam_api.upkeep.service import erasing, names, renewing
from exam_api.upkeep.service.names import By
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["certificates"])


@router.get("/me/names", responses=ERRORS(401, 403))
async def list_names(actor: SignedIn, session: Session) -> list[NameOut]:
    """One's own wishes for another name on certificates, the newest first."""
    return [NameOut.model_validate(each) for each in await queries.changes_of(session, actor.id)]


@router.post("/me/names", status_code=201, responses=ERRORS(401, 403, 409, 422))
async def ask_name(body: NameIn, actor: SignedIn, session: Session, now: Now) -> NameOut:
    """Ask for one's certificates in another name; a registrar decides."""
    return NameOut.model_validate(await names.ask(session, actor.id, body, now))


@router.delete("/me/names/{change_id}", status_code=204, responses=ERRORS(401, 403, 404, 409, 422))
async def take_back_name(change_id: UUID, actor: SignedIn, session: Session, now: Now) -> None:
    """Take a wish back that was not decided yet."""
    await names.take_back(session, actor.id, change_id, now)


@router.post("/names/{change_id}/decide", responses=ERRORS(401, 403, 404, 409, 422))
async def decide_name(
    body: NameDecisionIn, change: LockedChange, actor: Registrar, here: Here, session: Session, now: Now, chance: Chance
) -> list[ReissuedOut]:
    """Grant or refuse a wish; granted, everything that holds is issued once more, and the former ones are superseded."""
    made = await names.decide(session, here, change, body, By(actor.id, now, chance))
    return [
        ReissuedOut(id=row.id, former=row.replaces_id, url=institution.certificate_url(here, row.id)) for row in made
    ]


@router.post("/accounts/{user_id}/certificate-name", responses=ERRORS(401, 403, 404, 409, 422))
async def correct_name(
    body: NameIn, user: SomeAccount, actor: Registrar, here: Here, session: Session, now: Now, chance: Chance
) -> list[ReissuedOut]:
    """Mend a misspelt name: as `decide`, without a wish before it."""
    made = await names.correct(session, here, user.id, body, By(actor.id, now, chance))
    return [
        ReissuedOut(id=row.id, former=row.replaces_id, url=institution.certificate_url(here, row.id)) for row in made
    ]


@router.get("/certificates/{certificate_id}/renewal", responses=ERRORS(401, 403, 404))
async def read_renewal(held: OwnCertificate, here: Here, session: Session, now: Now) -> ProgressOut:
    """How far the renewal of one's certificate has come. 404 where it is not renewed."""
    row = held.certificate
    rule = renewing.rule_of(await renewing.terms_of(session, here, row), row)
    if rule is None:
        raise NotFound(renewing.NO_RULE)
    found, newer = await renewing.progress(session, row, rule, now), await find_successor(session, row.id)
    return ProgressOut(
        state=found.state,
        needed=found.needed,
        collected=found.collected,
        waiting=found.waiting,
        opens_at=found.opens_at,
        ends_at=found.ends_at,
        or_exam=rule.or_exam,
        renewed_as=newer.id if newer else None,
        activities=[ActivityOut.model_validate(each) for each in await queries.activities_of(session, row.id)],
    )


@router.post("/certificates/{certificate_id}/activities", status_code=201, responses=ERRORS(401, 403, 404, 409, 422))
async def note_activity(
    body: ActivityIn, held: LockedCertificate, here: Here, session: Session, now: Now, chance: Chance
) -> ActivityOut:
    """Note something done to stay in practice; staff look at it."""
    made = await renewing.note(session, here, held.certificate, held.holder, body, None, now, chance)
    return ActivityOut.model_validate(made)


@router.delete("/activities/{activity_id}", status_code=204, responses=ERRORS(401, 403, 404, 409, 422))
async def take_back_activity(activity: OwnActivity, actor: SignedIn, session: Session, now: Now) -> None:
    """Take an activity back that was not decided yet."""
    await renewing.take_back(session, activity, actor.id, now)


@router.post("/activities/{activity_id}/decide", responses=ERRORS(401, 403, 404, 409, 422))
async def decide_activity(
    body: ActivityDecisionIn,
    activity: LockedActivity,
    actor: Registrar,
    here: Here,
    session: Session,
    now: Now,
    chance: Chance,
) -> ActivityOut:
    """Accept or refuse an activity; where it now is enough and early enough, the certificate is renewed."""
    await renewing.decide(session, here, activity, body, actor.id, now, chance)
    return ActivityOut.model_validate(activity)


@router.get("/me/erased-certificates", responses=ERRORS(401, 403))
async def list_erased(actor: SignedIn, session: Session) -> list[ErasureOut]:
    """Signed statements of what one had erased."""
    return await erasing.of_person(session, actor.id)


@router.post("/certificates/{certificate_id}/erase", responses=ERRORS(401, 403, 404, 410, 422))
async def erase(held: ErasableCertificate, actor: SignedIn, here: Here, session: Session, now: Now) -> ErasureOut:
    """Erase a certificate, for ever: its words and salt. Holders erase their own, operators at a holder's wish."""
    return await erasing.erase(session, here, held.certificate, actor.id, now)
