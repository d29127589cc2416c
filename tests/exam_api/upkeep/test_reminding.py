"""Letters before the end: one at a time, each once, in the holder's language, and none without a mail server."""

import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from exam_api.certificates.queries import lock_row
from exam_api.db.models.accounts import User
from exam_api.db.models.renewing import Reminder
from exam_api.db.session import transaction
from exam_api.installation import Installation
from exam_api.settings import Settings
from exam_api.upkeep import tasks
from tests.exam_api.upkeep.conftest import HTML, Award, later
from tests.exam_api.upkeep.test_renewing import accept, note, renewal
from tests.factories import Person
from tests.mail_server import Post

END = 2 * 365.25  # days: the certificate is good for two years, less or more a leap day


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
        _env_file=None,
    )


def texts(post: Post) -> list[tuple[str, str]]:
    found = [email.message_from_bytes(each, policy=email.policy.default) for each in post.letters]
    return [(each["Subject"], each.get_content()) for each in found]


async def test_each_letter_is_written_once(award: Award, installation: Installation, post: Post) -> None:
    made = await award()
    for days in (END - 100, END - 89, END - 88, END - 29, END - 6, END - 5, END + 2, END + 3):
        await tasks.remind(later(installation, days), {})
    found = texts(post)
    assert [subject.split(" on ")[0] for subject, _ in found] == [
        *["Your certificate “Knots, Foundation” ends"] * 3,
        "Your certificate “Knots, Foundation” has ended",
    ]
    assert len(post.to) == 4
    assert all(made["script"].person.email in each for each in post.to)
    assert "you need 20 credits by then; 0 are accepted, 0 wait" in found[0][1]
    assert f"/certificates/{made['id']}/valid" in found[0][1]
    async with transaction(installation.sessions) as session:
        told = list(await session.scalars(select(Reminder.days).order_by(Reminder.at)))
    assert told == [90, 30, 7, 0]


async def test_who_missed_some_gets_one_letter_and_not_three(
    award: Award, installation: Installation, post: Post
) -> None:
    await award()
    await tasks.remind(later(installation, END - 5), {})
    await tasks.remind(later(installation, END - 5), {})
    assert len(post.letters) == 1


async def test_what_was_taken_back_or_renewed_needs_no_letter(
    award: Award, installation: Installation, post: Post, registrar: Person
) -> None:
    made = await award()
    body = {"reason": "Issued by mistake.", "code": "issued-in-error"}
    (await registrar.client.post(f"/api/certificates/{made['id']}/revoke", json=body)).raise_for_status()
    await tasks.remind(later(installation, END - 5), {})
    assert post.letters == []


async def test_it_speaks_the_holders_language(award: Award, installation: Installation, post: Post) -> None:
    made = await award()
    async with transaction(installation.sessions) as session:
        (await session.get_one(User, made["script"].person.id)).locale = "de"
    await tasks.remind(later(installation, END - 5), {})
    ((_, text),) = texts(post)
    assert "Ihr Zertifikat" in text


async def test_a_letter_that_the_server_cannot_take_now_is_tried_again(
    award: Award, installation: Installation, post: Post
) -> None:
    await award()
    post.says["RCPT"] = "451 later"
    await tasks.remind(later(installation, END - 5), {})
    assert post.letters == []
    post.says.clear()
    await tasks.remind(later(installation, END - 5), {})
    assert len(post.letters) == 1


async def test_without_a_mail_server_nothing_is_noted(award: Award, installation: Installation) -> None:
    await award()
    workshop = later(installation, END - 5)
    await tasks.remind(replace(workshop, here=replace(installation, mail=None)), {})
    async with transaction(installation.sessions) as session:
        assert list(await session.scalars(select(Reminder.days))) == []


async def test_a_letter_that_cannot_be_composed_stops_no_other_and_operators_are_told(
    award: Award, installation: Installation, post: Post, registrar: Person, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = await award("Bad Candidate"), await award("Good Candidate")
    async with transaction(installation.sessions) as session:
        row = await lock_row(session, UUID(bad["id"]))
        name = row.document["name"]
        row.document = {each: value for each, value in row.document.items() if each != "name"}
        row.valid_until = (row.valid_until or row.issued_at) - timedelta(days=1)  # its turn comes first
    for _ in range(2):
        await tasks.remind(later(installation, END - 5), {})
    ((_, text),) = texts(post)
    assert good["id"] in text
    assert f"certificate {bad['id']} cannot be composed" in caplog.text
    page = (await registrar.client.get("/operator/health", headers=HTML)).raise_for_status().text
    assert "Some letters about the end of a certificate cannot be written" in page

    async with transaction(installation.sessions) as session:
        row = await lock_row(session, UUID(bad["id"]))
        row.document = {**row.document, "name": name}
    await tasks.remind(later(installation, END - 5), {})
    assert len(post.letters) == 2, "mended, it goes out"
    page = (await registrar.client.get("/operator/health", headers=HTML)).raise_for_status().text
    assert "Some letters about the end" not in page


async def test_one_that_cannot_be_renewed_holds_up_no_other(
    award: Award, registrar: Person, installation: Installation
) -> None:
    made = [await award("Bad Candidate"), await award("Good Candidate")]
    body = {"code": "under-review", "reason": "A note came in."}
    for each in made:  # accepted while suspended: what is left to do is the hourly job's
        activity = (await note(each, credits=20)).raise_for_status().json()
        (await registrar.client.post(f"/api/certificates/{each['id']}/suspend", json=body)).raise_for_status()
        (await accept(registrar, activity)).raise_for_status()
        again = f"/api/certificates/{each['id']}/reinstate"
        (await registrar.client.post(again, json={"reason": "It was nothing."})).raise_for_status()
    async with transaction(installation.sessions) as session:
        row = await lock_row(session, UUID(made[0]["id"]))
        row.document = {each: value for each, value in row.document.items() if each != "issuer"}
    with pytest.raises(ExceptionGroup, match="1 could not be done"):
        await tasks.renew_ready(later(installation, 0), {})
    assert (await renewal(made[1]))["renewed_as"] is not None
