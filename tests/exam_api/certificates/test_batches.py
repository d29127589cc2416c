"""Certificates for many: two people, exactly what was approved, each row once whatever is killed."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from exam_api.accounts.queries import records
from exam_api.certificates import queries, tasks
from exam_api.certificates.pages import batches as pages
from exam_api.certificates.service import batches, preflight
from exam_api.db.session import transaction
from exam_api.grades.tasks import grade_attempt
from exam_api.installation import Installation, NotYet, Workshop
from loadtests.device import Device
from tests.exam_api.certificates.conftest import EXAM, RIGHT, WRONG
from tests.exam_api.certificates.test_finding import token_in
from tests.exam_api.certificates.test_public import HTML, NOBODY, page
from tests.factories import Person, account, open_sitting, person, published_exam

NEW = "/certificates/batches/new"
TERMS = {
    "title": "Rope course, spring",
    "name": "Rope work",
    "description": "Its holder splices ropes.",
    "criteria": "Three days of practice.",
    "kind": "MicroCredential",
    "valid_years": "3",
}


GERMAN = {**HTML, "accept-language": "de"}


@dataclass
class Office:
    """Two people who may give certificates, and the table of those who get them."""

    maker: Person
    other: Person
    rows: str


@pytest.fixture
async def office(installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> Office:
    maker = await person(new_client(), installation, "instructor", name="Mara Maker")
    other = await person(new_client(), installation, "operator", name="Otto Other")
    lines = ["name,email,date,result,consent"]
    for name in ("Ada Lovelace", "Zoë von Ampère", "Emmy Noether"):
        made = await account(installation, name=name)
        lines.append(f"{name},{made.email},2026-03-01,90.5,yes")
    return Office(maker, other, "\n".join(lines))


async def send(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    token = token_in(await page(client, NEW), NEW)
    files = {"table": ("t.csv", more.pop("table"), "text/csv")} if "table" in more else None
    return await client.post(NEW, data={"csrf_token": token, **TERMS, **more}, files=files, headers=HTML)


async def make(office: Office) -> str:
    answer = await send(office.maker.client, rows=office.rows)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def approve(client: httpx.AsyncClient, path: str, **more: str) -> httpx.Response:
    text = await page(client, path)
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)
    digest = re.search(r"<dd>([0-9a-f]{64})</dd>", text)
    assert token
    assert digest
    sent = {"csrf_token": token[1], "digest": digest[1], "confirmation": "approve", **more}
    return await client.post(f"{path}/approve", data=sent, headers=HTML)


async def issued(installation: Installation) -> int:
    async with transaction(installation.sessions) as session:
        return (await session.scalar(text("SELECT count(*) FROM certificates"))) or 0


async def test_made_looked_at_approved_given(
    office: Office, workshop: Workshop, installation: Installation, client: httpx.AsyncClient
) -> None:
    path = await make(office)
    batch_id = path.rpartition("/")[2]
    own = await page(office.maker.client, path)
    assert "Waits for another person" in own
    assert "/approve" not in own
    assert "Look at these rows" not in own
    draft = await page(office.other.client, f"{path}/2")
    assert "Zoë von Ampère" in draft
    assert "No exam of this platform stands behind it" in draft
    sheet = await office.other.client.get(f"{path}/2/draft.pdf", headers=HTML)
    drawn = PdfReader(io.BytesIO(sheet.content))
    assert "DRAFT" in drawn.pages[0].extract_text()
    assert not list(drawn.attachment_list)
    assert "/Annots" not in drawn.pages[0], "a draft has no code"
    await tasks.issue_batch(workshop, {"batch_id": batch_id})
    assert await issued(installation) == 0, "nothing before the approval"

    assert (await approve(office.other.client, path)).status_code == 303
    assert "Being given" in await page(office.maker.client, path)
    await tasks.issue_batch(workshop, {"batch_id": batch_id})
    await tasks.issue_batch(workshop, {"batch_id": batch_id})
    assert await issued(installation) == 3, "running it twice changes nothing"
    done = await page(office.maker.client, path)
    assert "3 certificates were given" in done
    file = (await office.maker.client.get(f"{path}/report.csv")).text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert [row["name"] for row in rows] == ["Ada Lovelace", "Zoë von Ampère", "Emmy Noether"]
    shown = await page(client, rows[1]["certificate"].removeprefix(installation.origin))
    for words in ("Genuine and valid", "Zoë von Ampère", "Rope work", "90.5 %", "Shown on 2026-03-01"):
        assert words in shown
    german = await client.get(rows[1]["certificate"].removeprefix(installation.origin), headers=GERMAN)
    assert "90,5 %" in german.text
    assert "90,5 %" in (await office.maker.client.get(path, headers=GERMAN)).text
    async with transaction(installation.sessions) as session:
        lines = await records.list_lines(session, None, None, 100)
    told = {line.tag: line.actor_id for line in lines if str(line.stream) == batch_id}
    assert told == {
        "batch:made": office.maker.id,
        "batch:approved": office.other.id,
        "batch:finished": None,
    }


async def test_nobody_approves_their_own_and_nothing_else_than_what_was_seen(
    office: Office, installation: Installation
) -> None:
    path = await make(office)
    own = await approve(office.maker.client, path)
    assert (own.status_code, "cannot approve it" in own.text) == (403, True)
    assert (await approve(office.other.client, path, confirmation="yes")).status_code == 422
    other = await approve(office.other.client, path, digest="0" * 64)
    assert (other.status_code, "not the list that you looked at" in other.text) == (409, True)
    async with transaction(installation.sessions) as session:
        await session.execute(text("UPDATE certificate_batch_rows SET name = 'Eve' WHERE number = 2"))
    assert (await approve(office.other.client, path)).status_code == 409, "rows that were changed behind the digest"


@pytest.mark.parametrize(
    "change",
    [
        "approved_by = made_by, approved_at = now(), approved_digest = digest",
        "approved_by = :other, approved_at = now(), approved_digest = 'else'",
        "approved_by = :other",
        "finished_at = now()",
    ],
)
async def test_the_database_refuses_it_too(office: Office, installation: Installation, change: str) -> None:
    await make(office)
    with pytest.raises(IntegrityError):
        async with transaction(installation.sessions) as session:
            await session.execute(
                text(f"UPDATE certificate_batches SET {change}"), {"other": office.other.id} if ":o" in change else {}
            )


async def test_no_approval_outlives_a_change(office: Office, workshop: Workshop, installation: Installation) -> None:
    path = await make(office)
    await approve(office.other.client, path)
    with pytest.raises(IntegrityError):
        async with transaction(installation.sessions) as session:
            await session.execute(text("UPDATE certificate_batches SET digest = 'another'"))
    async with transaction(installation.sessions) as session:
        await session.execute(text("UPDATE certificate_batch_rows SET name = 'Eve' WHERE number = 2"))
    await tasks.issue_batch(workshop, {"batch_id": path.rpartition("/")[2]})
    assert await issued(installation) == 0
    assert "The list is not what was approved" in await page(office.maker.client, path)


async def test_withdrawn_before_it_is_approved_and_not_after(office: Office, workshop: Workshop) -> None:
    for decide in (False, True):
        path = await make(office)
        if decide:
            await approve(office.other.client, path)
        token = re.search(r'name="csrf_token" value="([^"]+)"', await page(office.maker.client, path))
        assert token
        sent = {"csrf_token": token[1], "reason": "The wrong course."}
        short = await office.maker.client.post(f"{path}/withdraw", data={**sent, "reason": " "}, headers=HTML)
        assert short.status_code == 422
        answer = await office.maker.client.post(f"{path}/withdraw", data=sent, headers=HTML)
        assert answer.status_code == (409 if decide else 303)
        if not decide:
            assert (await approve(office.other.client, path)).status_code == 409


async def test_a_process_that_is_killed_leaves_each_row_with_one_or_none(
    office: Office, workshop: Workshop, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "AT_ONCE", 1)
    path = await make(office)
    batch_id = UUID(path.rpartition("/")[2])
    await approve(office.other.client, path)

    async def one_transaction(*, killed: bool) -> None:
        async with transaction(installation.sessions) as session:
            await batches.give_some(session, installation, batch_id, workshop.now(), workshop.chance)
            if killed:
                raise ConnectionResetError

    await one_transaction(killed=False)
    with pytest.raises(ConnectionResetError):
        await one_transaction(killed=True)
    assert await issued(installation) == 1, "what was not committed never was"
    await tasks.issue_batches_left(workshop, {})
    assert await issued(installation) == 3
    async with transaction(installation.sessions) as session:
        done = (await queries.progress(session, {batch_id}))[batch_id]
    assert (done.issued, done.problems) == (3, 0)


async def test_who_has_it_meanwhile_does_not_get_it_twice(
    office: Office, workshop: Workshop, installation: Installation
) -> None:
    first, second = await make(office), await make(office)
    for path in (first, second):
        await approve(office.other.client, path)
        await tasks.issue_batch(workshop, {"batch_id": path.rpartition("/")[2]})
    assert await issued(installation) == 3
    assert "already has this certificate" in await page(office.maker.client, second)
    third = await send(office.maker.client, rows=office.rows)
    assert third.status_code == 422
    assert third.text.count("already has this certificate") == 3


async def test_what_is_wrong_is_said_and_can_be_left_out(office: Office) -> None:
    bad = office.rows.replace("Zoë von Ampère", "undefined undefined") + "\nEve,eve@example.org,,,yes\n"
    answer = await send(office.maker.client, rows=bad)
    assert answer.status_code == 422
    for words in (preflight.PLACEHOLDER, preflight.NO_ACCOUNT, "2 rows are good", "2 rows cannot be given"):
        assert words in answer.text
    assert "undefined undefined" in answer.text, "what was pasted is still there"
    kept = await send(office.maker.client, table=bad.encode("utf-16"), leave_out="yes")
    assert kept.status_code == 303
    assert "Emmy Noether" in (text := await page(office.other.client, kept.headers["location"]))
    assert "undefined" not in text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"rows": ""}, "Choose a file, or paste the rows"),
        ({"rows": "x", "title": " "}, "Give the list a name"),
        ({"rows": "x", "name": ""}, "Name the certificate"),
        ({"rows": "x", "criteria": ""}, "Say what had to be done"),
        ({"rows": "x", "valid_years": "0"}, "from 1 to 50"),
        ({"rows": "x", "valid_years": "many"}, "from 1 to 50"),
        ({"rows": "x", "kind": "Degree"}, "Choose what it is"),
        ({"rows": "name,email\nAda,a@example.org"}, "has no column"),
        ({"rows": "name,email,consent\nAda,nobody,yes", "leave_out": "yes"}, "No row of the list can be given"),
    ],
)
async def test_what_is_refused(office: Office, sent: dict[str, str], said: str) -> None:
    answer = await send(office.maker.client, **sent)
    assert (answer.status_code, said in answer.text) == (422, True)


async def test_only_those_who_may(
    office: Office, installation: Installation, new_client: Callable[[], httpx.AsyncClient], client: httpx.AsyncClient
) -> None:
    path = await make(office)
    author = await person(new_client(), installation, "author")
    candidate = await person(new_client(), installation)
    for address in (path, NEW, "/certificates/batches", f"{path}/1", f"{path}/1/draft.pdf", f"{path}/report.csv"):
        for someone, status in (
            (author.client, 403),
            (candidate.client, 403),
            (client, 303),
            (office.other.client, 200),
        ):
            assert (await someone.get(address, headers=HTML)).status_code == status, address
    for missing in (f"/certificates/batches/{NOBODY}", f"{path}/9"):
        assert (await office.other.client.get(missing, headers=HTML)).status_code == 404


async def test_the_same_by_program(office: Office, workshop: Workshop) -> None:
    terms = {name: TERMS[name] for name in ("name", "description", "criteria", "kind")}
    body = {"title": "By program", "terms": terms, "table": office.rows + "\nEve,eve@example.org,,,\n"}
    refused = await office.maker.client.post("/api/batches", json=body)
    assert refused.status_code == 422
    assert {(each["line"], each["stops"]) for each in refused.json()["rows"]} == {(5, True)}
    made = (await office.maker.client.post("/api/batches", json=body | {"leave_out": True})).raise_for_status().json()
    assert (made["state"], made["rows"], made["issued"]) == ("waits", 3, 0)
    path = f"/api/batches/{made['id']}"
    seen = {"digest": made["digest"]}
    own = await office.maker.client.post(f"{path}/approve", json=seen)
    assert (own.status_code, own.json()["code"]) == (403, "four-eyes")
    assert (await office.other.client.post(f"{path}/approve", json={"digest": "0" * 64})).status_code == 409
    done = (await office.other.client.post(f"{path}/approve", json=seen)).raise_for_status().json()
    assert (done["state"], done["approved_by"]) == ("approved", str(office.other.id))
    assert (await office.maker.client.post(f"{path}/withdraw", json={"reason": "Too late."})).status_code == 409
    await tasks.issue_batch(workshop, {"batch_id": made["id"]})
    given = (await office.maker.client.get(path)).raise_for_status().json()
    assert (given["state"], given["issued"], given["not_given"]) == ("given", 3, 0)


async def test_whoever_approves_sees_what_looks_wrong(office: Office) -> None:
    rows = office.rows.replace("Emmy Noether", "EMMY NOTHER")
    answer = await send(office.maker.client, rows=rows)
    text = await page(office.other.client, answer.headers["location"])
    assert "Look at these rows" in text
    assert "The account has another name: Emmy Noether." in text
    assert "in capital letters" in text


async def test_a_long_list_is_shown_in_pages(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SHOWN", 1)
    path = await make(office)
    first, last = await page(office.other.client, path), await page(office.other.client, f"{path}?page=3")
    assert ("Ada Lovelace" in first, "Emmy Noether" in first) == (True, False)
    assert ("Ada Lovelace" in last, "Emmy Noether" in last) == (False, True)
    assert 'rel="next"' in first
    assert (await office.other.client.get(f"{path}?page=0", headers=HTML)).status_code == 422


async def test_a_list_begins_with_whoever_passed_a_sitting(
    installation: Installation, new_client: Callable[[], httpx.AsyncClient], workshop: Workshop
) -> None:
    exam = EXAM[: EXAM.index("certificate:")] + EXAM[EXAM.index("items:") :]
    instructor = await person(new_client(), installation, "author", "instructor", name="Ina")
    version = await published_exam(instructor, exam)
    sitting = (await open_sitting(instructor, version=version))["id"]
    one = await hand_in_at(sitting, instructor, await person(new_client(), installation, name="Cora Candidate"), RIGHT)
    other = await hand_in_at(sitting, instructor, await person(new_client(), installation, name="Will Wrong"), WRONG)
    address = f"{NEW}?sitting={sitting}"
    early = await instructor.client.get(address, headers=HTML)
    assert (early.status_code, "Nobody has passed" in early.text) == (409, True)
    for each in (one, other):
        await grade_attempt(workshop, {"attempt_id": each})
    (await instructor.client.post(f"/api/sittings/{sitting}/release", json={"attempts": None})).raise_for_status()
    text = await page(instructor.client, address)
    assert re.search(r"Cora Candidate,[0-9a-f]+@example\.org,\d{4}-\d\d-\d\d,100\.0,\n", text)
    assert "Will Wrong" not in text
    assert f'value="{sitting}"' in await page(instructor.client, NEW)
    with_own = (await open_sitting(instructor, version=await published_exam(instructor, EXAM)))["id"]
    refused = await instructor.client.get(f"{NEW}?sitting={with_own}", headers=HTML)
    assert (refused.status_code, "by itself" in refused.text) == (409, True)
    assert (await instructor.client.get(f"{NEW}?sitting={NOBODY}", headers=HTML)).status_code == 404


async def hand_in_at(sitting: str, instructor: Person, someone: Person, answers: dict[str, dict[str, Any]]) -> str:
    rows = {"rows": [{"email": someone.email, "extra_minutes": 0}]}
    (await instructor.client.post(f"/api/sittings/{sitting}/roster", json=rows)).raise_for_status()
    opened = (await someone.client.post(f"/api/sittings/{sitting}/attempts")).raise_for_status().json()
    consent = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    (await someone.client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
    device = Device(someone.client, opened["id"])
    await device.sign("start", someone.authenticator)
    await device.open_paper()
    for item, answer in answers.items():
        await device.save(item, answer)
    await device.submit()
    return str(opened["id"])


async def test_a_list_forgets_the_name_of_an_erased_certificate_once_it_is_given(
    office: Office, workshop: Workshop, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "AT_ONCE", 1)
    path = await make(office)
    batch_id = UUID(path.rpartition("/")[2])
    await approve(office.other.client, path)
    async with transaction(installation.sessions) as session:
        await batches.give_some(session, installation, batch_id, workshop.now(), workshop.chance)
        (first, *_) = await queries.batch_rows(session, batch_id)
    gone = {"certificate_id": str(first.certificate_id)}
    with pytest.raises(NotYet):
        await tasks.forget_name(workshop, gone)
    await tasks.issue_batch(workshop, {"batch_id": str(batch_id)})
    assert await issued(installation) == 3
    for _ in range(2):
        await tasks.forget_name(workshop, gone)
        await tasks.forget_listing(workshop, gone)
    text = await page(office.maker.client, path)
    assert ("Ada Lovelace" in text, "Emmy Noether" in text) == (False, True)
    await tasks.forget_name(workshop, {"certificate_id": NOBODY})
