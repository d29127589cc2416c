"""An exam on two machines behind nginx, PgBouncer, Redis and an external PostgreSQL, each as docs/scaling.md sets it up.

Every server here is the real one. Then each is killed, and what was promised must still be true.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import httpx
import pytest
import websockets

from loadtests.device import Device
from loadtests.people import Person
from loadtests.pieces import Pieces
from loadtests.platform import Platform
from loadtests.sitting import begin, open_sitting
from tests.exam_api.operations.house import House, house
from tests.exam_api.sitting import EXAM

pytestmark = [pytest.mark.slow, pytest.mark.database]
RAIN = {"text": "because it rains"}
JPEG = b"\xff\xd8\xff\xe0" + bytes(2000) + b"\xff\xd9"


@dataclass
class Exam:
    """A house with an exam in it."""

    house: House
    instructor: Person
    sitting: str
    codes: dict[str, str]
    opened: list[httpx.AsyncClient] = field(default_factory=list)

    def person(self, email: str, name: str, address: str | None = None) -> Person:
        """Somebody who comes through nginx, perhaps from an address of their own."""
        made = Person(self.house.url, email, name, self.house.trust)
        if address:
            line = httpx.AsyncHTTPTransport(local_address=address, verify=self.house.trust)
            made.client = httpx.AsyncClient(base_url=made.url, headers={"Origin": made.url}, transport=line, timeout=60)
        self.opened.append(made.client)
        return made

    def directly(self, platform: Platform, device: Device) -> Device:
        """The same device, knocking at one machine's own door; its proofs still name the public address."""
        self.opened.append(httpx.AsyncClient(base_url=platform.url, timeout=20))
        return replace(device, client=self.opened[-1], public=self.house.url)

    async def candidate(self, address: str | None = None) -> Person:
        email, code = self.codes.popitem()
        someone = self.person(email, "Candidate", address)
        await someone.enter(code)
        return someone

    async def sitter(self) -> tuple[Person, Device]:
        someone = await self.candidate()
        device = await begin(someone, self.sitting)
        await device.open_paper()
        return someone, device

    async def give(self, why: str, person: Person | None = None) -> None:
        """Time for everybody, said by whoever is asked (through nginx: one machine or the other)."""
        body = {"change": "extra", "amount": 1, "reason": why, "people": None}
        await (person or self.instructor).call("POST", f"/api/sittings/{self.sitting}/time", body)


@pytest.fixture(scope="module")
async def exam() -> AsyncIterator[Exam]:
    async with house() as built:
        instructor = Person(built.url, "ina@example.org", "Ina", built.trust)
        roles = ("author", "instructor", "invigilator")
        await instructor.enter(await built.a.account("ina@example.org", "Ina", *roles))
        sitting, codes = await open_sitting(instructor, EXAM, "Many machines", 12)
        made = Exam(built, instructor, sitting, codes, [instructor.client])
        yield made
        for client in made.opened:
            await client.aclose()


class Stream:
    """The live channel as the room reads it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.lines = answer.aiter_lines()

    async def until(self, note: str | None, patience: float = 5) -> float:
        """When the news with this note came."""
        async with asyncio.timeout(patience):
            async for line in self.lines:
                if line.startswith("data: ") and json.loads(line[6:])["note"] == note:
                    return time.monotonic()
        raise AssertionError("the stream ended")


@asynccontextmanager
async def stream(device: Device) -> AsyncIterator[Stream]:
    path = f"/api/attempts/{device.attempt}/stream"
    headers = {"DPoP": device.proof("GET", path, device.token), "Authorization": f"DPoP {device.token}"}
    async with device.client.stream("GET", path, headers=headers, timeout=60) as answer:
        answer.raise_for_status()
        yield Stream(answer)


async def test_an_exam_through_nginx(exam: Exam) -> None:
    """Sign-in, a start signed for the public address, saves with receipts, the seal."""
    someone, device = await exam.sitter()
    await someone.call("POST", "/api/sign-out")
    await someone.sign_in()
    cookies = [cookie.name for cookie in someone.client.cookies.jar]
    assert "__Host-invigil" in cookies
    for number in range(4):
        receipt = await device.save("second", {"text": f"because it rains {number} times"})
        assert receipt["seq"] == number + 1
    assert (await device.submit())["seq"] == 4
    answer = await someone.client.get("/")
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_news_come_through_nginx_at_once(exam: Exam) -> None:
    _, device = await exam.sitter()
    async with stream(device) as heard:
        began = time.monotonic()
        assert await heard.until(None) - began < 1
        for number in range(4):  # nginx gives them to the machines in turn, and the stream stays with one
            began = time.monotonic()
            await exam.give(f"Noise {number}.")
            assert await heard.until(f"Noise {number}.") - began < 2


async def test_the_camera_goes_through_nginx(exam: Exam) -> None:
    _, device = await exam.sitter()
    path = f"/api/attempts/{device.attempt}/frames"
    address = exam.house.url.replace("https", "wss") + path
    origin: Any = exam.house.url
    async with websockets.connect(address, origin=origin, ssl=exam.house.trust) as socket:
        await socket.send(json.dumps({"token": device.token, "proof": device.proof("GET", path, device.token)}))
        said = json.loads(await asyncio.wait_for(socket.recv(), 10))
        assert said["ready"], said
        await socket.send(Pieces(device).message(JPEG))
        assert json.loads(await asyncio.wait_for(socket.recv(), 10)) == {"kept": {"frame": 1, "sound": 0}}


async def test_bodies_have_their_limits(exam: Exam) -> None:
    large = {"files": {"a.md": "x" * 9_000_000}}  # nginx lets it through; the platform reads it and refuses its content
    answer = await exam.instructor.client.post("/api/courses", json=large)
    assert answer.status_code == 422
    answer = await exam.instructor.client.post("/api/sign-in/password", content=b"x" * 200_000)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    answer = await exam.instructor.client.post("/api/courses", content=b"x" * (26 * 2**20))
    assert (answer.status_code, "nginx" in answer.text) == (413, True), "beyond everything: nginx need not ask us"


async def test_the_proxy_says_where_somebody_sits_and_nobody_else_does(exam: Exam) -> None:
    """An exam for one network: the address comes from nginx; a visitor's own X-Forwarded-For counts nowhere."""
    path = f"/api/sittings/{exam.sitting}/entry"
    await exam.instructor.call("PUT", path, {"networks": ["127.0.0.2/32"]})
    try:
        someone = await exam.candidate("127.0.0.2")
        enter, lie = f"/api/sittings/{exam.sitting}/attempts", {"X-Forwarded-For": "127.0.0.2"}
        elsewhere = exam.person(someone.email, someone.name)
        elsewhere.client.cookies.update(someone.client.cookies)
        refused = await elsewhere.client.post(enter, headers=lie)
        assert (refused.status_code, "127.0.0.1" in refused.text) == (403, True), refused.text
        # Past nginx, from an address that is no proxy of ours.
        cookie = "; ".join(f"{each.name}={each.value}" for each in someone.client.cookies.jar)
        line = httpx.AsyncHTTPTransport(local_address="127.0.0.3")
        async with httpx.AsyncClient(
            transport=line, base_url=exam.house.b.url.replace("localhost", "127.0.0.1")
        ) as past:
            headers = {**lie, "Cookie": cookie, "Origin": exam.house.url}
            refused = await past.post(enter, headers=headers)
        assert (refused.status_code, "127.0.0.3" in refused.text) == (403, True), refused.text
        assert (await someone.client.post(enter)).is_success
    finally:
        await exam.instructor.call("PUT", path, {"networks": []})


async def test_what_begins_on_one_machine_goes_on_on_the_other(exam: Exam) -> None:
    _, device = await exam.sitter()
    here, there = exam.directly(exam.house.a, device), exam.directly(exam.house.b, device)
    await here.open_paper()
    await here.save("second", RAIN)
    there.seq, there.head, there.receipt_key = here.seq, here.head, here.receipt_key
    assert (await there.save("first", {"choice": ["a"]}))["seq"] == 2
    async with stream(there) as heard:
        await heard.until(None)
        began = time.monotonic()
        headers = {
            "Origin": exam.house.url,
            "Cookie": f"__Host-invigil={exam.instructor.client.cookies['__Host-invigil']}",
        }
        async with httpx.AsyncClient(base_url=exam.house.a.url, headers=headers) as staff:
            body = {"change": "incident", "amount": 1, "reason": "Said on A.", "people": None}
            (await staff.post(f"/api/sittings/{exam.sitting}/time", json=body)).raise_for_status()
        assert await heard.until("Said on A.") - began < 2


async def test_redis_may_go(exam: Exam) -> None:
    _, device = await exam.sitter()
    async with stream(device) as heard:
        await heard.until(None)
        exam.house.redis.kill()
        began = time.monotonic()
        await exam.give("Redis has died.")
        assert await heard.until("Redis has died.", 10) - began < 5
        exam.house.redis.start()
        began = time.monotonic()
        await exam.give("Redis is back.")
        assert await heard.until("Redis is back.", 10) - began < 5


async def graded(exam: Exam, attempt: str) -> None:
    """Until the worker has taken the attempt out of the queue and graded it."""
    admin = await asyncpg.connect(exam.house.database.url())
    try:
        async with asyncio.timeout(40):
            while not await admin.fetchval("SELECT count(*) FROM grades WHERE attempt_id = $1", attempt):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    finally:
        await admin.close()


async def test_pgbouncer_may_go(exam: Exam) -> None:
    """Machine A's web process and worker reach PostgreSQL through it; what listens does not."""
    _, device = await exam.sitter()
    through = exam.directly(exam.house.a, device)
    await through.open_paper()
    await through.save("second", RAIN)
    async with stream(through) as heard:
        await heard.until(None)
        exam.house.bouncer.kill()
        body = {"seq": 2, "previous": through.head, "item": "second", "answer": {"text": "it snows"}}
        refused = await through.send("POST", f"/api/attempts/{device.attempt}/responses", body)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2"), refused.text
        exam.house.bouncer.start()
        async with asyncio.timeout(15):
            while (answer := await through.send("POST", f"/api/attempts/{device.attempt}/responses", body)).is_error:
                assert answer.status_code == 503, answer.text
                await asyncio.sleep(0.2)
        assert answer.json()["seq"] == 2
        began = time.monotonic()
        await exam.give("PgBouncer is back.")
        assert await heard.until("PgBouncer is back.") - began < 2
    await through.open_paper()
    await through.submit()
    await graded(exam, device.attempt)


async def persistent(device: Device, answer: dict[str, Any]) -> int:
    """Save as the page does: what nobody confirmed is sent again. How often nginx had no answer for us."""
    for refused in range(5):
        try:
            await device.save("second", answer)
            return refused
        except httpx.HTTPStatusError as error:
            # nginx had sent it on a connection of the dead machine, and rightly does not send it to another by itself.
            if error.response.status_code not in {502, 504}:
                raise
    raise AssertionError("no machine takes the answer")


async def test_a_machine_may_go(exam: Exam) -> None:
    """The last test: machine A dies with its web process, its worker and its supervisor. The candidate notices nothing."""
    someone, device = await exam.sitter()
    for number in range(4):
        await device.save("second", {"text": f"before {number}"})
    a = exam.house.a
    assert a.process is not None
    pids = [a.living(name) for name in ("web-1", "worker")]
    a.kill(a.process.pid, *(pid for pid in pids if pid))
    answers = [await persistent(device, {"text": f"after {number}"}) for number in range(6)]
    assert sum(answers) <= 2, "nginx passes the dead machine over once it has noticed"
    async with stream(device) as heard:
        began = time.monotonic()
        await exam.give("Machine A is dead.")
        assert await heard.until("Machine A is dead.") - began < 2
    seal = await device.submit()
    assert seal["seq"] == 10
    receipts = await someone.call("GET", f"/api/attempts/{device.attempt}/receipts")
    assert [each["seq"] for each in receipts["receipts"]] == list(range(1, 11))
