"""Keeping a certificate valid: what holders note, what staff say, and the renewal that follows."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import obstore
import pytest

from credentials.issuance import certificate as core
from credentials.issuance import proof
from exam_api.accounts.queries.records import lines_about
from exam_api.certificates.queries import lock_row
from exam_api.certificates.service import withdrawing
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from exam_api.upkeep import tasks
from tests.exam_api.upkeep.conftest import HTML, Award, Hall, later
from tests.factories import Person, person

TODAY = datetime.now(UTC).date()
COURSE: dict[str, Any] = {
    "title": "Splices, a weekend",
    "provider": "Harbour school",
    "day": TODAY.isoformat(),
    "credits": 12.5,
    "link": "https://harbour.example/splices",
}
PDF = b"%PDF-1.4\n% a confirmation\n"


async def note(made: dict[str, Any], **changes: Any) -> httpx.Response:
    client: httpx.AsyncClient = made["script"].person.client
    return await client.post(f"/api/certificates/{made['id']}/activities", json={**COURSE, **changes})


async def accept(staff: Person, activity: dict[str, Any], *, accepted: bool = True) -> httpx.Response:
    body = {"accepted": accepted, "words": "The confirmation was seen."}
    return await staff.client.post(f"/api/activities/{activity['id']}/decide", json=body)


async def renewal(made: dict[str, Any]) -> dict[str, Any]:
    client: httpx.AsyncClient = made["script"].person.client
    return dict((await client.get(f"/api/certificates/{made['id']}/renewal")).raise_for_status().json())


async def test_enough_accepted_credits_renew_it(
    award: Award, registrar: Person, client: httpx.AsyncClient, installation: Installation
) -> None:
    made = await award()
    first = (await note(made)).raise_for_status().json()
    state = await renewal(made)
    assert (state["collected"], state["waiting"], state["needed"], state["state"]) == (0, 12.5, 20, "collecting")
    (await accept(registrar, first)).raise_for_status()
    assert (await renewal(made))["collected"] == 12.5
    second = (await note(made, credits=7.5, title="Whippings")).raise_for_status().json()
    (await accept(registrar, second)).raise_for_status()
    state = await renewal(made)
    newer = state["renewed_as"]
    assert newer is not None

    old = (await client.get(f"/c/{made['id']}.json")).json()["credential"]
    new = (await client.get(f"/c/{made['id']}/refresh")).raise_for_status().json()
    proof.verify(new, installation.keyring.issuer.public)
    before, after = core.read(old), core.read(new)
    assert after.id.endswith(f"/c/{newer}")
    assert before.refresh == f"{before.id}/refresh"
    assert (after.instead_of, after.refresh) == (before.id, f"{after.id}/refresh")
    assert before.valid_until is not None
    assert after.valid_until == before.valid_until.replace(year=before.valid_until.year + 2)
    assert after.valid_from >= before.valid_from
    assert (after.results, after.recipient) == (before.results, before.recipient)
    for each in (made["id"], newer):
        assert (await client.get(f"/api/certificates/{each}")).json()["verdict"] == "proven", "both hold"
    assert f"/c/{newer}" in (await client.get(f"/c/{made['id']}", headers=HTML)).text
    assert (
        f"/certificates/{newer}"
        in (await made["script"].person.client.get(f"/certificates/{made['id']}/valid", headers=HTML)).text
    )


async def test_it_is_renewed_once(award: Award, registrar: Person, installation: Installation) -> None:
    made = await award()
    activity = (await note(made, credits=20)).raise_for_status().json()
    (await accept(registrar, activity)).raise_for_status()
    await tasks.renew_ready(later(installation, 1), {})
    await tasks.renew_ready(later(installation, 400), {})
    mine = (await made["script"].person.client.get("/api/me/certificates")).json()
    assert len(mine) == 2
    assert (await accept(registrar, activity)).status_code == 409


async def test_a_renewal_that_was_erased_does_not_come_back(
    award: Award, registrar: Person, installation: Installation
) -> None:
    made = await award()
    holder = made["script"].person.client
    (await accept(registrar, (await note(made, credits=20)).raise_for_status().json())).raise_for_status()
    newer = (await renewal(made))["renewed_as"]
    (await holder.post(f"/api/certificates/{newer}/erase")).raise_for_status()
    await tasks.renew_ready(later(installation, 1), {})
    assert [each["id"] for each in (await holder.get("/api/me/certificates")).json()] == [made["id"]]


async def test_refused_credits_do_not_count_and_it_says_why(award: Award, registrar: Person) -> None:
    made = await award()
    activity = (await note(made, credits=20)).raise_for_status().json()
    (await accept(registrar, activity, accepted=False)).raise_for_status()
    state = await renewal(made)
    assert (state["collected"], state["renewed_as"]) == (0, None)
    page = (await made["script"].person.client.get(f"/certificates/{made['id']}/valid", headers=HTML)).text
    assert "The confirmation was seen." in page
    assert "refused" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"credits": 0},
        {"credits": 1.1},
        {"credits": 5_000},
        {"title": " "},
        {"day": "2020-01-01"},
        {"day": (TODAY + timedelta(days=2)).isoformat()},
        {"link": "javascript:alert(1)"},
        {"more": 1},
    ],
    ids=str,
)
async def test_what_cannot_count_is_refused(award: Award, wrong: dict[str, Any]) -> None:
    made = await award()
    assert (await note(made, **wrong)).status_code == 422
    assert (await renewal(made))["activities"] == []


async def test_nobody_decides_about_their_own(
    award: Award, registrar: Person, new_client: Callable[[], httpx.AsyncClient], installation: Installation
) -> None:
    made = await award()
    activity = (await note(made)).raise_for_status().json()
    body = {"accepted": True, "words": "Of course."}
    path = f"/api/activities/{activity['id']}/decide"
    other = await person(new_client(), installation, name="Otto Other")
    assert (await new_client().post(path, json=body)).status_code == 401
    assert (await made["script"].person.client.post(path, json=body)).status_code == 403
    assert (await other.client.get(f"/api/certificates/{made['id']}/renewal")).status_code == 404
    assert (await other.client.delete(f"/api/activities/{activity['id']}")).status_code == 404
    assert (await made["script"].person.client.delete(f"/api/activities/{activity['id']}")).status_code == 204


async def test_one_that_was_taken_back_is_not_renewed(
    award: Award, registrar: Person, installation: Installation
) -> None:
    made = await award()
    activity = (await note(made, credits=20)).raise_for_status().json()
    body = {"code": "under-review", "reason": "A note came in."}
    path = f"/api/certificates/{made['id']}"
    (await registrar.client.post(f"{path}/suspend", json=body)).raise_for_status()
    (await accept(registrar, activity)).raise_for_status()
    assert (await renewal(made))["renewed_as"] is None
    (await registrar.client.post(f"{path}/reinstate", json={"reason": "It was nothing."})).raise_for_status()
    await tasks.renew_ready(later(installation, 0), {})
    assert (await renewal(made))["renewed_as"] is not None


async def test_what_only_renewed_a_false_one_falls_with_it(
    award: Award, registrar: Person, client: httpx.AsyncClient, installation: Installation, workshop: Workshop
) -> None:
    made = await award()
    activity = (await note(made, credits=20)).raise_for_status().json()
    (await accept(registrar, activity)).raise_for_status()
    newer = (await renewal(made))["renewed_as"]
    async with transaction(installation.sessions) as session:
        row = await lock_row(session, UUID(made["id"]))
        await withdrawing.revoke(session, installation, row, "fraud", "Another sat it.", None, workshop.now())
    await tasks.follow_revocation(workshop, {"certificate_id": made["id"], "code": "superseded"})
    assert (await client.get(f"/api/certificates/{newer}")).json()["verdict"] == "proven"
    await tasks.follow_revocation(workshop, {"certificate_id": made["id"], "code": "fraud"})
    found = (await client.get(f"/api/certificates/{newer}")).json()
    assert (found["verdict"], found["status"]["code"]) == ("revoked", "fraud")


async def test_the_page_takes_a_file_and_keeps_it_sealed(
    award: Award, registrar: Person, hall: Hall, installation: Installation
) -> None:
    made = await award()
    holder, path = made["script"].person.client, f"/certificates/{made['id']}/valid"
    page = (await holder.get(path, headers=HTML)).raise_for_status().text
    assert "0 of 20 credits accepted" in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page[page.index(f'action="{path}"') :])
    assert token
    typed = {"csrf_token": token[1], "title": "Splices <b>", "provider": "School", "day": TODAY.isoformat()}
    wrong = await holder.post(path, data={**typed, "credits": "1,5"}, headers=HTML)
    assert wrong.status_code == 422
    assert "Splices &lt;b&gt;" in wrong.text, "what was typed is kept"
    typed["credits"] = "1.25"
    bad = await holder.post(path, data=typed, files={"file": ("a.pdf", b"MZ nothing", "application/pdf")}, headers=HTML)
    assert bad.status_code == 422
    assert (await renewal(made))["activities"] == [], "a file that is refused leaves nothing behind"
    good = await holder.post(path, data=typed, files={"file": ("proof.pdf", PDF, "application/pdf")}, headers=HTML)
    assert good.status_code == 303
    (activity,) = (await renewal(made))["activities"]
    for reader in (holder, registrar.client, hall.instructor.client):
        answer = await reader.get(f"/activities/{activity['id']}/file")
        assert (answer.content, answer.headers["content-type"]) == (PDF, "application/pdf")
        assert "attachment" in answer.headers["content-disposition"]
    stored = bytes(await (await obstore.get_async(installation.blobs, f"credits/{activity['id']}")).bytes_async())
    assert PDF not in stored
    queue = (await registrar.client.get("/credits", headers=HTML)).text
    assert "Splices &lt;b&gt;" in queue
    assert "proof.pdf" in queue


async def test_what_is_taken_back_stays_in_the_ledger(
    award: Award, registrar: Person, installation: Installation
) -> None:
    made = await award()
    holder: Person = made["script"].person
    activity = (await note(made)).raise_for_status().json()
    assert (await holder.client.delete(f"/api/activities/{activity['id']}")).status_code == 204
    wish = {"name": "Cora King", "note": "Married.", "linked": False}
    asked = (await holder.client.post("/api/me/names", json=wish)).raise_for_status().json()
    assert (await holder.client.delete(f"/api/me/names/{asked['id']}")).status_code == 204
    async with transaction(installation.sessions) as session:
        for stream, tag, what in (
            (UUID(made["id"]), "certificate:credits-taken-back", activity["id"]),
            (holder.id, "account:name-taken-back", asked["id"]),
        ):
            (line,) = [each for each in await lines_about(session, stream) if each.tag == tag]
            assert what in line.data.values()
            assert line.actor_id == holder.id
