"""Certificates that a list gave are kept valid by the list's own rule."""

from datetime import timedelta
from uuid import UUID

import httpx

from exam_api.certificates import queries, tasks
from exam_api.certificates.schemas import TermsIn
from exam_api.certificates.service import batches
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from exam_api.upkeep.schemas import ActivityDecisionIn, ActivityIn
from exam_api.upkeep.service import renewing
from tests.exam_api.certificates.test_batches import NEW, TERMS, Office, office
from tests.exam_api.certificates.test_finding import token_in
from tests.exam_api.certificates.test_public import HTML, page
from tests.exam_api.upkeep.conftest import workshop

__all__ = ["office", "workshop"]


async def test_what_a_list_gave_is_renewed_by_its_own_rule(
    office: Office, client: httpx.AsyncClient, installation: Installation, workshop: Workshop
) -> None:
    sent = {**TERMS, "credits": "7,5", "rows": office.rows}
    refused = await office.maker.client.post(
        NEW,
        data={**sent, "valid_years": "", "csrf_token": token_in(await page(office.maker.client, NEW), NEW)},
        headers=HTML,
    )
    assert refused.status_code == 422
    assert "Give credits in quarters" in refused.text
    made = await office.maker.client.post(
        NEW, data={**sent, "csrf_token": token_in(await page(office.maker.client, NEW), NEW)}, headers=HTML
    )
    assert made.status_code == 303, made.text
    batch_id = UUID(made.headers["location"].rpartition("/")[2])
    async with transaction(installation.sessions) as session:
        batch = await queries.find_batch(session, batch_id, lock=True)
        assert batch is not None
        await batches.approve(session, batch, batch.digest, office.other.id, workshop.now())
    await tasks.issue_batch(workshop, {"batch_id": str(batch_id)})
    async with transaction(installation.sessions) as session:
        rows = await queries.batch_rows(session, batch_id)
        row = await queries.lock_row(session, rows[0].certificate_id or batch_id)
        rule = renewing.rule_of(await renewing.terms_of(session, installation, row), row)
        assert rule is not None
        assert (rule.credits, rule.window_days, rule.or_exam) == (7.5, 180, False)
        assert row.document["refreshService"]
        assert row.valid_until is not None
        late = row.valid_until - timedelta(days=30)
        body = ActivityIn(title="Splices", provider="School", day=late.date(), credits=7.5)
        noted = await renewing.note(session, installation, row, rows[0].holder_id, body, None, late, workshop.chance)
        words = ActivityDecisionIn(accepted=True, words="It was seen.")
        new = await renewing.decide(session, installation, noted, words, office.other.id, late, workshop.chance)
        assert new is not None
        assert new.valid_until is not None
        assert new.valid_until.year == row.valid_until.year + 3
        assert await renewing.terms_of(session, installation, new) is not None, "and again, in three years"


def test_lists_that_were_made_before_there_was_a_rule_are_the_same_achievement() -> None:
    words = {"name": "Rope work", "description": "It.", "criteria": "Three days.", "valid_years": 3}
    before = TermsIn.model_validate(words)
    assert batches.achievement_id(before) == "urn:uuid:25b5f908-3dba-50ad-ae69-dbc7bfaae1b2"
    after = TermsIn.model_validate({**words, "renewal": {"credits": 20}})
    assert batches.achievement_id(after) != batches.achievement_id(before)
