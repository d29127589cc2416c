"""From the holder's page into a wallet: each step of OpenID4VCI, and each way to get what is not one's own."""

import json
import re
from datetime import UTC, datetime, timedelta
from os import urandom
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx

from credentials.forms import sdjwt_vc, wallet
from credentials.forms.sdjwt import SdJwt
from credentials.keys import jws
from credentials.keys.es256 import WalletKey, WalletSigningKey
from credentials.revocation import token_status
from credentials.revocation.token_status import State
from exam_api.certificates import queries
from exam_api.certificates.service import wallets
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.certificates.conftest import Award, Hall

PHONE = WalletSigningKey.generate(b"the key in the holder's own phon")


async def code_from_page(client: httpx.AsyncClient, certificate_id: str) -> str:
    path = f"/certificates/{certificate_id}/wallet"
    page = (await client.get(path)).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page[page.index(f'action="{path}"') :])
    assert token
    answer = await client.post(path, data={"csrf_token": token[1]})
    assert answer.headers["cache-control"] == "no-store"
    address = re.search(r'href="(openid-credential-offer://[^"]+)"', answer.text)
    assert address
    said = json.loads(parse_qs(urlsplit(address[1].replace("&amp;", "&")).query)["credential_offer"][0])
    return str(said["grants"][wallet.GRANT]["pre-authorized_code"])


async def exchange(client: httpx.AsyncClient, code: str, grant: str = wallet.GRANT) -> httpx.Response:
    return await client.post("/wallet/token", data={"grant_type": grant, "pre-authorized_code": code})


async def proof(client: httpx.AsyncClient, issuer: str, key: WalletSigningKey = PHONE) -> str:
    nonce = (await client.post("/wallet/nonce")).json()["c_nonce"]
    claims = {"aud": issuer, "iat": int(datetime.now(UTC).timestamp()), "nonce": nonce}
    return jws.sign(wallet.PROOF_TYP, claims, key, {"jwk": key.public.jwk()})


async def ask(client: httpx.AsyncClient, token: str, jwt: str) -> httpx.Response:
    body = {"credential_configuration_id": wallet.CONFIGURATION, "proofs": {"jwt": [jwt]}}
    return await client.post("/wallet/credential", json=body, headers={"authorization": f"Bearer {token}"})


async def test_a_wallet_gets_the_certificate_and_shows_a_part_of_it(
    award: Award, client: httpx.AsyncClient, installation: Installation
) -> None:
    made = await award(name="Ada <Ampère>")
    known = (await client.get("/.well-known/openid-credential-issuer")).json()
    issuer = known["credential_issuer"]
    assert (await client.get("/.well-known/oauth-authorization-server")).json()[
        "token_endpoint"
    ] == f"{issuer}/wallet/token"
    code = await code_from_page(made["script"].person.client, made["id"])
    token = (await exchange(client, code)).json()["access_token"]
    answer = await ask(client, token, await proof(client, issuer))
    text = answer.json()["credentials"][0]["credential"]
    keys = (await client.get("/.well-known/jwt-vc-issuer")).json()
    assert keys["issuer"] == issuer
    key = WalletKey.from_jwk(keys["jwks"]["keys"][0])
    listed = await client.get("/status/wallet/1")
    assert listed.headers["content-type"].startswith("application/statuslist+jwt")
    now = datetime.now(UTC)
    shown = SdJwt.read(text).show(["results"]).bind(PHONE, "https://reader.example", "n", now)
    found = sdjwt_vc.verify(
        str(shown), key, issuer, now, status=(listed.text, key), challenge=("https://reader.example", "n")
    )
    assert found.state == State.valid
    assert {"name": "Score", "value": "100"} in found.claims["results"]
    assert "recipient" not in found.claims
    assert found.claims["vct"] == (await client.get(urlsplit(found.claims["vct"]).path)).json()["vct"]
    assert sdjwt_vc.verify(text, key, issuer, now).claims["recipient"] == "Ada <Ampère>"


async def test_codes_and_tokens_are_good_once_and_for_minutes(
    award: Award, client: httpx.AsyncClient, installation: Installation
) -> None:
    made = await award()
    issuer = (await client.get("/.well-known/openid-credential-issuer")).json()["credential_issuer"]
    code = await code_from_page(made["script"].person.client, made["id"])
    token = (await exchange(client, code)).json()["access_token"]
    again = await exchange(client, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    stale = jws.sign(wallet.PROOF_TYP, {"aud": issuer, "iat": 1, "nonce": "x"}, PHONE, {"jwk": PHONE.public.jwk()})
    refused = await ask(client, token, stale)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_nonce")
    assert (await ask(client, token, await proof(client, issuer))).status_code == 200, "a mended proof may try again"
    spent = await ask(client, token, await proof(client, issuer))
    assert (spent.status_code, spent.json()["error"]) == (401, "invalid_token")
    assert "WWW-Authenticate" in spent.headers


async def test_nothing_else_opens_the_door(
    award: Award, client: httpx.AsyncClient, installation: Installation, hall: Hall
) -> None:
    made = await award()
    issuer = (await client.get("/.well-known/openid-credential-issuer")).json()["credential_issuer"]
    person = made["script"].person.client
    code = await code_from_page(person, made["id"])
    for asked, error in [
        (await exchange(client, code, "authorization_code"), "unsupported_grant_type"),
        (await exchange(client, ""), "invalid_grant"),
        (await exchange(client, code[:-2] + "AA"), "invalid_grant"),
        (await ask(client, code, await proof(client, issuer)), "invalid_token"),
        (await ask(client, "AAAA", await proof(client, issuer)), "invalid_token"),
        (await client.post("/wallet/credential", json={}), "invalid_token"),
        (
            await client.post("/wallet/credential", content=b"[", headers={"authorization": "Bearer x"}),
            "invalid_credential_request",
        ),
    ]:
        assert asked.json()["error"] == error
        assert asked.headers["cache-control"] == "no-store"
    assert (await hall.instructor.client.get(f"/certificates/{made['id']}/wallet")).status_code == 404
    assert (await client.get(f"/certificates/{made['id']}/wallet", headers={"accept": "text/html"})).status_code in {
        303,
        401,
    }
    assert (await client.get("/status/wallet/2")).status_code == 404


async def test_a_revoked_certificate_goes_into_no_wallet(
    award: Award, client: httpx.AsyncClient, installation: Installation, hall: Hall
) -> None:
    made = await award()
    issuer = (await client.get("/.well-known/openid-credential-issuer")).json()["credential_issuer"]
    person = made["script"].person.client
    code = await code_from_page(person, made["id"])
    token = (await exchange(client, code)).json()["access_token"]
    reason = {"reason": "Issued in error."}
    (await hall.instructor.client.post(f"/api/certificates/{made['id']}/revoke", json=reason)).raise_for_status()
    denied = await ask(client, token, await proof(client, issuer))
    assert denied.json()["error"] == "credential_request_denied"
    listed = (await client.get("/status/wallet/1")).text
    key = installation.keyring.wallet.public
    found, _ = token_status.read(listed, wallets.issued_by(installation).status_url, key, datetime.now(UTC))
    bundle = (await client.get(f"/c/{made['id']}.json")).json()
    index = int(bundle["credential"]["credentialStatus"]["statusListIndex"])
    assert found.state(index) == State.invalid
    page = (await person.get("/certificates")).text
    assert f"/certificates/{made['id']}/wallet" not in page


async def test_an_offer_ends_after_minutes(installation: Installation, award: Award, client: httpx.AsyncClient) -> None:
    made = await award()
    async with transaction(installation.sessions) as session:
        held = await queries.find_certificate(session, UUID(made["id"]))
        assert held is not None
        old = wallets.offer(installation, held.certificate, datetime.now(UTC) - timedelta(minutes=6), urandom)
    code = json.loads(parse_qs(urlsplit(old).query)["credential_offer"][0])["grants"][wallet.GRANT][
        "pre-authorized_code"
    ]
    refused = await exchange(client, code)
    assert "some minutes only" in refused.json()["error_description"]
