"""Certificates stack into another one by a rule, which then stands on its parts and is never silently taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from credentials.achievement.components import Component
from exam_api.certificates.queries import lock_row
from exam_api.certificates.service import withdrawing
from exam_api.certificates.service.awarding import Again, Gift, give
from exam_api.db.models.accounts import User
from exam_api.db.models.certificates import Certificate
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from exam_api.pathways import tasks
from exam_api.pathways.service import following, holdings
from tests.exam_api.certificates.conftest import Hall, Script
from tests.exam_api.meanwhile import meanwhile
from tests.exam_api.pathways.conftest import Earn, Follow, rule
from tests.factories import Person, person

SLUG = "rope-master"


async def write(hall: Hall, source: str, number: int = 0, slug: str = SLUG) -> httpx.Response:
    return await hall.instructor.client.put(f"/api/programmes/{slug}", json={"source": source, "number": number})


async def opened(hall: Hall, source: str, slug: str = SLUG) -> None:
    (await write(hall, source, slug=slug)).raise_for_status()
    (await hall.instructor.client.post(f"/api/programmes/{slug}/open")).raise_for_status()


async def mine(script: Script) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await script.person.client.get("/api/me/certificates")).raise_for_status().json()
    return found


async def stacked(script: Script) -> dict[str, Any]:
    (found,) = [each for each in await mine(script) if each["name"] == "Rope Master"]
    return found


async def notices(hall: Hall) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        (await hall.instructor.client.get("/api/programmes/notices")).raise_for_status().json()
    )
    return found


async def withdraw(hall: Hall, certificate: dict[str, Any], how: str, code: str | None = None) -> None:
    body = {"reason": "A reason."} | ({"code": code} if code else {})
    address = f"/api/certificates/{certificate['id']}/{how}"
    (await hall.instructor.client.post(address, json=body)).raise_for_status()


async def test_a_met_rule_earns_a_certificate_that_names_its_parts(
    hall: Hall, exam: str, earn: Earn, follow: Follow, client: httpx.AsyncClient, installation: Installation
) -> None:
    await opened(hall, rule(exam, need={"min_score": 60}))
    script = await earn()
    await follow()
    await follow()
    assert sorted(each["name"] for each in await mine(script)) == ["Knots, Foundation", "Rope Master"]
    whole = await stacked(script)
    part = next(each for each in await mine(script) if each["id"] != whole["id"])
    report = (await client.get(f"/api/certificates/{whole['id']}")).json()
    assert report["verdict"] == "proven"
    credential = (await client.get(f"/c/{whole['id']}.json")).json()["credential"]
    achievement = credential["credentialSubject"]["achievement"]
    assert achievement["id"] == f"{installation.public_url.rstrip('/')}/programmes/{SLUG}/1"
    assert achievement["alignment"][0]["targetDescription"] == "Level 3"
    named = [each["id"] for each in credential["evidence"] if "id" in each]
    assert named == [part["url"]]
    basis = (await client.get(f"/c/{part['id']}.json")).json()["credential"]
    pinned = credential["relatedResource"][0]
    assert pinned["digestSRI"] == f"sha256-{Component.of(basis, None).sha256}"
    page = (await client.get(f"/c/{whole['id']}")).text
    assert "It rests on" in page
    assert f'href="{part["url"]}"' in page


async def test_nobody_gets_one_twice_or_before_the_rule_is_met(
    hall: Hall, exam: str, earn: Earn, follow: Follow, workshop: Workshop
) -> None:
    script = await earn()
    await opened(hall, rule(exam, need={"min_score": 60}).replace("level: 2", "level: 3"))
    await follow()
    assert len(await mine(script)) == 1, "its skill is proven at level 2 only"
    (progress,) = (await script.person.client.get("/api/me/programmes")).json()
    assert not progress["met"]
    first, second = progress["programme"]["rule"]["of"]
    assert first["met"]
    assert first["label"] == "Knots, Foundation"
    assert first["by"]["name"] == "Knots, Foundation"
    assert (second["of"][0]["why"], second["of"][1]["why"]) == ("level", "missing")
    (await write(hall, rule(exam), 1)).raise_for_status()
    (await hall.instructor.client.post(f"/api/programmes/{SLUG}/open")).raise_for_status()
    await follow()
    assert len(await mine(script)) == 2, "whoever has the parts already gets it when it opens"
    for each in await mine(script):
        await tasks.stack_if_earned(workshop, {"certificate_id": each["id"]})
    assert len(await mine(script)) == 2
    (progress,) = (await script.person.client.get("/api/me/programmes")).json()
    assert progress["certificate_url"] == (await stacked(script))["url"]


async def test_a_lost_part_is_told_to_a_person_and_takes_nothing_back(
    hall: Hall, exam: str, earn: Earn, follow: Follow
) -> None:
    await opened(hall, rule(exam))
    script = await earn()
    await follow()
    part = next(each for each in await mine(script) if each["name"] != "Rope Master")
    await withdraw(hall, part, "suspend", "under-review")
    await follow()
    (notice,) = await notices(hall)
    assert (notice["what"], notice["suspended"], notice["certificate"]) == ("suspended", False, "Rope Master")
    assert (await stacked(script))["suspended_at"] is None
    await withdraw(hall, part, "reinstate")
    await follow()
    assert await notices(hall) == [], "what holds again needs nobody"
    await withdraw(hall, part, "revoke")
    await follow()
    (notice,) = await notices(hall)
    assert notice["what"] == "revoked"
    assert (await stacked(script))["revoked_at"] is None
    address = f"/api/programmes/notices/{notice['id']}/settle"
    body = {"words": "The board decided that it stands."}
    assert (await script.person.client.post(address, json=body)).status_code == 403
    assert (await hall.instructor.client.post(address, json=body)).status_code == 204
    assert (await hall.instructor.client.post(address, json=body)).status_code == 409
    assert await notices(hall) == []


async def test_settling_while_its_rule_is_looked_at_again(
    hall: Hall, exam: str, earn: Earn, follow: Follow, installation: Installation, workshop: Workshop
) -> None:
    await opened(hall, rule(exam))
    script = await earn()
    await follow()
    part = next(each for each in await mine(script) if each["name"] != "Rope Master")
    await withdraw(hall, part, "suspend", "under-review")
    await follow()
    (notice,) = await notices(hall)
    await withdraw(hall, part, "reinstate")
    number = UUID((await stacked(script))["id"])
    address = f"/api/programmes/notices/{notice['id']}/settle"
    other = hall.instructor.client.post(address, json={"words": "The board decided that it stands."})
    done: list[httpx.Response] = []
    async with meanwhile(installation, lambda session: lock_row(session, number), other, done) as session:
        await following.look_again(session, installation, number, workshop.now())
        await session.flush()
    assert done[0].status_code == 409, "it was settled already: the rule is met again"


async def test_nobody_lets_their_own_stand_or_hold_again(
    hall: Hall, exam: str, earn: Earn, follow: Follow, installation: Installation
) -> None:
    await opened(hall, rule(exam))
    script = await earn()
    await follow()
    part = next(each for each in await mine(script) if each["name"] != "Rope Master")
    await withdraw(hall, part, "suspend", "under-review")
    await follow()
    (notice,) = await notices(hall)
    async with transaction(installation.sessions) as session:
        (await session.get_one(User, script.person.id)).roles = ["candidate", "instructor"]
    client = script.person.client
    settled = await client.post(f"/api/programmes/notices/{notice['id']}/settle", json={"words": "It is mine."})
    again = await client.post(f"/api/certificates/{part['id']}/reinstate", json={"reason": "It is mine."})
    assert (settled.status_code, again.status_code) == (409, 409)
    await withdraw(hall, part, "reinstate")


async def test_one_that_follows_is_suspended_and_comes_back(hall: Hall, exam: str, earn: Earn, follow: Follow) -> None:
    await opened(hall, rule(exam, follows="true"))
    script = await earn()
    await follow()
    whole = await stacked(script)
    part = next(each for each in await mine(script) if each["name"] != "Rope Master")
    assert whole["valid_until"] == part["valid_until"], "it ends with its first part, not after its own three years"
    await withdraw(hall, part, "suspend", "identity-check")
    await follow()
    assert (await stacked(script))["suspended_code"] == "requirements-due"
    assert (await notices(hall))[0]["suspended"]
    await withdraw(hall, part, "reinstate")
    await follow()
    assert (await stacked(script))["suspended_at"] is None
    assert await notices(hall) == []


async def test_what_ends_is_noticed_at_night_once(
    hall: Hall, exam: str, earn: Earn, follow: Follow, workshop: Workshop
) -> None:
    await opened(hall, rule(exam))
    script = await earn()
    await follow()
    part = next(each for each in await mine(script) if each["name"] != "Rope Master")
    async with transaction(workshop.here.sessions) as session:
        row = await session.get_one(Certificate, UUID(part["id"]))
        assert row.valid_until is not None
        over = row.valid_until + timedelta(days=1)
    later = Workshop(workshop.here, lambda: over, workshop.chance, run_job=None, embed=None, analyser=None)
    await tasks.follow_ends(later, {})
    await tasks.follow_ends(later, {})
    (notice,) = await notices(hall)
    assert notice["what"] == "expired"
    address = f"/api/programmes/notices/{notice['id']}/settle"
    (await hall.instructor.client.post(address, json={"words": "It stands."})).raise_for_status()
    await tasks.follow_ends(later, {})
    assert await notices(hall) == [], "a person has let it stand"


async def test_a_revoked_one_is_not_given_again(hall: Hall, exam: str, earn: Earn, follow: Follow) -> None:
    await opened(hall, rule(exam))
    script = await earn()
    await follow()
    await withdraw(hall, await stacked(script), "revoke")
    await follow()
    assert len(await mine(script)) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("all_of:", "all_off:"), "did you mean 'all_of'"),
        (("    - exam:", "    - exm:"), "did you mean 'exam'"),
        (("level: 2", "level: 10"), "from 1 to 9"),
        (("any_of:", "at_least: 3\n      of:"), "from 1 to 2"),
        (("achievement: urn:example:elsewhere", "programme: nothing-here"), "There is no programme"),
        (("achievement: urn:example:elsewhere", "programme: rope-master"), "cannot need itself"),
        (("achievement: urn:example:elsewhere", "exam: 00000000-0000-4000-8000-000000000000"), "no published exam"),
        (("achievement: urn:example:elsewhere", "exam: knots"), "not the id of an exam"),
        (("achievement: urn:example:elsewhere", "achievement: elsewhere"), "full address"),
        (
            ("achievement: urn:example:elsewhere", "achievement: urn:example:elsewhere\n          level: 2"),
            "no meaning",
        ),
        (("  criteria: What the rule says.\n", ""), "is missing"),
        (("title: Rope master", "titel: Rope master"), "did you mean 'title'"),
    ],
)
async def test_a_mistake_is_refused_with_its_place(hall: Hall, exam: str, change: tuple[str, str], said: str) -> None:
    answer = await write(hall, rule(exam).replace(*change))
    assert answer.status_code == 422, answer.text
    assert said in answer.text
    assert (await hall.instructor.client.get(f"/api/programmes/{SLUG}")).status_code == 404


async def test_programmes_cannot_need_each_other(hall: Hall, exam: str) -> None:
    (await write(hall, rule(exam))).raise_for_status()
    over = rule(exam).replace("achievement: urn:example:elsewhere", "programme: rope-master")
    (await write(hall, over, slug="over")).raise_for_status()
    back = rule(exam).replace("achievement: urn:example:elsewhere", "programme: over")
    answer = await write(hall, back, 1)
    assert answer.status_code == 422
    assert "rope-master → over → rope-master" in answer.text or "over → rope-master → over" in answer.text


async def test_a_programme_over_a_programme(hall: Hall, exam: str, earn: Earn, follow: Follow) -> None:
    await opened(hall, rule(exam))
    over = (
        rule(exam)
        .replace("name: Rope Master", "name: Grand Master")
        .replace("achievement: urn:example:elsewhere", "achievement: urn:example:never")
    )
    over = over.replace("skill: https://case.example/CFItems/1\n          level: 2", "programme: rope-master")
    await opened(hall, over, slug="grand-master")
    script = await earn()
    await follow()
    assert {each["name"] for each in await mine(script)} == {"Knots, Foundation", "Rope Master", "Grand Master"}


async def test_versions_do_not_change_and_nobody_writes_over_anybody(
    hall: Hall, exam: str, client: httpx.AsyncClient
) -> None:
    assert (await write(hall, rule(exam))).json()["number"] == 1
    assert (await write(hall, rule(exam), 0)).status_code == 409
    assert (await write(hall, rule(exam), 1)).json()["number"] == 1, "the same text is no new version"
    assert (await write(hall, rule(exam, follows="true"), 1)).json()["number"] == 2
    assert (await client.get(f"/api/programmes/{SLUG}")).status_code == 404, "not open yet"
    (await hall.instructor.client.post(f"/api/programmes/{SLUG}/open")).raise_for_status()
    assert (await hall.instructor.client.post(f"/api/programmes/{SLUG}/open")).status_code == 409
    assert (await client.get(f"/api/programmes/{SLUG}")).json()["number"] == 2
    assert (await client.get(f"/api/programmes/{SLUG}/versions/1")).status_code == 404, "never opened"
    assert (await client.get(f"/api/programmes/{SLUG}/versions/2")).json()["follows"] is True
    assert [each["slug"] for each in (await client.get("/api/programmes")).json()] == [SLUG]
    (await hall.instructor.client.post(f"/api/programmes/{SLUG}/close")).raise_for_status()
    assert (await client.get("/api/programmes")).json() == []
    assert (await client.get(f"/api/programmes/{SLUG}/versions/2")).status_code == 200, "certificates name it for ever"


@pytest.mark.parametrize(("role", "status"), [("candidate", 403), ("invigilator", 403), ("author", 200), (None, 401)])
async def test_who_may_write_and_open(
    hall: Hall, exam: str, role: str | None, status: int, new_client: Any, installation: Installation
) -> None:
    client: httpx.AsyncClient = new_client()
    if role is not None:
        someone: Person = await person(client, installation, role)
        client = someone.client
    answer = await client.put(f"/api/programmes/{SLUG}", json={"source": rule(exam), "number": 0})
    assert answer.status_code == status
    if role == "author":
        assert (await client.post(f"/api/programmes/{SLUG}/open")).status_code == 403


async def test_a_part_in_a_new_name_is_still_there(
    hall: Hall, exam: str, earn: Earn, follow: Follow, workshop: Workshop
) -> None:
    """A reissue revokes the old one as superseded: the rule is met by the new one, and losing that is noticed all the same."""
    await opened(hall, rule(exam))
    script = await earn()
    await follow()
    part = next(each for each in await mine(script) if each["name"] != "Rope Master")
    async with transaction(workshop.here.sessions) as session:
        row = await session.get_one(Certificate, UUID(part["id"]))
        user = await session.get_one(User, script.person.id)
        again = Again("Cora Newname", row.issued_at, row.valid_until)
        await withdrawing.revoke(session, workshop.here, row, "superseded", "A new name.", None, workshop.now())
        gift = Gift(user, again, replaces=row, linked=True)
        newer = await give(session, workshop.here, gift, workshop.now(), workshop.chance)
    await follow()
    assert await notices(hall) == []
    await withdraw(hall, {"id": str(newer.id)}, "revoke")
    await follow()
    (notice,) = await notices(hall)
    assert notice["what"] == "revoked"


async def test_a_new_name_makes_a_part_no_younger(hall: Hall, exam: str, earn: Earn, workshop: Workshop) -> None:
    script = await earn()
    (part,) = await mine(script)
    then = datetime(2020, 3, 1, tzinfo=UTC)
    async with transaction(workshop.here.sessions) as session:
        row = await session.get_one(Certificate, UUID(part["id"]))
        user = await session.get_one(User, script.person.id)
        await withdrawing.revoke(session, workshop.here, row, "superseded", "A new name.", None, workshop.now())
        gift = Gift(user, Again("Cora Newname", then, row.valid_until), replaces=row)
        newer = await give(session, workshop.here, gift, workshop.now(), workshop.chance)
        (held,) = await holdings.as_held(session, workshop.here, [newer])
    assert held.issued == then


async def test_an_erased_one_needs_nobody_and_does_not_come_back(
    hall: Hall, exam: str, earn: Earn, follow: Follow
) -> None:
    await opened(hall, rule(exam))
    script = await earn()
    await follow()
    part = next(each for each in await mine(script) if each["name"] != "Rope Master")
    await withdraw(hall, part, "suspend", "under-review")
    await follow()
    assert len(await notices(hall)) == 1
    address = f"/api/certificates/{(await stacked(script))['id']}/erase"
    (await script.person.client.post(address)).raise_for_status()
    assert await notices(hall) == []
    assert (await hall.instructor.client.get("/programmes")).status_code == 200
    await withdraw(hall, part, "reinstate")
    await follow()
    assert [each["id"] for each in await mine(script)] == [part["id"]]
