"""Suspended, reinstated, revoked: what everyone sees, what the holder reads, what a file says afterwards."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from credentials.revocation import reasons, status, token_status
from credentials.revocation.token_status import State
from credentials.verification import verify as core
from credentials.verification.trust import trust_from
from exam_api.installation import Installation, Workshop
from tests.exam_api.certificates.conftest import Award, Hall
from tests.factories import person


@pytest.fixture
async def operator(installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> httpx.AsyncClient:
    return (await person(new_client(), installation, "operator", name="Olga Operator")).client


def index_of(file: dict[str, Any]) -> int:
    return status.read_entry(file["credential"]["credentialStatus"])[1]


async def act(client: httpx.AsyncClient, made: dict[str, Any], what: str, **body: str) -> httpx.Response:
    return await client.post(f"/api/certificates/{made['id']}/{what}", json={"reason": "A note came in.", **body})


async def report(client: httpx.AsyncClient, made: dict[str, Any]) -> dict[str, Any]:
    return (await client.get(f"/api/certificates/{made['id']}")).raise_for_status().json()


async def test_suspended_then_valid_again_then_revoked(
    award: Award, hall: Hall, client: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    made = await award()
    assert (await report(client, made))["status"]["outcome"] == "valid"
    found = (await act(operator, made, "suspend", code="under-review")).raise_for_status().json()
    assert found["code"] == "under-review"
    seen = await report(client, made)
    assert (seen["verdict"], seen["status"]["code"]) == ("suspended", "under-review")
    assert "A note came in." not in str(seen), "the words are the holder's alone"
    (mine,) = (await made["script"].person.client.get("/api/me/certificates")).json()
    assert (mine["suspended_reason"], mine["suspended_code"]) == ("A note came in.", "under-review")
    assert (await act(operator, made, "suspend", code="under-review")).status_code == 409
    page = await client.get(f"/c/{made['id']}")
    assert "Suspended" in page.text
    assert "under-review" in page.text

    (await act(operator, made, "reinstate")).raise_for_status()
    assert (await report(client, made))["verdict"] == "proven"
    assert (await act(operator, made, "reinstate")).status_code == 409

    (await act(operator, made, "revoke", code="fraud")).raise_for_status()
    seen = await report(client, made)
    assert (seen["verdict"], seen["status"]["code"]) == ("revoked", "fraud")
    for what, body in (("revoke", {}), ("suspend", {"code": "under-review"}), ("reinstate", {})):
        assert (await act(operator, made, what, **body)).status_code == 409


async def test_the_three_lists_are_public_and_the_first_vouches_for_the_others(
    award: Award, client: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    made = await award()
    (await act(operator, made, "suspend", code="identity-check")).raise_for_status()
    file = (await client.get(f"/c/{made['id']}.json")).raise_for_status().json()
    index, address = index_of(file), file["status"]["id"]
    first = status.read((await client.get("/status/1")).raise_for_status().json())
    second = (await client.get("/status/1/suspension")).raise_for_status().json()
    third = (await client.get("/status/1/reasons")).raise_for_status().json()
    assert not first.revoked(index)
    assert status.read(second, "suspension").entries.indices() == [index]
    assert reasons.read(third, address).get(index) == "identity-check"
    assert first.vouches(status.suspension_url(address), second)
    assert first.vouches(status.reasons_url(address), third)
    assert file["reasons"] == third
    assert (await client.get("/status/2/reasons")).status_code == 404
    names = [made["id"], "Cora", made["script"].person.email]
    assert not any(name in str([first, second, third]) for name in names)


async def test_the_holders_file_says_so_without_us(
    award: Award, client: httpx.AsyncClient, operator: httpx.AsyncClient, workshop: Workshop
) -> None:
    made = await award()
    before = (await client.get(f"/c/{made['id']}.json")).raise_for_status().json()
    (await act(operator, made, "suspend", code="under-review")).raise_for_status()
    after = (await client.get(f"/c/{made['id']}.json")).raise_for_status().json()
    trust = trust_from((await client.get("/trust.json")).content)
    now = workshop.now()
    assert core.verify(before, trust, now).verdict == "proven", "an old file knows what it knew"
    assert core.verify(after, trust, now).verdict == "suspended"
    stripped = {name: part for name, part in after.items() if name != "reasons"}
    assert core.verify(stripped, trust, now).status.outcome == "unknown"
    sent = await client.post("/api/verify", json=stripped)
    assert sent.json()["verdict"] == "suspended", "we know the newest lists ourselves"


async def test_the_page_asks_for_the_word_and_a_public_reason(
    award: Award, hall: Hall, client: httpx.AsyncClient
) -> None:
    made, staff = await award(), hall.instructor.client
    path, html = f"/certificates/{made['id']}/suspend", {"accept": "text/html"}
    form = (await staff.get(path, headers=html)).text
    assert "under-review: somebody looks into it" in form
    token = re.search(r'name="csrf_token" value="([^"]+)"', form[form.index(f'action="{path}"') :])
    assert token
    filled = {"csrf_token": token[1], "reason": "A note <came> in.", "code": "identity-check", "confirmation": "no"}
    refused = await staff.post(path, data=filled, headers=html)
    assert refused.status_code == 422
    assert "Nothing was changed" in refused.text
    assert "A note &lt;came&gt; in." in refused.text, "what was typed is kept"
    assert (await report(client, made))["verdict"] == "proven"
    done = await staff.post(path, data={**filled, "confirmation": " Suspend "}, headers=html)
    assert (done.status_code, done.headers["location"]) == (303, f"/c/{made['id']}")
    shown = (await staff.get(f"/c/{made['id']}", headers=html)).text
    assert "who its holder is has to be shown again (identity-check)" in shown
    assert "Let it hold again" in shown


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("suspend", {"code": "fraud"}),
        ("suspend", {}),
        ("revoke", {"code": "under-review"}),
        ("revoke", {"code": "because"}),
        ("suspend", {"code": "under-review", "reason": "  "}),
    ],
)
async def test_a_code_of_the_other_kind_is_refused(
    award: Award, client: httpx.AsyncClient, operator: httpx.AsyncClient, what: str, body: dict[str, str]
) -> None:
    made = await award()
    assert (await act(operator, made, what, **body)).status_code == 422
    assert (await report(client, made))["verdict"] == "proven"


@pytest.mark.parametrize("what", ["suspend", "reinstate", "revoke"])
async def test_only_staff_may(
    award: Award, client: httpx.AsyncClient, new_client: Callable[[], httpx.AsyncClient], what: str
) -> None:
    made = await award()
    body = {"code": "under-review"} if what == "suspend" else {}
    assert (await act(new_client(), made, what, **body)).status_code == 401
    assert (await act(made["script"].person.client, made, what, **body)).status_code == 403
    assert (await report(client, made))["verdict"] == "proven"


async def test_a_suspended_one_cannot_be_put_into_a_wallet_and_wallets_see_it(
    award: Award, client: httpx.AsyncClient, operator: httpx.AsyncClient, installation: Installation, workshop: Workshop
) -> None:
    made = await award()
    (await act(operator, made, "suspend", code="under-review")).raise_for_status()
    holder = made["script"].person.client
    path = f"/certificates/{made['id']}/wallet"
    form = (await holder.get(path, headers={"accept": "text/html"})).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form[form.index(f'action="{path}"') :])
    assert token
    refused = await holder.post(path, data={"csrf_token": token[1]}, headers={"accept": "text/html"})
    assert refused.status_code == 409
    assert "A suspended certificate cannot be put into a wallet" in refused.text
    file = (await client.get(f"/c/{made['id']}.json")).json()
    signed = (await client.get("/status/wallet/1")).raise_for_status().text
    url = f"{installation.public_url.rstrip('/')}/status/wallet/1"
    listed, _ = token_status.read(signed, url, installation.keyring.wallet.public, workshop.now())
    assert listed.state(index_of(file)) is State.suspended
