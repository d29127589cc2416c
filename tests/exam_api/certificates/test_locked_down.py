"""What a certificate says of the browser: `locked-down` only where its proofs held from before the start to the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from exam_api.attempts.service.lockdown import LONGEST_GAP
from exam_api.certificates import tasks
from exam_api.db.models.attempts import AsideAnswer
from exam_api.db.models.lockdown import BrowserProof
from exam_api.grades.tasks import grade_attempt
from exam_api.installation import Installation, Workshop
from loadtests.device import Device
from tests.exam_api.certificates.conftest import EXAM, RIGHT, Hall, Script
from tests.exam_api.exams.test_pages import get
from tests.exam_api.exams.test_pages import send as fill_in
from tests.exam_api.locked import Seb, ask_check, prove, send
from tests.factories import Person, open_sitting, person, published_exam

LOCKED = EXAM.replace("certificate:", "proctoring: {browser: locked-down}\ncertificate:", 1)


@pytest.fixture
async def hall(installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> Hall:
    instructor = await person(new_client(), installation, "author", "instructor", name="Ina")
    version = await published_exam(instructor, LOCKED)
    return Hall((await open_sitting(instructor, version=version))["id"], instructor)


# What happens between two answers; the device that goes on, if it is another.
During = Callable[[Device, Seb, Person], Awaitable[Device | None]]


class Sitting:
    """One person sits the exam in the browser; `during` happens between two answers."""

    def __init__(
        self, hall: Hall, workshop: Workshop, installation: Installation, release: Callable[[], Awaitable[Any]]
    ) -> None:
        self.hall, self.workshop, self.installation, self.release = hall, workshop, installation, release

    async def certificate(self, client: httpx.AsyncClient, during: During, *, excused: bool = False) -> dict[str, Any]:
        ada = await person(client, self.installation)
        staff = self.hall.instructor.client
        rows = {"rows": [{"email": ada.email, "extra_minutes": 0}]}
        (await staff.post(f"/api/sittings/{self.hall.id}/roster", json=rows)).raise_for_status()
        opened = (await client.post(f"/api/sittings/{self.hall.id}/attempts")).raise_for_status().json()
        terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
        (await client.post(f"/api/attempts/{opened['id']}/consent", json=terms)).raise_for_status()
        seb, device = await Seb.open(client, self.installation.origin, self.hall.id), Device(client, opened["id"])
        if excused:
            path = f"/attempts/{opened['id']}/without-browser"
            assert (await fill_in(staff, path, path, {"reason": "Her computer has none."})).status_code == 303
        else:
            assert await prove(device, seb) == "proven"
        await device.sign("start", ada.authenticator)
        await device.open_paper()
        await device.save("pick", RIGHT["pick"])
        device = await during(device, seb, ada) or device
        await device.save("number", RIGHT["number"])
        await device.submit()
        script = Script(ada, opened["id"])
        await grade_attempt(self.workshop, script.payload)
        await self.release()
        await tasks.issue_if_earned(self.workshop, script.payload)
        (mine,) = (await client.get("/api/me/certificates")).raise_for_status().json()
        report = (await client.get(f"/api/certificates/{mine['id']}")).raise_for_status().json()
        return {**report["certificate"], "verdict": report["verdict"], "own": mine["id"]}


@pytest.fixture
def sits(
    hall: Hall, workshop: Workshop, installation: Installation, release: Callable[[], Awaitable[Any]]
) -> Callable[..., Awaitable[dict[str, Any]]]:
    return Sitting(hall, workshop, installation, release).certificate


Sits = Callable[..., Awaitable[dict[str, Any]]]


async def nothing(_device: Device, _seb: Seb, _ada: Person) -> None:
    return None


async def proves(device: Device, seb: Seb, _ada: Person) -> None:
    assert await prove(device, seb, by="headers") == "proven"


async def fails_once(device: Device, seb: Seb, _ada: Person) -> None:
    await send(device, await ask_check(device), {"config_key": "0" * 64})
    assert await prove(device, seb) == "proven"


async def test_proofs_that_held_make_it_locked_down(sits: Sits, client: httpx.AsyncClient) -> None:
    made = await sits(client, proves)
    assert made["verdict"] == "proven"
    assert made["assurance"] == "locked-down"
    shown = await get(client, f"/c/{made['own']}")
    assert "in a locked-down browser" in shown
    assert "Not proven: that the computer itself was as it should be." in shown


async def test_one_that_failed_does_not(sits: Sits, client: httpx.AsyncClient) -> None:
    assert (await sits(client, fails_once))["assurance"] == "unmonitored"


async def test_nor_a_gap(sits: Sits, client: httpx.AsyncClient, installation: Installation) -> None:
    async def long_ago(_device: Device, _seb: Seb, _ada: Person) -> None:
        async with installation.sessions.begin() as session:
            earlier = BrowserProof.proven_at - LONGEST_GAP - timedelta(seconds=1)
            await session.execute(update(BrowserProof).values(proven_at=earlier))

    async def came_back(device: Device, seb: Seb, ada: Person) -> None:
        await long_ago(device, seb, ada)
        assert await prove(device, seb) == "proven"

    assert (await sits(client, long_ago))["assurance"] == "unmonitored"
    assert (await sits(client, came_back))["assurance"] == "unmonitored"


async def test_nor_a_device_that_proved_nothing(
    sits: Sits, client: httpx.AsyncClient, installation: Installation
) -> None:
    async def taken_over(_device: Device, _seb: Seb, _ada: Person) -> None:
        async with installation.sessions.begin() as session:
            await session.execute(update(BrowserProof).values(jkt="another device's"))

    assert (await sits(client, taken_over))["assurance"] == "unmonitored"


async def moved(device: Device, ada: Person) -> Device:
    """The attempt goes to another device, which goes on with the chain."""
    other = Device(device.client, device.attempt, seq=device.seq, head=device.head, receipt_key=device.receipt_key)
    await other.sign("hand-over", ada.authenticator)
    return other


async def back(other: Device, device: Device, seb: Seb, ada: Person) -> Device:
    """The attempt goes to its first device again, which proves its browser."""
    device.seq, device.head = other.seq, other.head
    await device.sign("hand-over", ada.authenticator)
    assert await prove(device, seb) == "proven"
    return device


async def test_nor_answers_of_a_device_that_proves_itself_afterwards(sits: Sits, client: httpx.AsyncClient) -> None:
    async def late(device: Device, seb: Seb, ada: Person) -> Device:
        other = await moved(device, ada)
        await other.save("number", RIGHT["number"])
        assert await prove(other, seb) == "proven"
        return other

    assert (await sits(client, late))["assurance"] == "unmonitored"


async def test_nor_answers_of_a_device_in_between(sits: Sits, client: httpx.AsyncClient) -> None:
    async def there_and_back(device: Device, seb: Seb, ada: Person) -> Device:
        other = await moved(device, ada)
        await other.save("number", RIGHT["number"])
        return await back(other, device, seb, ada)

    assert (await sits(client, there_and_back))["assurance"] == "unmonitored"


async def test_nor_a_recovery_file_of_another_device(
    sits: Sits, client: httpx.AsyncClient, installation: Installation
) -> None:
    async def taken_in(device: Device, _seb: Seb, _ada: Person) -> None:
        async with installation.sessions.begin() as session:
            written = {"place": 1, "base": 0, "item": "number", "answer": RIGHT["number"], "answer_hash": "x"}
            when = {"created_at": datetime.now(UTC), "received_at": datetime.now(UTC)}
            who = {"attempt_id": UUID(device.attempt), "source": "file", "jkt": "another device's", "counts": True}
            session.add(AsideAnswer(**written, **when, **who))

    assert (await sits(client, taken_in))["assurance"] == "unmonitored"


async def test_a_device_that_proves_itself_first_keeps_it(sits: Sits, client: httpx.AsyncClient) -> None:
    async def there_and_back(device: Device, seb: Seb, ada: Person) -> Device:
        other = await moved(device, ada)
        assert await prove(other, seb) == "proven"
        await other.save("number", RIGHT["number"])
        return await back(other, device, seb, ada)

    assert (await sits(client, there_and_back))["assurance"] == "locked-down"


async def test_nor_a_decision_to_do_without(sits: Sits, client: httpx.AsyncClient) -> None:
    assert (await sits(client, nothing, excused=True))["assurance"] == "unmonitored"
