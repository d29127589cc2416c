"""Two people change one certificate at the same moment: the second waits for the first, and neither waits for ever.

Each test holds one transaction open in the middle, starts another that has to wait for it, and goes on. Where locks are taken in one
order (`certificates.queries`), both end; where they are not, PostgreSQL ends one of them with an error after a second.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from os import urandom
from uuid import UUID

import httpx
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.queries import people
from exam_api.attempts.queries import attempts_of
from exam_api.certificates import queries
from exam_api.certificates.service import withdrawing
from exam_api.certificates.service.awarding import Again, Gift, give
from exam_api.db import ledger
from exam_api.db.models.accounts import User
from exam_api.db.models.certificates import Certificate
from exam_api.db.models.exams import Sitting
from exam_api.db.models.pathways import StackedPart
from exam_api.db.session import transaction
from exam_api.events import ProfileChanged
from exam_api.installation import Installation, Workshop
from exam_api.upkeep import tasks
from exam_api.upkeep.service import erasing, names
from exam_api.upkeep.service.names import By
from tests.exam_api.meanwhile import meanwhile
from tests.exam_api.upkeep.conftest import Award, Hall
from tests.exam_api.upkeep.test_passing_again import sit_again
from tests.exam_api.upkeep.test_renewing import accept, note
from tests.factories import Person

SECOND = {"name": "Cora King", "note": "Married on 3 May; the document was shown."}


def beginning(mark: bytes) -> Callable[[int], bytes]:
    """Chance whose numbers stand in an order that the test knows."""
    return lambda count: mark + urandom(count - len(mark))


async def test_erasing_while_its_credits_are_decided(
    award: Award, registrar: Person, installation: Installation
) -> None:
    made = await award()
    activity = (await note(made)).raise_for_status().json()
    number, holder, done = UUID(made["id"]), made["script"].person.id, list[httpx.Response]()
    async with meanwhile(
        installation, lambda session: queries.lock_row(session, number), accept(registrar, activity), done
    ) as session:
        row = await queries.lock_row(session, number)
        await erasing.erase(session, installation, row, holder, datetime.now(UTC))
    assert done[0].status_code == 404, "it went with its certificate"


async def test_another_name_while_credits_are_decided(
    award: Award, registrar: Person, installation: Installation
) -> None:
    made = await award()
    activity = (await note(made)).raise_for_status().json()
    number, done = UUID(made["id"]), list[httpx.Response]()
    by = By(registrar.id, datetime.now(UTC), urandom)
    async with meanwhile(
        installation, lambda session: queries.lock_row(session, number), accept(registrar, activity), done
    ) as session:
        holder = made["script"].person.id
        (new,) = await names.rename(session, installation, holder, "Cora King", by, linked=False)
    assert done[0].status_code == 200
    client: httpx.AsyncClient = made["script"].person.client
    found = (await client.get(f"/api/certificates/{new.id}/renewal")).json()
    assert found["collected"] == 12.5, "it counts for the new one"


async def test_noting_while_it_is_erased(award: Award, installation: Installation) -> None:
    made = await award()
    number, holder, done = UUID(made["id"]), made["script"].person.id, list[httpx.Response]()

    async def erase(session: AsyncSession) -> None:
        row = await queries.lock_row(session, number)
        await erasing.erase(session, installation, row, holder, datetime.now(UTC))

    async with meanwhile(installation, erase, note(made), done):
        pass
    assert done[0].status_code == 410
    async with transaction(installation.sessions) as session:
        assert not await session.scalar(text("SELECT count(*) FROM credit_activities"))


async def test_another_name_while_an_attempt_is_looked_at_again(
    award: Award, hall: Hall, registrar: Person, installation: Installation
) -> None:
    made = await award()
    number, holder, done = UUID(made["id"]), made["script"].person.id, list[httpx.Response]()
    other = registrar.client.post(f"/api/accounts/{holder}/certificate-name", json=SECOND)

    async def revise(session: AsyncSession) -> None:
        await attempts_of(session, UUID(hall.id), holder, lock=True)

    async with meanwhile(installation, revise, other, done) as session:
        await queries.lock_row(session, number)
    assert done[0].status_code == 200, done[0].text


async def test_another_name_while_its_holder_changes_the_account(
    award: Award, registrar: Person, installation: Installation
) -> None:
    """Both hold the person before they write into that person's stream of the ledger."""
    made = await award()
    holder, done = made["script"].person.id, list[httpx.Response]()
    wish = {"name": "Cora King", "note": "Married.", "linked": False}
    asked = (await made["script"].person.client.post("/api/me/names", json=wish)).raise_for_status().json()
    other = registrar.client.post(f"/api/names/{asked['id']}/decide", json={"granted": True, "words": "Shown."})
    async with meanwhile(installation, lambda session: people.lock_user(session, holder), other, done) as session:
        await ledger.append(session, ProfileChanged(holder, ["locale"]), datetime.now(UTC), holder)
    assert done[0].status_code == 200, done[0].text


async def test_another_name_while_a_list_gives_somebody_a_certificate(
    award: Award, registrar: Person, installation: Installation, workshop: Workshop
) -> None:
    made = await award()
    holder, done = made["script"].person.id, list[httpx.Response]()
    other = registrar.client.post(f"/api/accounts/{holder}/certificate-name", json=SECOND)
    async with meanwhile(installation, queries.lock_log, other, done) as session:
        row = await session.get_one(Certificate, UUID(made["id"]))
        gift = Gift(await session.get_one(User, holder), Again("Cora Candidate", row.issued_at, None), replaces=row)
        await give(session, installation, gift, workshop.now(), urandom)
    assert done[0].status_code == 200, done[0].text


async def test_revoking_what_another_one_is_about_to_rest_on(
    award: Award, registrar: Person, installation: Installation
) -> None:
    made = await award("Cora Candidate")
    whole = await award("Dora Candidate")
    done: list[httpx.Response] = []
    body = {"code": "fraud", "reason": "Another sat it."}
    other = registrar.client.post(f"/api/certificates/{made['id']}/revoke", json=body)
    async with meanwhile(installation, queries.lock_log, other, done) as session:
        session.add(StackedPart(certificate_id=UUID(whole["id"]), part_id=UUID(made["id"])))
        await session.flush()
    assert done[0].status_code == 200, done[0].text


async def test_revoking_one_while_all_that_renewed_another_fall(
    award: Award, installation: Installation, workshop: Workshop
) -> None:
    made = await award()
    now, followers = datetime.now(UTC), list[UUID]()
    for first in (b"\x11", b"\xee"):
        async with transaction(installation.sessions) as session:
            row = await queries.lock_row(session, UUID(made["id"]))
            person = await session.get_one(User, made["script"].person.id)
            gift = Gift(person, Again(person.name, now, None), replaces=row)
            given = await give(session, installation, gift, now, beginning(first))
            followers.append(given.id)
    low, high = followers
    done: list[None] = []
    other = tasks.follow_revocation(workshop, {"certificate_id": made["id"], "code": "fraud"})
    async with meanwhile(installation, lambda session: queries.lock_row(session, high), other, done) as session:
        row = await queries.lock_row(session, high)
        await withdrawing.revoke(session, installation, row, "fraud", "It was not theirs.", None, now)
    async with transaction(installation.sessions) as session:
        rows = (await session.scalars(select(Certificate).where(Certificate.id.in_([low, high])))).all()
        assert {row.revoked_code for row in rows} == {"fraud"}
        assert {row.revoked_reason for row in rows} == {"It was not theirs.", str(tasks.FORMER)}


async def test_passing_again_while_certificates_get_another_name(
    award: Award, hall: Hall, workshop: Workshop, installation: Installation
) -> None:
    made = await award()
    async with transaction(installation.sessions) as session:
        version = str((await session.get_one(Sitting, UUID(hall.id))).version_id)
        await session.execute(text("UPDATE certificates SET issued_at = issued_at - interval '1 minute'"))
    last = replace(workshop, chance=beginning(b"\xff"))
    newer = await sit_again(made["script"].person, hall, version, last)
    assert newer > made["id"]
    done: list[None] = []
    other = tasks.join_exam(workshop, {"certificate_id": newer})
    former = UUID(made["id"])
    async with meanwhile(installation, lambda session: queries.lock_row(session, former), other, done) as session:
        await queries.lock_row(session, UUID(newer))
    async with transaction(installation.sessions) as session:
        assert (await session.get_one(Certificate, UUID(newer))).replaces_id == former


async def test_who_is_in_the_way_all_the_same_is_asked_to_try_again(
    award: Award, registrar: Person, installation: Installation
) -> None:
    """Against the order, as no code of ours does it: PostgreSQL rolls one back, and its person loses nothing by trying again."""
    made = await award()
    done: list[httpx.Response] = []
    body = {"code": "fraud", "reason": "Another sat it."}

    async def patient(session: AsyncSession) -> None:
        await session.execute(text("SET LOCAL deadlock_timeout = '20s'"))
        await queries.lock_log(session)

    path = f"/api/certificates/{made['id']}/revoke"
    async with meanwhile(installation, patient, registrar.client.post(path, json=body), done) as session:
        await queries.lock_row(session, UUID(made["id"]))
    assert done[0].status_code == 503
    assert done[0].headers["retry-after"] == "2"
    assert (await registrar.client.post(path, json=body)).status_code == 200
