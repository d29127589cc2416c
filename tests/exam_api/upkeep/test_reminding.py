"""Letters before the end: one at a time, each once, in the holder's language, and none without a mail server."""

import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from exam_api.db.models.accounts import User
from exam_api.db.models.renewing import Reminder
from exam_api.db.session import transaction
from exam_api.installation import Installation
from exam_api.settings import Settings
from exam_api.upkeep import tasks
from tests.exam_api.upkeep.conftest import Award, later
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
