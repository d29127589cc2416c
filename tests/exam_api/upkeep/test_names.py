"""Another name: asked for, decided, issued once more; and what then leads where."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from credentials.issuance import certificate as core
from exam_api.certificates import tasks as certificates
from exam_api.certificates.queries import lock_row
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from tests.exam_api.upkeep.conftest import HTML, Award, Hall, send
from tests.factories import Person

WISH = {"name": "Cora King", "note": "Married on 3 May; the document was shown."}
YES = {"granted": True, "words": "The document was seen."}


async def granted(made: dict[str, Any], registrar: Person, *, linked: bool) -> dict[str, Any]:
    holder = made["script"].person.client
    wish = (await holder.post("/api/me/names", json={**WISH, "linked": linked})).raise_for_status().json()
    (new,) = (await registrar.client.post(f"/api/names/{wish['id']}/decide", json=YES)).raise_for_status().json()
    return dict(new)


async def document(client: httpx.AsyncClient, certificate_id: str) -> dict[str, Any]:
    return dict((await client.get(f"/c/{certificate_id}.json")).raise_for_status().json()["credential"])


@pytest.mark.parametrize("linked", [False, True])
async def test_everything_is_issued_once_more_and_the_old_one_is_superseded(
    award: Award, registrar: Person, client: httpx.AsyncClient, linked: bool
) -> None:
    made = await award()
    before = core.read(await document(client, made["id"]))
    new = await granted(made, registrar, linked=linked)
    assert new["former"] == made["id"]
    after = core.read(await document(client, new["id"]))
    assert (after.recipient, after.valid_from, after.valid_until) == (
        "Cora King",
        before.valid_from,
        before.valid_until,
    )
    assert after.results == before.results
    report = (await client.get(f"/api/certificates/{new['id']}")).json()
    assert report["verdict"] == "proven"
    old = (await client.get(f"/api/certificates/{made['id']}")).json()
    assert (old["verdict"], old["status"]["code"]) == ("revoked", "superseded")
    # What leads from one to the other is the holder's choice.
    page = (await client.get(f"/c/{made['id']}", headers=HTML)).text
    assert (f"/c/{new['id']}" in page) is linked
    assert (after.instead_of == before.id) is linked
    assert (made["id"] in (await client.get(f"/c/{new['id']}.json")).text) is linked
    newest = (await client.get(f"/c/{made['id']}/refresh")).raise_for_status().json()
    assert newest["id"] == (after.id if linked else before.id)


async def test_a_wish_waits_for_a_person_and_can_be_taken_back(
    award: Award, registrar: Person, client: httpx.AsyncClient
) -> None:
    made = await award()
    holder = made["script"].person.client
    wish = (await holder.post("/api/me/names", json=WISH)).raise_for_status().json()
    assert (await holder.post("/api/me/names", json=WISH)).status_code == 409
    page = (await registrar.client.get("/names", headers=HTML)).text
    assert "Cora King" in page
    assert "Married on 3 May" in page
    assert (await client.get(f"/api/certificates/{made['id']}")).json()["verdict"] == "proven"
    (await holder.delete(f"/api/me/names/{wish['id']}")).raise_for_status()
    assert (await holder.get("/api/me/names")).json() == []
    assert (await registrar.client.post(f"/api/names/{wish['id']}/decide", json=YES)).status_code == 404


async def test_a_refusal_changes_nothing_and_says_why(
    award: Award, registrar: Person, client: httpx.AsyncClient
) -> None:
    made = await award()
    holder = made["script"].person.client
    wish = (await holder.post("/api/me/names", json=WISH)).raise_for_status().json()
    no = {"granted": False, "words": "Nothing was shown."}
    assert (await registrar.client.post(f"/api/names/{wish['id']}/decide", json=no)).json() == []
    assert (await registrar.client.post(f"/api/names/{wish['id']}/decide", json=YES)).status_code == 409
    (told,) = (await holder.get("/api/me/names")).json()
    assert (told["granted"], told["words"]) == (False, "Nothing was shown.")
    assert (await client.get(f"/api/certificates/{made['id']}")).json()["verdict"] == "proven"
    assert "Nothing was shown." in (await holder.get("/my/name", headers=HTML)).text


@pytest.mark.parametrize(
    "body", [{}, {"name": " "}, {"name": "a\nb"}, {"note": "no"}, {"name": "x" * 201}, {"more": 1}]
)
async def test_a_wish_that_says_too_little_is_refused(award: Award, body: dict[str, Any]) -> None:
    made = await award()
    sent = {**WISH, **body} if body else {}
    assert (await made["script"].person.client.post("/api/me/names", json=sent)).status_code == 422


@pytest.mark.parametrize("name", ["Cora\u202egniK", "\u200b\u200b", "---", "x" * 121])
async def test_a_name_that_an_account_cannot_have_is_refused(award: Award, name: str) -> None:
    made = await award()
    assert (await made["script"].person.client.post("/api/me/names", json={**WISH, "name": name})).status_code == 422


async def test_what_was_noted_goes_along(award: Award, registrar: Person) -> None:
    made = await award()
    holder = made["script"].person.client
    day = datetime.now(UTC).date().isoformat()
    course = {"title": "Splices", "provider": "Harbour school", "day": day, "credits": 12.5}
    path = f"/api/certificates/{made['id']}/activities"
    noted = (await holder.post(path, json=course)).raise_for_status().json()
    body = {"accepted": True, "words": "The confirmation was seen."}
    (await registrar.client.post(f"/api/activities/{noted['id']}/decide", json=body)).raise_for_status()
    new = await granted(made, registrar, linked=False)
    found = (await holder.get(f"/api/certificates/{new['id']}/renewal")).raise_for_status().json()
    assert (found["collected"], len(found["activities"])) == (12.5, 1)


async def test_the_same_name_is_no_change(award: Award) -> None:
    made = await award()
    same = {**WISH, "name": "Cora Candidate"}
    assert (await made["script"].person.client.post("/api/me/names", json=same)).status_code == 422


async def test_only_a_registrar_decides_and_never_about_themselves(
    award: Award, registrar: Person, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    made = await award()
    holder = made["script"].person.client
    wish = (await holder.post("/api/me/names", json=WISH)).raise_for_status().json()
    path = f"/api/names/{wish['id']}/decide"
    assert (await new_client().post(path, json=YES)).status_code == 401
    assert (await holder.post(path, json=YES)).status_code == 403
    own = (await registrar.client.post("/api/me/names", json={**WISH, "name": "Rita Queen"})).raise_for_status().json()
    assert (await registrar.client.post(f"/api/names/{own['id']}/decide", json=YES)).status_code == 409


async def test_a_registrar_mends_a_spelling_on_a_page(
    award: Award, registrar: Person, client: httpx.AsyncClient
) -> None:
    made = await award(name="Cora Candidat")
    path = f"/operator/accounts/{made['script'].person.id}/certificate-name"
    assert "1 certificate that holds now" in (await registrar.client.get(path, headers=HTML)).text
    refused = await send(registrar.client, path, path, name="Cora <Candidate>", note="")
    assert refused.status_code == 422
    assert "Cora &lt;Candidate&gt;" in refused.text, "what was typed is kept"
    done = await send(registrar.client, path, path, name="Cora Candidate", note="A letter was missing.", linked="yes")
    assert done.status_code == 303
    mine = (await made["script"].person.client.get("/api/me/certificates")).json()
    assert [each["revoked_code"] for each in mine] == [None, "superseded"]
    assert core.read(await document(client, mine[0]["id"])).recipient == "Cora Candidate"


async def test_a_void_reaches_the_one_in_the_new_name(
    award: Award, registrar: Person, client: httpx.AsyncClient, hall: Hall, workshop: Workshop
) -> None:
    made = await award()
    new = await granted(made, registrar, linked=False)
    attempt = made["script"].attempt
    body = {"outcome": "void", "reason": "Somebody else sat there, we learned later."}
    (await hall.instructor.client.post(f"/api/reviews/{attempt}/decision", json=body)).raise_for_status()
    await certificates.revoke_if_voided(workshop, {"attempt_id": attempt, "outcome": "void"})
    report = (await client.get(f"/api/certificates/{new['id']}")).json()
    assert (report["verdict"], report["status"]["code"]) == ("revoked", "attempt-voided")


async def test_a_release_again_gives_no_third_one(
    award: Award, registrar: Person, workshop: Workshop, installation: Installation
) -> None:
    made = await award()
    new = await granted(made, registrar, linked=False)
    await certificates.issue_if_earned(workshop, made["script"].payload)
    mine = (await made["script"].person.client.get("/api/me/certificates")).json()
    assert {each["id"] for each in mine} == {made["id"], new["id"]}
    async with transaction(installation.sessions) as session:
        row = await lock_row(session, UUID(new["id"]))
        assert row.attempt_id == UUID(made["script"].attempt)
        assert core.read(row.document).recipient == "Cora King"


async def test_a_registrar_does_not_mend_their_own_and_no_wish_is_left(registrar: Person) -> None:
    at = f"/operator/accounts/{registrar.id}/certificate-name"
    answer = await send(registrar.client, at, at, name="Rita Queen", note="Misspelt.")
    assert answer.status_code == 409
    assert (await registrar.client.get("/api/me/names")).json() == []
