"""What strangers see: keys, status list and log to mirror, pages by address, files of every kind to verify."""

import base64
import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from credentials.forms import pdf, png, svg
from credentials.issuance import certificate as core
from credentials.issuance import proof
from credentials.keys import did
from credentials.keys.ed25519 import SigningKey
from credentials.revocation import status
from credentials.times import moment
from credentials.transparency import log
from exam_api.certificates.service.awarding import plain
from exam_api.certificates.service.issuing import years_after
from exam_api.certificates.service.keepable import keepable
from exam_api.installation import Installation
from tests.exam_api.certificates.conftest import Award, Hall
from tests.factories import person

HTML = {"accept": "text/html"}
NOBODY = "00000000-0000-4000-8000-000000000000"


async def page(client: httpx.AsyncClient, path: str, status_code: int = 200) -> str:
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == status_code, answer.text
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=\"", answer.text)
    return answer.text


async def upload(client: httpx.AsyncClient, content: bytes) -> httpx.Response:
    form = (await client.get("/verify", headers=HTML)).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form[form.index('enctype="multipart') :])
    assert token
    file = {"file": ("some.json", content, "application/json")}
    return await client.post("/verify", data={"csrf_token": token[1]}, files=file, headers=HTML)


async def test_the_page_says_five_things_apart(award: Award, client: httpx.AsyncClient) -> None:
    made = await award(name="Ada <Ampère>")
    text = await page(client, f"/c/{made['id']}")
    for said in ("Genuine and valid", "verdict--ok", "holds", "written", "not revoked", "current"):
        assert said in text
    assert text.count('class="fact fact--ok"') == 6
    assert "Ada &lt;Ampère&gt;" in text
    assert "100 %" in text
    assert "60 % were needed" in text
    assert '<meta property="og:title" content="Knots, Foundation: Ada &lt;Ampère&gt;">' in text
    assert made["script"].person.email not in text
    assert "Sign in" in text


async def test_a_revoked_one_is_red_and_still_signed(award: Award, hall: Hall, client: httpx.AsyncClient) -> None:
    made = await award()
    path = f"/certificates/{made['id']}/revoke"
    staff = hall.instructor.client
    form = await page(staff, path)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    sent = {"csrf_token": token[1], "reason": "Issued by mistake.", "confirmation": "no"}
    assert "Nothing was changed" in (await staff.post(path, data=sent, headers=HTML)).text
    short = await staff.post(path, data={**sent, "reason": " ", "confirmation": "revoke"}, headers=HTML)
    assert short.status_code == 422
    assert (await staff.post(path, data={**sent, "confirmation": "Revoke"}, headers=HTML)).status_code == 303
    again = await staff.post(path, data={**sent, "confirmation": "revoke"}, headers=HTML)
    assert (again.status_code, "already revoked" in again.text) == (409, True)
    text = await page(client, f"/c/{made['id']}")
    assert "verdict--problem" in text
    assert 'class="fact fact--problem"' in text
    assert text.count('class="fact fact--ok"') == 5
    assert "Proven: that its issuer has taken it back since." in text
    assert "Revoked on" in await page(made["script"].person.client, "/my/certificates")
    assert "verdict--problem" in await page(client, f"/c/{made['id']}/print")
    assert (await client.get(path, headers=HTML)).status_code == 303
    assert (await made["script"].person.client.get(path, headers=HTML)).status_code == 403


@pytest.mark.parametrize("wrong", [NOBODY, "nonsense", f"{NOBODY}/print", "%00", "..%2f..%2f"])
async def test_an_unknown_certificate_is_said_in_plain_words(client: httpx.AsyncClient, wrong: str) -> None:
    text = await page(client, f"/c/{wrong}", 404)
    assert "There is no certificate" in text or "There is nothing here" in text
    assert (await client.get(f"/c/{wrong}.json")).status_code == 404


async def test_paper_and_lists(award: Award, client: httpx.AsyncClient, new_client: Callable[[], Any]) -> None:
    made = await award()
    text = await page(client, f"/c/{made['id']}/print")
    assert '<path transform="scale' in text or '<path class="qrline"' in text
    assert made["url"] in text
    own = made["script"].person.client
    assert made["id"] in await page(own, "/certificates")
    assert (await client.get("/certificates", headers=HTML)).headers["location"].startswith("/sign-in")
    answer = await own.get(f"/c/{made['id']}", headers=HTML)
    assert answer.headers["cache-control"] == "no-store", "a page with a name in its bar is not kept"


async def test_what_has_not_changed_is_not_sent_again(award: Award, client: httpx.AsyncClient) -> None:
    made = await award()
    for path in (f"/c/{made['id']}", f"/c/{made['id']}.json", "/status/1", "/log/checkpoint", "/trust.json"):
        first = await client.get(path, headers=HTML)
        etag = first.headers["etag"]
        assert first.headers["cache-control"].startswith("public")
        again = await client.get(path, headers={**HTML, "if-none-match": f'"other", W/{etag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag


def test_a_kept_answer_depends_on_its_bytes() -> None:
    one, other = (keepable(body, "text/plain", None).headers["etag"] for body in (b"one", b"other"))
    assert one != other
    assert keepable(b"one", "text/plain", other).status_code == 200


async def test_keys_status_and_log_can_be_mirrored(
    award: Award, client: httpx.AsyncClient, installation: Installation
) -> None:
    for path in ("/status/1", "/log/checkpoint", "/log/proof/0", "/log/consistency?from=1", "/log/entries"):
        assert (await client.get(path)).status_code == 404, "before the first certificate"
    made = await award()
    await award(name="Second Person")
    document = (await client.get("/.well-known/did.json")).raise_for_status().json()
    issuer = did.read(document)
    assert issuer.did == installation.issuer_did
    assert set(issuer.assertion.values()) == {installation.keyring.issuer.public}
    answer = (await client.get("/status/1")).raise_for_status()
    assert answer.headers["content-type"] == "application/vc+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    proof.verify(answer.json(), installation.keyring.issuer.public)
    assert not any(status.read(answer.json()).entries.bits)
    assert (await client.get("/status/2")).status_code == 404

    head = log.open_checkpoint((await client.get("/log/checkpoint")).text, (installation.keyring.log.public,))
    entries = (await client.get("/log/entries?start=0&end=99")).raise_for_status().json()
    leaves = [base64.b64decode(leaf) for leaf in entries["leaves"]]
    assert (entries["end"], entries["size"], head.size) == (4, 4, 4)
    assert log.root(leaves) == head.root
    some = (await client.get("/log/entries?start=1&end=2")).json()
    assert (some["start"], [base64.b64decode(leaf) for leaf in some["leaves"]]) == (1, leaves[1:2])
    assert (await client.get("/log/entries?start=9")).json()["leaves"] == []
    found = (await client.get("/log/consistency?from=2")).raise_for_status().json()
    hashes = [base64.b64decode(each) for each in found["path"]]
    log.verify_consistency(2, 4, hashes, log.root(leaves[:2]), head.root)
    assert (await client.get("/log/consistency?from=5")).status_code == 422
    assert (await client.get("/log/consistency?from=0")).status_code == 422
    assert (await client.get("/log/proof/4")).status_code == 404
    assert (await client.get("/log/proof/-1")).status_code == 422
    bare = await client.get(f"/c/{made['id']}.json", headers={"accept": "application/vc+json"})
    assert bare.headers["content-type"] == "application/vc+json"
    assert bare.json()["type"] == ["VerifiableCredential", "OpenBadgeCredential"]


async def test_our_files_in_every_form(award: Award, client: httpx.AsyncClient) -> None:
    made = await award()
    bundle = (await client.get(f"/c/{made['id']}.json")).json()
    bare = bundle["credential"]
    forms = {
        "bundle": (bundle, "proven"),
        "bare": (bare, "proven"),
        "without its list": ({**bundle, "status": None}, "proven"),
        "without its log": ({**bundle, "log": None}, "not proven"),
        "with another name": ({**bare, "name": "Knots, Advanced"}, "not proven"),
        "with another id": ({**bare, "id": bare["id"][:-1] + "x"}, "not proven"),
        "with another's document": ({**bundle, "issuer": None}, "proven"),
    }
    for form, (document, verdict) in forms.items():
        answer = (await client.post("/api/verify", json=document)).raise_for_status().json()
        assert (answer["verdict"], answer["ours"]) == (verdict, True), form
        text = (await upload(client, json.dumps(document).encode())).text
        assert ("verdict--ok" if verdict == "proven" else "verdict--problem") in text, form
        assert ("Cora Candidate" in text) == (verdict == "proven" or form == "without its log"), form


def foreign(key: SigningKey, issuer: str) -> dict[str, Any]:
    """A certificate of somebody else's, or of somebody who says to be somebody."""
    at = moment("2026-01-02T03:04:05Z")
    award = core.Award(
        id="https://else.example/c/1",
        issuer_id=issuer,
        issuer_name="Elsewhere",
        issuer_url="https://else.example",
        recipient=core.Recipient.of("Eve", "eve@example.org", "0123456789abcdef"),
        achievement=core.Achievement("https://else.example/a", "Everything", "All of it.", "None."),
        valid_from=at,
        status_list="https://else.example/status/1",
        status_index=7,
    )
    return core.issue(core.build(award), key, did.method_id(issuer, key.public), at)


async def test_a_picture_and_a_pdf_prove_as_much_as_the_file(award: Award, client: httpx.AsyncClient) -> None:
    made = await award(name="Ada <Ampère>")
    credential = (await client.get(f"/c/{made['id']}.json", headers={"accept": "application/vc+json"})).json()
    forms: list[tuple[str, str, Callable[[bytes], str | bytes]]] = [
        ("png", "image/png", png.extract),
        ("svg", "image/svg+xml", svg.extract),
        ("pdf", "application/pdf", lambda file: pdf.extract(file)["certificate.json"]),
    ]
    for kind, media_type, inside in forms:
        answer = await client.get(f"/c/{made['id']}.{kind}")
        assert answer.headers["content-type"].startswith(media_type)
        assert f'filename="certificate-{made["id"]}.{kind}"' in answer.headers["content-disposition"]
        assert json.loads(inside(answer.content)) == credential
        again = await client.get(f"/c/{made['id']}.{kind}", headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304
        said = (await client.post("/api/verify", content=answer.content)).json()
        assert (said["verdict"], said["ours"], said["log"]["outcome"]) == ("proven", True, "proven")
        assert "Genuine and valid" in (await upload(client, answer.content)).text
    alone = (await client.get(f"/c/{made['id']}.html", headers={"accept-language": "de"})).text
    assert 'lang="de"' in alone
    assert "attachment" in (await client.get(f"/c/{made['id']}.html")).headers["content-disposition"]
    assert credential["proof"]["proofValue"] in alone
    assert "Ada <Ampère>" not in alone, "a name cannot become an element"
    german = await client.get(f"/c/{made['id']}.pdf", headers={"accept-language": "de"})
    assert german.content != answer.content
    assert (await client.get(f"/c/{made['id']}.gif")).status_code in {404, 422}
    assert (await client.get(f"/c/{NOBODY}.png")).status_code == 404


async def test_another_issuers_file_is_amber_and_a_pretender_red(
    client: httpx.AsyncClient, installation: Installation
) -> None:
    key = SigningKey.generate(bytes(range(32)))
    there = foreign(key, "did:web:else.example")
    answer = (await client.post("/api/verify", json=there)).raise_for_status().json()
    assert (answer["verdict"], answer["ours"], answer["signature"]["pinned"]) == ("proven", False, False)
    text = (await upload(client, json.dumps(there).encode())).text
    assert "verdict--attention" in text
    assert "we do not know its issuer" in text
    assert "Not proven: who issued it." in text
    assert "Proven: who issued it" not in text
    assert "did:web:else.example" in text
    us = foreign(key, installation.issuer_did)
    pretended = {"format": "invigil-certificate/1", "credential": us, "log": None, "status": None}
    pretended["issuer"] = did.document(installation.issuer_did, [key.public])
    for document in (us, pretended):
        answer = (await client.post("/api/verify", json=document)).raise_for_status().json()
        assert (answer["verdict"], answer["certificate"]) == ("not proven", None)
    text = (await upload(client, json.dumps(pretended).encode())).text
    assert "verdict--problem" in text
    assert "Eve" not in text
    assert "Proven: nothing." in text
    assert "Proven: who issued it" not in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is empty"),
        (b"\x00\xff\xfe", "none of JSON, PNG, SVG, PDF"),
        (b"\x89PNG\r\n\x1a\n", "cut off"),
        (b"Dear reader,", "none of JSON, PNG, SVG, PDF"),
        (b'{"a": "' + b"x" * (5 * 2**20) + b'"}', "larger than 4 MB"),
        (b"[]", "none of JSON, PNG, SVG, PDF"),
        (b'{"a": 1', "not JSON from line 1"),
        (b"ey.ey.c~", "as wallets carry it"),
        (b"ey.ey.c", "not base64url"),
        (b'{"@context": [], "issuer": "did:web:x"}', "This file is no certificate"),
        (png.MAGIC + b"broken", "cut off"),
        (b"<svg/>", "not an SVG"),
        (b"%PDF-1.7", "PDF"),
        (b"{}", "neither a credential nor a bundle"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"format": "invigil-certificate/1"}', "needs a credential"),
        (b'{"format": "invigil-certificate/1", "credential": {"issuer": {"id": "x"}}, "status": 7}', "JSON object"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "nested deeper"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested deeper"),
        (b'{"a": "' + b"x" * (2**20) + b'"}', "larger than 1,048,576 bytes"),
        (b'{"a": "' + b"x" * (2**22) + b'"}', "larger than 4 MB"),
        (gzip.compress(b"{}", mtime=0), "none of JSON, PNG, SVG, PDF"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else "",
)
async def test_what_is_no_certificate_gets_a_sentence(client: httpx.AsyncClient, content: bytes, said: str) -> None:
    answer = await client.post("/api/verify", content=content)
    beyond = len(content) > 5 * 2**20  # what no program may send at all; a person still gets the form back
    assert answer.status_code == (413 if beyond else 422)
    shown = await upload(client, content)
    assert shown.status_code == 422
    beside = shown.text[shown.text.index('id="file-error"') :]
    assert said in beside.replace("&#34;", '"')
    assert "codec" not in beside
    if content and not beyond:
        assert said in answer.json()["detail"]


async def test_a_broken_inside_is_not_proven_rather_than_an_error(client: httpx.AsyncClient, award: Award) -> None:
    bundle = (await client.get(f"/c/{(await award())['id']}.json")).json()
    credential = bundle["credential"]
    for broken in (
        {**bundle, "log": {"salt": "AAAA", "proof": "x"}},
        {**bundle, "credential": {**credential, "credentialSubject": 7}},
        {**bundle, "credential": {**credential, "issuer": {"id": credential["issuer"]["id"]}}},
        {**bundle, "credential": {**credential, "proof": None}},
        {"@context": credential["@context"], "id": 7, "issuer": {"id": credential["issuer"]["id"]}},
    ):
        answer = (await client.post("/api/verify", json=broken)).raise_for_status().json()
        assert answer["verdict"] == "not proven"
    text = (await upload(client, json.dumps({**bundle, "log": {"salt": "AAAA", "proof": "x"}}).encode())).text
    assert "not in it" in text


async def test_by_address(client: httpx.AsyncClient, award: Award) -> None:
    made = await award()
    for address in (made["url"], made["id"], f" {made['url']}.json ", made["id"].upper()):
        answer = await client.get("/verify", params={"address": address}, headers=HTML)
        assert (answer.status_code, answer.headers.get("location")) == (303, f"/c/{made['id']}")
    for address, said in (
        (f"https://evil.example/c/{made['id']}", "another issuer"),
        ("my certificate", "no certificate number"),
    ):
        answer = await client.get("/verify", params={"address": address}, headers=HTML)
        assert (answer.status_code, said in answer.text) == (422, True)
    assert "By its file" in await page(client, "/verify")


async def test_a_form_without_its_token_or_length_is_refused(client: httpx.AsyncClient) -> None:
    file = {"file": ("some.json", b"{}", "application/json")}
    assert (await client.post("/verify", files=file, headers=HTML)).status_code == 403
    for size, code, words in ((2**31, 422, "larger than 4 MB"), (5 * 2**20, 422, "larger than 4 MB")):
        large = {"content-length": str(size), "content-type": "multipart/form-data; boundary=x", **HTML}
        answer = await client.post("/verify", content=b"", headers=large)
        assert (answer.status_code, words in answer.text) == (code, True)


async def test_an_operator_sees_the_way_to_revoke(
    award: Award, installation: Installation, new_client: Callable[[], httpx.AsyncClient], client: httpx.AsyncClient
) -> None:
    made = await award()
    operator = await person(new_client(), installation, "operator", name="Opal")
    way = f"/certificates/{made['id']}/revoke"
    assert way in await page(operator.client, f"/c/{made['id']}")
    assert way not in await page(client, f"/c/{made['id']}")


def test_leap_days_and_control_characters() -> None:
    leap = moment("2028-02-29T12:00:00Z")
    assert years_after(leap, 1) == moment("2029-03-01T12:00:00Z")
    assert years_after(leap, 4) == moment("2032-02-29T12:00:00Z")
    assert plain("a\tb\nc\x7f") == "a b\nc "
