"""The arbiter's page and the page for recovery files, as a browser without JavaScript walks through them."""

import html
import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from credentials.attempt import recovery as files
from credentials.canonical import jcs
from exam_api.certificates.tasks import log_heads
from exam_api.db.base import iso
from exam_api.db.models.attempts import Attempt
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from tests.exam_api.sitting import Sit, Sitter, Sitting

HTML = {"accept": "text/html"}
RAIN = {"text": "because it rains"}


@pytest.fixture
def workshop(installation: Installation) -> Workshop:
    return Workshop(installation, lambda: datetime.now(UTC), os.urandom, run_job=None, embed=None, analyser=None)


async def _send(client: httpx.AsyncClient, path: str, content: bytes | None = None, **fields: str) -> httpx.Response:
    shown = (await client.get(path, headers=HTML)).raise_for_status().text
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown[shown.index(f'action="{path}"') :])
    assert token
    file = {"file": ("some.json", content, "application/json")} if content is not None else None
    return await client.post(path, data={"csrf_token": token[1], **fields}, files=file, headers=HTML)


async def _receipts(sitter: Sitter) -> dict[str, Any]:
    return dict((await sitter.person.client.get(sitter.path("/receipts"))).raise_for_status().json())


async def test_anybody_may_read_what_a_receipts_file_proves(
    sit: Sit, sitting: Sitting, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    sitter, stranger = await sit(), new_client()
    await sitter.device.save("second", RAIN)
    await sitter.device.save("first", {"choice": ["a"]})
    open_file = await _receipts(sitter)
    await sitter.device.submit()
    sealed = await _receipts(sitter)

    said = (await _send(stranger, "/receipts", jcs(open_file))).raise_for_status().text
    assert "Proven" in said
    assert "2 answers were received and stored" in said
    assert "was not closed when this file was made" in said
    assert "What we hold" not in said, "a stranger sees the file's word only"
    said = (await _send(stranger, "/receipts", jcs(sealed))).raise_for_status().text
    assert "closed with exactly these answers" in said
    for known in (sitter.person.client, sitting.instructor.client):
        assert "Our record of this attempt is the same" in (await _send(known, "/receipts", jcs(open_file))).text
    other = await sit()
    assert "What we hold" not in (await _send(other.person.client, "/receipts", jcs(sealed))).text


async def test_the_public_log_is_a_fact_of_its_own(
    sit: Sit, workshop: Workshop, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    """Logged, not yet, cut, another's entry, and a record of ours that says something else."""
    sitter, other, stranger = await sit(), await sit(), new_client()
    for each in (sitter, other):
        await each.device.save("second", RAIN)
        await each.device.save("first", {"choice": ["a"]})
        await each.device.submit()
    early = await _receipts(sitter)
    shown = (await sitter.person.client.get(f"/attempts/{sitter.attempt}/submitted", headers=HTML)).text
    assert "in about a minute" in shown
    await log_heads(workshop, {})
    logged = await _receipts(sitter)
    index = 1 + (await _receipts(other))["log"]["proof"].count("index 1")  # entry 0 names the key
    shown = (await sitter.person.client.get(f"/attempts/{sitter.attempt}/submitted", headers=HTML)).text
    assert f"number {index}" in shown

    async def said(file: dict[str, Any], client: httpx.AsyncClient = stranger) -> str:
        return html.unescape((await _send(client, "/receipts", jcs(file))).raise_for_status().text)

    assert "not yet" in await said(early)
    found = await said(logged)
    assert "The seal is entry" in found
    assert "of 3 in a log that cannot be rewritten unseen" in found
    assert found.count('class="fact fact--ok"') == 4
    mine = await said(logged, sitter.person.client)
    assert mine.count('class="fact fact--ok"') == 5
    assert f"Its seal is entry {index} of our log." in mine

    cut = {**logged, "receipts": logged["receipts"][:-1], "answers": {}}
    found = await said(cut)
    assert "its number of receipts is 2, but that of this file is 1" in found
    assert "The seal is entry" in found, "the log itself says that more was submitted"
    found = await said({**cut, "seal": None})
    assert "the file was cut after the exam was submitted" in found
    assert "What this file says about the log is wrong" in await said(
        {**logged, "log": (await _receipts(other))["log"]}
    )
    stranger.headers["accept-language"] = "de"
    german = await said({**cut, "seal": None})
    assert "das eingetragene Siegel fehlt" in german
    assert "seine Zahl der Quittungen ist 2, die dieser Datei 1" in await said(cut)

    async with transaction(installation.sessions) as session:
        (await session.get_one(Attempt, UUID(sitter.attempt))).head = "another"
    assert "Our record of this attempt is another one" in await said(logged, sitter.person.client)


async def test_what_does_not_hold_together_is_said_so(sit: Sit, new_client: Callable[[], httpx.AsyncClient]) -> None:
    sitter, stranger = await sit(), new_client()
    await sitter.device.save("second", RAIN)
    file = await _receipts(sitter)
    changed = json.loads(json.dumps(file))
    changed["answers"]["1"]["text"] = "because it <b>snows</b>"
    said = (await _send(stranger, "/receipts", jcs(changed))).raise_for_status().text
    assert "Not proven" in said
    assert "it is not the answer that was received" in said
    for unusable in (b"", b"{}", b"\xff"):
        assert (await _send(stranger, "/receipts", unusable)).status_code == 422


async def test_an_invigilator_looks_at_a_recovery_file_and_takes_it_in(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    sitter = await sit()
    path, staff = f"/attempts/{sitter.attempt}/recovery", sitting.instructor.client
    entry = {"place": 3, "item": "second", "answer": {"text": "<b>unsent</b>"}, "base": 0}
    inside = {
        "answers": [{**entry, "created_at": iso(datetime.now(UTC))}],
        "mark": None,
        "mark_wall": 0,
        "wall": 300_000,
        "steady": 1,
    }
    to = installation.keyring.recovery.public_key()
    file = jcs(files.seal_file(inside, sitter.attempt, sitter.device.key, to, os.urandom))
    assert (await _send(staff, path, file)).status_code == 409, "the exam still runs"
    await sitter.device.submit()
    assert (await sitter.person.client.get(path, headers=HTML)).status_code == 403

    shown = (await _send(staff, path, file)).raise_for_status().text
    assert "new: will count" in shown
    assert "its clock was changed, or it slept" in shown
    assert "<b>unsent" not in shown
    document = re.search(r'name="document" value="([^"]+)"', shown)
    assert document
    text = html.unescape(document[1])
    refused = await _send(staff, path, document=text, reason="")
    assert (refused.status_code, "Say why" in refused.text, "new: will count" in refused.text) == (422, True, True)
    taken = await _send(staff, path, document=text, reason="The network of room 3 was down.")
    assert "1 answer counts now" in taken.raise_for_status().text
    assert (await _send(staff, path, b"{}")).status_code == 422

    review = (await staff.get(f"/reviews/{sitter.attempt}", headers=HTML)).raise_for_status().text
    assert "From a recovery file. Reason: The network of room 3 was down." in review
    assert "&lt;b&gt;unsent" in review
