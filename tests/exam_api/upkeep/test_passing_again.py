"""Passing the same exam again renews a certificate whose exam says so."""

from uuid import UUID

import httpx

from exam_api.certificates import tasks as certificates
from exam_api.db.models.exams import Sitting
from exam_api.db.session import transaction
from exam_api.events import CertificateIssued, CertificateRevoked
from exam_api.grades.tasks import grade_attempt
from exam_api.installation import Installation, Workshop
from exam_api.upkeep import tasks
from exam_api.worker import AFTER, EACH
from loadtests.device import Device
from tests.exam_api.certificates.conftest import RIGHT
from tests.exam_api.upkeep.conftest import HTML, Award, Hall
from tests.factories import Person, open_sitting


async def sit_again(someone: Person, hall: Hall, version: str, workshop: Workshop) -> str:
    """Another sitting of the same exam, passed and released; the new certificate."""
    sitting = (await open_sitting(hall.instructor, version={"id": version}))["id"]
    rows = {"rows": [{"email": someone.email, "extra_minutes": 0}]}
    (await hall.instructor.client.post(f"/api/sittings/{sitting}/roster", json=rows)).raise_for_status()
    opened = (await someone.client.post(f"/api/sittings/{sitting}/attempts")).raise_for_status().json()
    consent = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    (await someone.client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
    device = Device(someone.client, opened["id"])
    await device.sign("start", someone.authenticator)
    await device.open_paper()
    for item, answer in RIGHT.items():
        await device.save(item, answer)
    await device.submit()
    payload = {"attempt_id": opened["id"]}
    await grade_attempt(workshop, payload)
    released = await hall.instructor.client.post(f"/api/sittings/{sitting}/release", json={"attempts": None})
    released.raise_for_status()
    await certificates.issue_if_earned(workshop, payload)
    return str((await someone.client.get("/api/me/certificates")).json()[0]["id"])


async def test_the_newer_one_takes_its_place_and_both_hold(
    award: Award, hall: Hall, workshop: Workshop, installation: Installation, client: httpx.AsyncClient
) -> None:
    made = await award()
    async with transaction(installation.sessions) as session:
        sitting = await session.get_one(Sitting, UUID(hall.id))
        version = str(sitting.version_id)
    newer = await sit_again(made["script"].person, hall, version, workshop)
    assert newer != made["id"]
    for _ in range(2):  # twice changes nothing
        await tasks.join_exam(workshop, {"certificate_id": newer})
    await tasks.join_exam(workshop, {"certificate_id": made["id"]})
    for each in (made["id"], newer):
        assert (await client.get(f"/api/certificates/{each}")).json()["verdict"] == "proven"
    newest = (await client.get(f"/c/{made['id']}/refresh")).raise_for_status().json()
    assert newest["id"].endswith(newer)
    assert (await client.get(f"/c/{newer}/refresh")).json()["id"].endswith(newer)
    assert f"/c/{newer}" in (await client.get(f"/c/{made['id']}", headers=HTML)).text


def test_the_worker_knows_what_follows() -> None:
    assert tasks.join_exam in [follow.task for follow in AFTER[CertificateIssued]]
    assert tasks.follow_revocation in [follow.task for follow in AFTER[CertificateRevoked]]
    assert {tasks.renew_ready, tasks.remind} <= {task for each in EACH.values() for task in each}
