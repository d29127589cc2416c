"""The one-file check in a real browser, from the disk and without a network: what it accepts, and what it refuses."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from credentials.anchors.rfc3161 import TimeStamps
from credentials.canonical import b64u
from credentials.forms import offline
from credentials.issuance import certificate, proof
from credentials.keys import did
from credentials.revocation import status
from credentials.revocation.reasons import Reasons
from credentials.transparency import log, notes
from credentials.verification import anchored, verify
from tests.credentials.anchors.authority import Authority
from tests.credentials.anchors.heads import Inside
from tests.credentials.samples import INDEX, ISSUER, KEY, METHOD, OTHER, SALT, STATUS_URL, award, document, logged
from tests.stories.visitor import ARGUMENTS, executable

pytestmark = [pytest.mark.browser, pytest.mark.slow]
XSD = "http://www.w3.org/2001/XMLSchema#"
LIBRARY = Path("exam_api/web/static/vendor/offline/jsonld.js")
AUTHORITY = Authority()
THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def bundle(*revoked: int, until: datetime | None = None, key: Any = KEY) -> dict[str, Any]:
    made = certificate.build(award(valid_from=THEN, valid_until=until))
    credential = certificate.issue(made, key, METHOD, THEN)
    entries = status.StatusList.empty()
    for index in revoked:
        entries = entries.set(index)
    listed = status.build(url=STATUS_URL, issuer=ISSUER, entries=entries, valid_from=THEN)
    return verify.bundle(
        credential,
        salt=b64u(SALT),
        log_proof=logged(credential),
        status_list=proof.sign(listed, KEY, METHOD, THEN),
        issuer=document(),
    )


def with_reason(*revoked: int, code: str, two: bool = False) -> dict[str, Any]:
    said = Reasons.empty().set(INDEX, code).build(STATUS_URL)
    made = certificate.build(award(valid_from=THEN, valid_until=None, suspendable=two))
    credential = certificate.issue(made, KEY, METHOD, THEN)
    entries = status.StatusList.empty()
    for index in revoked:
        entries = entries.set(index)
    listed = status.build(STATUS_URL, ISSUER, entries, THEN, beside={status.reasons_url(STATUS_URL): said})
    return verify.bundle(
        credential,
        salt=b64u(SALT),
        log_proof=logged(credential),
        status_list=proof.sign(listed, KEY, METHOD, THEN),
        issuer=document(),
        reasons=said,
    )


def without_reasons() -> dict[str, Any]:
    return {name: part for name, part in with_reason(code="under-review").items() if name != "reasons"}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as play:
        found = await play.chromium.launch(executable_path=executable(), args=[*ARGUMENTS])
        yield found
        await found.close()


def written(folder: Path, file: dict[str, Any] | None) -> Path:
    path = folder / "certificate.html"
    path.write_text(offline.page(LIBRARY.read_text("utf-8"), file), "utf-8")
    return path


async def opened(browser: Browser, folder: Path, file: dict[str, Any] | None) -> tuple[Page, list[str]]:
    path = written(folder, file)
    page = await browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(f"error: {error}"))
    await page.goto(path.as_uri())
    return page, [each for each in asked if not each.startswith("file:")]


async def test_a_certificate_proves_itself_from_a_stick(browser: Browser, tmp_path: Path) -> None:
    page, asked = await opened(browser, tmp_path, bundle())
    await expect(page.locator("#verdict")).to_have_text(offline.WORDS["verdict_proven"])
    await expect(page.locator("#recipient")).to_have_text("Ada “AL” Lovelace, née Byron – 数学")
    await expect(page.locator("#facts li.ok")).to_have_count(4)
    await expect(page.locator("#facts")).to_contain_text(KEY.public.multikey)
    await expect(page.locator("#facts")).to_contain_text("entry 5 of 11")
    assert asked == [], "it asked nobody for anything"


def changed(file: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    found = copy.deepcopy(file)
    node: Any = found
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return found


ENDED = bundle(until=THEN + timedelta(days=1))
END = ENDED["credential"]["validUntil"]


def hiding(**instead: Any) -> dict[str, Any]:
    """An ended certificate whose RDF, and so its signature, is the same, with its end said in another way."""
    credential = {name: value for name, value in ENDED["credential"].items() if name != "validUntil"}
    return {**ENDED, "log": None, "credential": {**credential, **instead}}


@pytest.mark.parametrize(
    ("file", "verdict", "fact"),
    [
        (bundle(INDEX), "verdict_revoked", "Status: revoked"),
        (with_reason(INDEX, code="superseded"), "verdict_revoked", "Status: revoked (superseded)"),
        (with_reason(code="under-review"), "verdict_suspended", "Status: suspended (under-review)"),
        (with_reason(code="under-review", two=True), "verdict_suspended", "Status: suspended (under-review)"),
        (without_reasons(), "verdict_proven", "Status: unknown"),
        (ENDED, "verdict_expired", "Dates: over"),
        (hiding(validUntil=[END, END]), "verdict_expired", "Dates: over"),
        (
            hiding(**{"https://www.w3.org/2018/credentials#validUntil": {"@value": END, "@type": f"{XSD}dateTime"}}),
            "verdict_not_proven",
            "not a plain word",
        ),
        (
            changed(bundle(), ["credential", "credentialSubject", "result", 0, "value"], "100"),
            "verdict_not_proven",
            "changed",
        ),
        (changed(bundle(), ["credential", "credentialSubject", "bonus"], "A"), "verdict_not_proven", "no meaning"),
        (bundle(key=OTHER), "verdict_not_proven", "somebody else"),
        (changed(bundle(), ["log", "salt"], b64u(b"another salt of 16 bytes")), "verdict_not_proven", "do not stand"),
        (changed(bundle(), ["issuer"], did.document(ISSUER, [OTHER.public])), "verdict_not_proven", "does not name"),
        (
            changed(bundle(), ["status", "credentialSubject", "encodedList"], "uAAAA"),
            "verdict_proven",
            "Status: unknown",
        ),
    ],
    ids=[
        *("revoked", "revoked for a reason", "suspended", "suspended by two lists", "reasons left out", "expired"),
        *("an end said twice", "an end said by its address"),
        *("tampered", "injected", "stranger", "not in the log", "other key", "forged list"),
    ],
)
async def test_what_is_wrong_is_told_apart(
    browser: Browser, tmp_path: Path, file: dict[str, Any], verdict: str, fact: str
) -> None:
    page, _ = await opened(browser, tmp_path, file)
    await expect(page.locator("#verdict")).to_have_text(offline.WORDS[verdict])
    await expect(page.locator("#facts")).to_contain_text(fact)
    if verdict == "verdict_not_proven" and fact != "do not stand":
        await expect(page.locator("#award")).to_be_hidden()


def anchored_file(*, other: bool = False) -> dict[str, Any]:
    """A bundle with a time stamp of its head, or of another one."""
    file = bundle()
    text = notes.parse(log.parse_proof(file["log"]["proof"]).checkpoint).text
    way = Inside(lambda _, body: AUTHORITY.answer(body))
    stamp = TimeStamps("https://tsa.example", way, (AUTHORITY.root,)).submit(text + ("x" if other else ""))
    return {**file, "anchors": [anchored.part(file["log"]["proof"], stamp.as_json())]}


@pytest.mark.parametrize(("other", "said"), [(False, "named in the file"), (True, "the anchor is of another head")])
async def test_an_anchor_is_told_and_not_believed(browser: Browser, tmp_path: Path, other: bool, said: str) -> None:
    page, asked = await opened(browser, tmp_path, anchored_file(other=other))
    await expect(page.locator("#verdict")).to_have_text(offline.WORDS["verdict_proven"])
    await expect(page.locator("#facts li.ok")).to_have_count(4)
    await expect(page.locator("#facts")).to_contain_text(said)
    assert asked == []


async def test_another_file_can_be_chosen_and_noise_gets_a_sentence(browser: Browser, tmp_path: Path) -> None:
    page, _ = await opened(browser, tmp_path, None)
    await expect(page.locator("#verdict")).to_have_text(offline.WORDS["choose"])
    for content, said in [(json.dumps(bundle()), "verdict_proven"), ("{", "unreadable"), ("[]", "unreadable")]:
        file = {"name": "a.json", "mimeType": "application/json", "buffer": content.encode()}
        await page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
        await expect(page.locator("#verdict")).to_have_text(offline.WORDS[said])


def test_a_name_cannot_leave_its_place_in_the_page() -> None:
    made = certificate.build(award(valid_from=THEN))
    made["name"] = "</script><script>alert(1)</script>"
    text = offline.page("library()", {"credential": made})
    assert "</script><script>alert" not in text
