"""A copy of the receipts by mail: only when asked for, once for each wish, and in the person's own words and language."""

import email
import email.policy
import json
import logging
import os
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, text, update

from credentials.attempt.receipts_report import examine
from credentials.canonical import jcs
from credentials.verification.trust import Trust
from exam_api.attempts import tasks
from exam_api.attempts.service import copies
from exam_api.certificates.tasks import log_heads
from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.proofs import ReceiptHead, ReceiptMail
from exam_api.db.session import transaction
from exam_api.events import ReceiptsCopyAsked
from exam_api.installation import Installation, Workshop
from exam_api.mail import MailServer
from exam_api.settings import Settings
from exam_api.worker import AFTER
from tests.exam_api.sitting import Sit, Sitter
from tests.factories import person
from tests.mail_server import Post

HTML = {"accept": "text/html"}
BUTTON = "Send me a copy of my receipts by e-mail"


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    post = Post()
    async with await post.serve():
        yield post


@pytest.fixture
def settings(database_url: str, tmp_path: Path, post: Post) -> Settings:
    return Settings(
        state_dir=tmp_path / "state",
        database_url=database_url,
        smtp_host="localhost",
        smtp_port=post.port,
        smtp_security="none",
        mail_from="exams@example.org",
    )


@pytest.fixture
def workshop(installation: Installation) -> Workshop:
    return Workshop(installation, lambda: datetime.now(UTC), os.urandom, run_job=None, embed=None, analyser=None)


async def _submitted(sit: Sit) -> Sitter:
    sitter = await sit()
    await sitter.device.save("second", {"text": "because it rains"})
    await sitter.device.submit()
    return sitter


async def _page(sitter: Sitter) -> str:
    return (await sitter.person.client.get(f"/attempts/{sitter.attempt}/submitted", headers=HTML)).text


async def _ask(client: httpx.AsyncClient, sitter: Sitter) -> httpx.Response:
    shown = (await client.get("/receipts", headers=HTML)).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert token
    return await client.post(f"/attempts/{sitter.attempt}/copy", data={"csrf_token": token[1]}, headers=HTML)


def _read(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _file(letter: EmailMessage) -> dict[str, Any]:
    (attached,) = letter.iter_attachments()
    assert attached.get_content_type() == "application/json"
    return dict(json.loads(attached.get_content()))


async def test_a_candidate_asks_and_gets_the_file_that_proves_itself(
    sit: Sit, workshop: Workshop, post: Post, installation: Installation
) -> None:
    sitter = await _submitted(sit)
    assert BUTTON in await _page(sitter)
    await tasks.mail_copy(workshop, {"attempt_id": sitter.attempt})
    assert not post.letters, "nobody asked"
    answer = await _ask(sitter.person.client, sitter)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/attempts/{sitter.attempt}/submitted#copy")
    waiting = await _page(sitter)
    assert "on its way" in waiting
    assert BUTTON not in waiting
    await log_heads(workshop, {})
    await tasks.mail_copy(workshop, {"attempt_id": sitter.attempt})
    await tasks.mail_copy(workshop, {"attempt_id": sitter.attempt})
    (content,) = post.letters
    letter = _read(content)
    assert letter["To"] == sitter.person.email
    assert letter["Subject"] == "Your receipts: A short exam"
    assert letter["From"].addresses[0].addr_spec == "exams@example.org"
    assert letter["Message-ID"] == f"<receipts-{sitter.attempt}-1@localhost>"
    assert letter["Auto-Submitted"] == "auto-generated"
    said = _text(letter)
    for words in (
        "“A short exam” was submitted on",
        "(UTC)",
        "receipt: 1",
        "log: number 1",
        "/receipts",
        sitter.attempt,
    ):
        assert words in said
    file = _file(letter)
    assert file == (await sitter.person.client.get(sitter.path("/receipts"))).json()
    key = installation.keyring
    found = examine(jcs(file), Trust(log_keys=(key.log.public,), receipt_keys=(key.receipt.public,)))
    assert (found.proven, found.log.outcome) == (True, "proven")
    assert "The mail server took the copy" in await _page(sitter)


async def test_a_title_that_would_break_a_header_stays_one_line_and_german_is_german(
    sit: Sit, installation: Installation
) -> None:
    sitter = await _submitted(sit)
    async with transaction(installation.sessions) as session:
        attempt = await session.get_one(Attempt, UUID(sitter.attempt))
        ada = await session.get_one(User, sitter.person.id)
    ada.locale, ada.name = "de", "Ada\r\nBcc: everybody@example.org"
    assert installation.mail is not None
    title = "Knots\r\nBcc: everybody@example.org\n\n<b>Größe</b>\x00 {braces} \u2028 end"
    head = ReceiptHead(attempt_id=attempt.id, log_index=7)
    here = replace(installation, issuer_name="Uni,\r\nX-Evil: 1")
    letter = copies.compose(here, installation.mail, copies.Copy(attempt, ada, title, head, {}, 2), datetime.now(UTC))
    again = _read(letter.as_bytes())
    assert again["Bcc"] is None
    assert again["X-Evil"] is None
    assert again["Subject"] == "Ihre Quittungen: Knots Bcc: everybody@example.org <b>Größe</b> {braces} end"
    assert again["To"] == sitter.person.email
    assert "Eintrag im öffentlichen Register: Nummer 7" in _text(again)
    assert "everybody" not in str(again["From"])


async def test_what_can_wait_is_tried_again_and_given_up_in_the_end(
    sit: Sit, workshop: Workshop, post: Post, installation: Installation
) -> None:
    sitter = await _submitted(sit)
    await _ask(sitter.person.client, sitter)
    post.says["RCPT"] = "450 4.7.1 come back"
    payload = {"attempt_id": sitter.attempt}
    for tries in range(1, len(copies.PAUSES) + 1):
        await tasks.mail_copy(workshop, payload)
        async with transaction(installation.sessions) as session:
            query = text("SELECT count(*), max(execute_after - created) FROM pgqueuer WHERE entrypoint = :name")
            count, wait = (await session.execute(query, {"name": tasks.COPY})).one()
        assert count == tries
        assert abs(wait - copies.PAUSES[tries - 1]) < timedelta(seconds=5)
    assert "on its way" in await _page(sitter)
    del post.says["RCPT"]
    post.says["letter"] = "451 4.3.0 later"
    await tasks.mail_copy(workshop, payload)
    assert "could not be reached for hours" in await _page(sitter)
    assert not post.letters


async def test_a_refusal_is_said_and_no_address_gets_into_the_log(
    sit: Sit,
    workshop: Workshop,
    post: Post,
    installation: Installation,
    caplog: pytest.LogCaptureFixture,
    new_client: Any,
) -> None:
    sitter = await _submitted(sit)
    await _ask(sitter.person.client, sitter)
    post.says["RCPT"] = f"550 5.1.1 no {sitter.person.email} here"
    caplog.set_level(logging.DEBUG)
    await tasks.mail_copy(workshop, {"attempt_id": sitter.attempt})
    shown = await _page(sitter)
    assert "did not accept your address" in shown
    assert BUTTON in shown, "after a mended mailbox they may ask again"
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("exam_api"))
    assert f"the copy of attempt {sitter.attempt} was refused" in ours
    assert sitter.person.email not in ours
    operator = await person(new_client(), installation, "operator", name="Opal")
    health = (await operator.client.get("/operator/health", headers=HTML)).text
    assert "Copies by mail were refused" in health
    assert f"localhost:{post.port}" in health
    assert "Submitted exams that wait for the public log" in health


async def test_a_worker_that_dies_sends_the_same_letter_and_never_another(
    sit: Sit, workshop: Workshop, post: Post, installation: Installation
) -> None:
    sitter = await _submitted(sit)
    await _ask(sitter.person.client, sitter)
    await tasks.mail_copy(workshop, {"attempt_id": sitter.attempt})
    async with transaction(installation.sessions) as session:  # as if it had died before it could note it
        await session.execute(update(ReceiptMail).values(state="waiting"))
    await tasks.mail_copy(workshop, {"attempt_id": sitter.attempt})
    first, second = (_read(content) for content in post.letters)
    assert first["Message-ID"] == second["Message-ID"]


async def test_wishes_are_counted(sit: Sit, workshop: Workshop, post: Post, installation: Installation) -> None:
    sitter = await _submitted(sit)
    client, payload = sitter.person.client, {"attempt_id": sitter.attempt}
    for number in range(1, copies.MOST + 1):
        assert (await _ask(client, sitter)).status_code == 303
        assert (await _ask(client, sitter)).status_code == 303, "a second click changes nothing"
        await tasks.mail_copy(workshop, payload)
        assert len(post.letters) == number
        if number < copies.MOST:
            assert (await _ask(client, sitter)).status_code == 429, "not again at once"
        async with transaction(installation.sessions) as session:
            await session.execute(update(ReceiptMail).values(asked_at=datetime.now(UTC) - timedelta(hours=1)))
    refused = await _ask(client, sitter)
    assert (refused.status_code, "three times" in refused.text) == (409, True)
    assert BUTTON not in await _page(sitter)
    async with transaction(installation.sessions) as session:
        lines = select(func.count()).select_from(LedgerLine).where(LedgerLine.tag == ReceiptsCopyAsked.tag)
        assert await session.scalar(lines) == copies.MOST
    assert [follow.task for follow in AFTER[ReceiptsCopyAsked]] == [tasks.mail_copy]


async def test_only_the_candidate_and_only_after_the_end(
    sit: Sit, new_client: Callable[[], httpx.AsyncClient], workshop: Workshop, post: Post, installation: Installation
) -> None:
    sitter, other = await _submitted(sit), await _submitted(sit)
    assert (await _ask(other.person.client, sitter)).status_code == 404
    form = await sitter.person.client.post(f"/attempts/{sitter.attempt}/copy", headers=HTML)
    assert form.status_code == 403, "a form without its token"
    running = await sit()
    assert (await _ask(running.person.client, running)).status_code == 409
    nobody = await new_client().post(f"/attempts/{sitter.attempt}/copy", headers=HTML)
    assert nobody.status_code in {303, 401, 403}
    for each in (sitter, other, running):
        await tasks.mail_copy(workshop, {"attempt_id": each.attempt})
    assert not post.letters


async def test_without_a_mail_server_nothing_is_offered(sit: Sit, installation: Installation, app: Any) -> None:
    sitter = await _submitted(sit)
    app.state.lifespan_state["installation"] = replace(app.state.lifespan_state["installation"], mail=None)
    assert BUTTON not in await _page(sitter)
    assert (await _ask(sitter.person.client, sitter)).status_code == 404
    server: MailServer | None = installation.mail
    assert server is not None
