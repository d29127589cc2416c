"""A locked-down sitting: nobody starts or reads on without a proof of the very moment, and no answer is ever lost for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from exam_api.attempts.service import lockdown
from exam_api.db.models.exams import Sitting as SittingRow
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.lockdown import BrowserProof
from exam_api.installation import Installation
from loadtests.device import Device
from tests.exam_api.exams.test_pages import HTML, get
from tests.exam_api.exams.test_pages import send as fill_in
from tests.exam_api.locked import LOCKED, Seb, ask_check, new_check, prove, send
from tests.exam_api.sitting import Sitting
from tests.factories import Person, person

Enrolled = Callable[..., Awaitable[Person]]
NOTHING: dict[str, object] = {}


class Comer:
    """Somebody at the check-in, with a device and, if a test says so, the browser."""

    def __init__(self, person: Person, attempt: str, seb: Seb) -> None:
        self.person, self.attempt, self.seb = person, attempt, seb
        self.device = Device(person.client, attempt)

    def path(self, rest: str) -> str:
        return f"/api/attempts/{self.attempt}{rest}"

    async def asks_to_start(self) -> httpx.Response:
        return await self.device.send("POST", self.path("/start/options"), bare=True)

    async def starts(self) -> None:
        await self.device.sign("start", self.person.authenticator)

    async def paper(self) -> httpx.Response:
        return await self.device.send("GET", self.path("/paper"))


Come = Callable[[], Awaitable[Comer]]


@pytest.fixture
def exam_source() -> str:
    return LOCKED


@pytest.fixture
def come(sitting: Sitting, enrolled: Enrolled, installation: Installation) -> Come:
    async def make() -> Comer:
        someone = await enrolled()
        opened = (await someone.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
        terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
        (await someone.client.post(f"/api/attempts/{opened['id']}/consent", json=terms)).raise_for_status()
        return Comer(someone, opened["id"], await Seb.open(someone.client, installation.origin, sitting.id))

    return make


async def outcomes(installation: Installation, attempt: str) -> list[str]:
    """What the ledger says of an attempt's browser."""
    async with installation.sessions() as session:
        query = select(LedgerLine).where(
            LedgerLine.stream == UUID(attempt), LedgerLine.tag.startswith("attempt:browser-")
        )
        lines = await session.scalars(query.order_by(LedgerLine.seq))
        return [line.data.get("outcome", "excused") for line in lines]


async def test_without_a_proof_nothing_starts_and_a_page_says_what_to_do(
    come: Come, installation: Installation
) -> None:
    ada = await come()
    refused = await ada.asks_to_start()
    assert (refused.status_code, refused.json()["code"]) == (403, "locked-browser-needed")
    for page in ("check-in", "browser"):
        sent_on = await ada.person.client.get(f"/attempts/{ada.attempt}/{page}", headers=HTML)
        assert (sent_on.status_code, "/browser" in sent_on.headers["location"]) == (303, True)
    shown = await get(
        ada.person.client, f"/attempts/{ada.attempt}/browser?check={await new_check(ada.person.client, ada.attempt)}"
    )
    assert "This exam is sat in Safe Exam Browser" in shown
    assert "seb://" in shown
    for claim in (NOTHING, {"config_key": "0" * 64}, {"config_key": ada.seb.config_key}):
        assert (await send(ada.device, await ask_check(ada.device), claim)).json()["state"] == "refused"
    assert (await ada.asks_to_start()).status_code == 403
    assert await outcomes(installation, ada.attempt) == ["missing"], "only what changes is written down"


@pytest.mark.parametrize("by", ["page", "headers"])
async def test_a_proof_opens_the_exam(come: Come, installation: Installation, by: str) -> None:
    ada = await come()
    assert await prove(ada.device, ada.seb, by=by) == "proven"
    assert (await ada.person.client.get(f"/attempts/{ada.attempt}/check-in", headers=HTML)).status_code == 200
    await ada.starts()
    await ada.device.open_paper()
    await ada.device.save("first", {"choice": ["a"]})
    assert await prove(ada.device, ada.seb, by=by) == "proven"
    await ada.device.submit()
    assert (await send(ada.device, "0.x")).json()["code"] == "wrong-state", "what comes now says nothing about the exam"
    assert await outcomes(installation, ada.attempt) == ["proven"]
    last = await get(ada.person.client, f"/attempts/{ada.attempt}/submitted")
    assert str(ada.seb.settings["quitURL"]).removeprefix(installation.origin) in last


async def test_what_another_attempt_showed_proves_nothing(come: Come) -> None:
    ada, eve = await come(), await come()
    seen = await ask_check(ada.device)
    config, _ = ada.seb.shows(f"/attempts/{ada.attempt}/browser?check={seen}")
    for check in (seen, await ask_check(eve.device)):
        answer = await send(eve.device, check, {"config_key": config})
        assert answer.json()["state"] in {"again", "refused"}
    header, _ = ada.seb.shows(f"/api/attempts/{ada.attempt}/browser-checks?check={seen}")
    answer = await send(eve.device, seen, headers={"X-SafeExamBrowser-ConfigKeyHash": header})
    assert answer.json()["state"] == "again", "the check is Ada's"
    assert (await eve.asks_to_start()).status_code == 403


async def test_a_check_runs_out(come: Come, installation: Installation) -> None:
    ada, now = await come(), datetime.now(UTC)
    attempt = UUID(ada.attempt)
    old = lockdown.new_check(installation, attempt, now - lockdown.CHECK_LIFE)
    config, _ = ada.seb.shows(f"/attempts/{ada.attempt}/browser?check={old}")
    assert (await send(ada.device, old, {"config_key": config})).json()["state"] == "again"
    fresh = lockdown.new_check(installation, attempt, now)
    assert lockdown.is_fresh(installation, attempt, fresh, now + lockdown.CHECK_LIFE - timedelta(seconds=2))
    for wrong in (
        "",
        ".",
        "9" * 30,
        fresh[:-1],
        fresh.replace(".", ".A", 1),
        f"{int(fresh.split('.')[0]) + 60}.{fresh.split('.')[1]}",
    ):
        assert not lockdown.is_fresh(installation, attempt, wrong, now)


async def test_a_proof_is_one_devices(come: Come, sitting: Sitting) -> None:
    ada = await come()
    other = Device(ada.person.client, ada.attempt)
    assert await prove(other, ada.seb) == "proven"
    assert (await ada.asks_to_start()).status_code == 403
    assert await prove(ada.device, ada.seb) == "proven"
    await ada.starts()
    await ada.device.open_paper()
    await other.sign("hand-over", ada.person.authenticator)
    assert "browser not proven" in await get(sitting.instructor.client, f"/sittings/{sitting.id}/live")
    there = Comer(ada.person, ada.attempt, ada.seb)
    there.device = other
    assert (await there.paper()).status_code == 403, "the new device has proven nothing since"
    assert await prove(other, ada.seb) == "proven"
    assert (await there.paper()).status_code == 200
    gone = await send(ada.device, "0.x")
    assert gone.json()["code"] == "device-replaced"


async def test_changed_settings_prove_nothing(come: Come) -> None:
    ada = await come()
    ada.seb.settings |= {"allowVirtualMachine": True}
    assert await prove(ada.device, ada.seb) == "refused"


async def test_a_mismatch_in_the_middle_keeps_every_answer(
    come: Come, sitting: Sitting, installation: Installation
) -> None:
    ada = await come()
    await prove(ada.device, ada.seb)
    await ada.starts()
    await ada.device.open_paper()
    await ada.device.save("first", {"choice": ["a"]})
    assert (await send(ada.device, await ask_check(ada.device), {"config_key": "0" * 64})).json()["state"] == "refused"
    await ada.device.save("second", {"text": "because it rains"})
    assert (await ada.paper()).json()["code"] == "locked-browser-needed"
    trial = await ada.device.send("POST", ada.path("/trials"), {"item": "first", "response": {}})
    assert trial.json()["code"] == "locked-browser-needed", "sample tests are part of a question"
    room = await ada.person.client.get(f"/attempts/{ada.attempt}/room", headers=HTML)
    assert room.status_code == 200, "another device takes over there"
    assert "Which?" not in room.text
    live = await get(sitting.instructor.client, f"/sittings/{sitting.id}/live")
    assert "browser not proven" in live
    assert await prove(ada.device, ada.seb) == "proven"
    paper = (await ada.paper()).raise_for_status().json()
    assert set(paper["answers"]) == {"first", "second"}
    assert await outcomes(installation, ada.attempt) == ["proven", "mismatch", "proven"]
    assert "browser not proven" not in await get(sitting.instructor.client, f"/sittings/{sitting.id}/live")


async def test_a_proof_grows_old(come: Come, installation: Installation) -> None:
    ada = await come()
    await prove(ada.device, ada.seb)
    await ada.starts()
    await ada.device.open_paper()
    async with installation.sessions.begin() as session:
        old = datetime.now(UTC) - lockdown.LONGEST_GAP - timedelta(seconds=30)
        await session.execute(update(BrowserProof).values(proven_at=old))
    assert (await ada.paper()).status_code == 403
    await ada.device.save("first", {"choice": ["a"]})
    assert await prove(ada.device, ada.seb) == "proven"
    assert (await ada.paper()).status_code == 200
    assert await outcomes(installation, ada.attempt) == ["proven", "late"]


async def test_a_clock_that_was_set_back_proves_nothing(come: Come, installation: Installation) -> None:
    ada = await come()
    await prove(ada.device, ada.seb)
    await ada.starts()
    async with installation.sessions.begin() as session:
        ahead = datetime.now(UTC) + lockdown.LONGEST_GAP + timedelta(seconds=30)
        await session.execute(update(BrowserProof).values(proven_at=ahead))
    assert (await ada.paper()).status_code == 403
    assert await prove(ada.device, ada.seb) == "proven"
    assert await outcomes(installation, ada.attempt) == ["proven", "late"]


async def test_an_invigilator_lets_somebody_sit_without_it(
    come: Come, sitting: Sitting, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    ada = await come()
    path = f"/attempts/{ada.attempt}/without-browser"
    assert (await ada.person.client.get(path, headers=HTML)).status_code == 403
    invigilator = await person(new_client(), installation, "invigilator", name="Ivo")
    assert path in await get(invigilator.client, f"/sittings/{sitting.id}/live")
    staff = invigilator.client
    assert (await fill_in(staff, path, path, {"reason": " "})).status_code == 422
    assert (await ada.asks_to_start()).status_code == 403
    assert (await fill_in(staff, path, path, {"reason": "Her screen reader does not work in it."})).status_code == 303
    assert (await send(ada.device, "0.x")).json()["state"] == "excused"
    await ada.starts()
    await ada.device.open_paper()
    assert "without Safe Exam Browser" in await get(invigilator.client, f"/sittings/{sitting.id}/live")
    assert "screen reader" in await get(invigilator.client, path)
    assert await outcomes(installation, ada.attempt) == ["excused"]


async def test_nobody_decides_afterwards_how_it_was_sat(
    come: Come, sitting: Sitting, installation: Installation
) -> None:
    ada = await come()
    await prove(ada.device, ada.seb)
    await ada.starts()
    await ada.device.open_paper()
    await ada.device.submit()
    async with installation.sessions.begin() as session:
        await session.execute(update(BrowserProof).values(failed_at=datetime.now(UTC)))
    asks_again = await ada.person.client.get(f"/attempts/{ada.attempt}/browser", headers=HTML)
    assert asks_again.headers["location"] == f"/attempts/{ada.attempt}/submitted", "there is nothing to show any more"
    path = f"/attempts/{ada.attempt}/without-browser"
    assert (await fill_in(sitting.instructor.client, path, path, {"reason": "Too late."})).status_code == 409
    assert await outcomes(installation, ada.attempt) == ["proven"]


async def test_only_accepted_builds(come: Come, sitting: Sitting, installation: Installation) -> None:
    ada = await come()
    page = f"/sittings/{sitting.id}/browser"
    staff = sitting.instructor.client
    assert (await fill_in(staff, page, page, {"exam_keys": "no key"})).status_code == 422
    assert (await fill_in(staff, page, page, {"exam_keys": ada.seb.exam_key})).status_code == 303
    assert ada.seb.exam_key in await get(sitting.instructor.client, page)
    for by in ("page", "headers"):
        assert await prove(ada.device, ada.seb, by=by) == "proven"
        ada.seb.build = "a patched build"
        assert await prove(ada.device, ada.seb, by=by) == "refused"
        ada.seb.build = "a build"


async def test_the_settings_are_for_the_roster_and_the_window(
    come: Come, sitting: Sitting, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    ada = await come()
    path = f"/sittings/{sitting.id}/settings.seb"
    got = await ada.person.client.get(path)
    assert got.headers["content-type"] == "application/seb"
    assert got.headers["cache-control"] == "no-store"
    stranger = await person(new_client(), installation)
    assert (await stranger.client.get(path)).status_code == 404
    assert (await new_client().get(path)).status_code == 401
    now = datetime.now(UTC)
    link = lockdown.ways(installation, UUID(sitting.id), ada.person.id, now).link
    assert link.startswith("seb://")
    asked = link.split(installation.origin.split("://")[1])[1]
    assert (await new_client().get(asked)).content == got.content, "the browser comes without cookies"
    late = lockdown.ways(installation, UUID(sitting.id), ada.person.id, now - lockdown.LINK_LIFE).link
    foreign = lockdown.ways(installation, UUID(sitting.id), stranger.id, now).link
    far = f"?for={ada.person.id}.{'1' * 12}x.a"
    for wrong in (
        asked[:-1],
        far,
        f"?for={ada.person.id}.²³.a",
        late.split(path)[1],
        foreign.split(path)[1],
        "?for=a.b.c",
        "?for=",
    ):
        address = wrong if wrong.startswith("/") else path + wrong
        assert (await new_client().get(address)).status_code == 404
    async with installation.sessions.begin() as session:
        await session.execute(update(SittingRow).values(closes_at=now - timedelta(minutes=1)))
    assert (await ada.person.client.get(path)).status_code == 409


async def test_staff_see_the_word_that_ends_it_and_candidates_do_not(
    come: Come, sitting: Sitting, installation: Installation
) -> None:
    ada = await come()
    page = f"/sittings/{sitting.id}/browser"
    word = lockdown.quit_password(installation, UUID(sitting.id))
    shown = await get(sitting.instructor.client, page)
    assert word in shown
    assert ada.seb.config_key in shown
    assert (await ada.person.client.get(page, headers=HTML)).status_code == 403
    assert word not in str(ada.seb.settings)
    staff = await sitting.instructor.client.get(f"{page}/settings.seb")
    assert (await ada.person.client.get(f"/sittings/{sitting.id}/settings.seb")).content == staff.content
    assert page in await get(sitting.instructor.client, f"/sittings/{sitting.id}")
