"""Files that say little and unpack to much, and floods of files: each is refused with a sentence, and the next visitor is served."""

import asyncio
import gzip
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from credentials.canonical import b64u
from exam_api.accounts.service import throttle
from exam_api.certificates.service import apart
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.certificates.conftest import Award

HTML = {"accept": "text/html"}
NOBODY = "0b7c9d5e-3c1a-4d8e-9f21-6a54c2f7b310"


def stream(said: bytes, body: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (said, len(body), body)


def attached(said: bytes, body: bytes, count: int = 1) -> bytes:
    """A PDF with files attached whose streams are these."""
    names = b" ".join(b"(f%d.json) %d 0 R" % (at, 10 + 2 * at) for at in range(count))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [%s] >> >> >>" % names,
        2: b"<< /Type /Pages /Kids [] /Count 0 >>",
    }
    for at in range(count):
        name, file = 10 + 2 * at, 11 + 2 * at
        objects[name] = b"<< /Type /Filespec /F (f%d.json) /EF << /F %d 0 R >> >>" % (at, file)
        objects[file] = stream(said, body)
    out, places = io.BytesIO(), dict[int, int]()
    out.write(b"%PDF-1.7\n")
    for number, content in objects.items():
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start, size = out.tell(), max(objects) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    for number in range(1, size):
        out.write(b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 00000 f \n")
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start))
    return out.getvalue()


def places_of_everything() -> bytes:
    """A table of a million places in a thousand bytes."""
    head, count = b"%PDF-1.7\n", 1_040_000
    said = b"/Type /XRef /W [0 1 0] /Size %d /Root 1 0 R /Filter /FlateDecode" % count
    return head + b"1 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (stream(said, zeros(count)), len(head))


def zeros(count: int) -> bytes:
    return zlib.compress(bytes(count), 9)


def compressed_text() -> bytes:
    """A PNG whose certificate stands in a compressed chunk (zTXt) of 200 MB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    bomb = chunk(b"zTXt", b"openbadgecredential\0\0" + zeros(200_000_000))
    inside = chunk(b"iTXt", b"openbadgecredential\0\x01\0\0\0" + zeros(200_000_000))
    return b"\x89PNG\r\n\x1a\n" + head + bomb + inside + chunk(b"IDAT", zeros(2)) + chunk(b"IEND", b"")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("certificate.bundle.json", bytes(50_000_000))
    return out.getvalue()


def laughing() -> bytes:
    """An SVG with entities of entities."""
    lines = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a0 "ha">{lines}]><svg>&a11;</svg>'.encode()


FLATE = b"/Filter /FlateDecode"
BOMBS: dict[str, Callable[[], bytes]] = {
    "pdf: 200 MB attached": lambda: attached(FLATE, zeros(200_000_000)),
    "pdf: twenty times 70 MB": lambda: attached(FLATE, zeros(70_000_000), 20),
    "pdf: twice compressed": lambda: attached(
        b"/Filter [/FlateDecode /FlateDecode]", zlib.compress(zeros(200_000_000))
    ),
    "pdf: LZW": lambda: attached(b"/Filter /LZWDecode", bytes(3_900_000)),
    "pdf: ASCII85 in Flate": lambda: attached(
        b"/Filter [/FlateDecode /ASCII85Decode]", zlib.compress(b"z" * 60_000_000, 9)
    ),
    "pdf: a million places": places_of_everything,
    "png: compressed text": compressed_text,
    "svg: entities": laughing,
    "zip": zipped,
    "json: deep": lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "json: deep lists": lambda: b'{"format":' + b"[" * 500_000 + b"]" * 500_000 + b"}",
    "json: a number of a million digits": lambda: b'{"format":' + b"9" * 1_000_000 + b"}",
}


@pytest.mark.parametrize("name", BOMBS)
async def test_what_unpacks_to_too_much_is_refused(client: httpx.AsyncClient, name: str) -> None:
    file = BOMBS[name]()
    assert len(file) < 4 * 2**20, "it passes the door"
    answer = await client.post("/api/verify", content=file)
    assert answer.status_code == 422
    said = answer.json()
    assert said["title"]
    assert (await client.get("/api/verify")).status_code == 405, "and somebody else is served"


async def test_an_honest_attachment_is_read_apart_too() -> None:
    opened = await apart.open_file(attached(FLATE, zlib.compress(b'{"a": 1}')))
    assert (opened.kind, opened.content, opened.inside) == ("json", b'{"a": 1}', "pdf")


async def test_a_status_list_that_unpacks_to_too_much_proves_nothing(award: Award, client: httpx.AsyncClient) -> None:
    made = await award()
    file: dict[str, Any] = (await client.get(f"/c/{made['id']}.json")).raise_for_status().json()
    file["credential"]["issuer"]["id"] = "did:web:elsewhere.example"
    file["status"]["credentialSubject"]["encodedList"] = "u" + b64u(gzip.compress(bytes(200_000_000)))
    answer = await client.post("/api/verify", content=json.dumps(file).encode())
    assert answer.status_code in {200, 422}
    assert answer.status_code == 422 or answer.json()["verdict"] != "proven"


async def flooded(installation: Installation, limit: int) -> None:
    """As many tries as are allowed have been made at every door that was tried."""
    async with transaction(installation.sessions) as session:
        await session.execute(text("UPDATE throttles SET tries = :limit"), {"limit": limit})


async def test_a_flood_of_files_is_slowed_down_and_told_for_how_long(
    award: Award, client: httpx.AsyncClient, installation: Installation
) -> None:
    made = await award()
    limit = throttle.checking_door(installation, "").limit
    asked: list[Callable[[], Any]] = [
        lambda: client.post("/api/verify", json={"address": made["url"]}),
        lambda: client.get("/api/oembed", params={"url": made["url"]}),
        lambda: client.post("/api/verify", content=b"%PDF-1.7 nothing"),
    ]
    assert (await asked[0]()).status_code == 200
    await flooded(installation, limit - 1)
    assert (await asked[1]()).status_code == 200, "the last that is allowed"
    for ask in asked:
        answer = await ask()
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 300
        assert answer.json()["code"] == "too-many-tries"
    page = await client.get("/verify", headers=HTML)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text[page.text.index("multipart") :])
    assert token
    refused = await client.post(
        "/verify", data={"csrf_token": token[1]}, files={"file": ("a.json", b"{}", "application/json")}, headers=HTML
    )
    assert refused.status_code == 429
    assert "wait a few minutes" in refused.text
    table = await client.post("/api/verify/many", content=f"address\n{NOBODY}\n", headers={"content-type": "text/csv"})
    assert table.status_code == 200, "a table of a thousand counts as one, at a door of its own"


async def test_whoever_waits_for_a_pdf_keeps_no_thread_from_other_work() -> None:
    """Requests, letters and looks at certificates share one small pool of threads."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    reading = asyncio.ensure_future(apart.open_file(attached(FLATE, zlib.compress(b'{"a": 1}'))))
    await asyncio.sleep(0)
    assert await asyncio.to_thread(str.upper, "other work") == "OTHER WORK"
    assert not reading.done(), "it did not wait for the PDF"
    assert (await reading).content == b'{"a": 1}'


async def test_a_pdf_more_than_can_wait_is_told_so_and_no_place_is_lost() -> None:
    desk, file = apart.Desk(waiting=1), attached(FLATE, zlib.compress(b'{"a": 1}'))
    found = await asyncio.gather(*(desk.read(file) for _ in range(4)), return_exceptions=True)
    assert [type(each).__name__ for each in found] == ["Opened"] * 3 + ["Busy"]
    gone = asyncio.ensure_future(desk.read(b"%PDF-1.7 nothing"))
    await asyncio.sleep(0)
    gone.cancel()  # whoever asked has gone; it is still read
    assert desk.here == 1
    assert (await desk.read(file)).content == b'{"a": 1}'
    await asyncio.to_thread(desk.threads.shutdown)
    await asyncio.sleep(0)
    assert desk.here == 0


async def test_a_visitor_is_told_when_many_pdfs_wait(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart.desk(), "here", apart.AT_ONCE + apart.WAITING)
    answer = await client.post("/api/verify", content=attached(FLATE, zlib.compress(b"{}")))
    assert (answer.status_code, answer.json()["code"]) == (503, "too-many-files")
    assert answer.headers["retry-after"] == "60"
    assert (await client.post("/api/verify", content=b"{}")).status_code == 422, "other files are read"


OPEN = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    " AND pid <> pg_backend_pid()"
)


@pytest.mark.parametrize("path", ["/verify", "/verify/many", "/api/verify", "/api/verify/many"])
async def test_a_body_that_comes_slowly_keeps_no_connection(
    client: httpx.AsyncClient, installation: Installation, path: str
) -> None:
    """Twenty of them would else keep the database from everybody; a cookie that is none makes every page look for its session."""
    seen: list[int] = []

    async def slowly() -> AsyncIterator[bytes]:
        yield b"address\n"
        await asyncio.sleep(0.2)
        async with transaction(installation.sessions) as session:
            seen.append(await session.scalar(text(OPEN)) or 0)
        yield NOBODY.encode()

    headers = {"cookie": "invigil=nobody", "content-type": "application/x-www-form-urlencoded", "content-length": "44"}
    await client.post(path, content=slowly(), headers=headers)
    assert seen == [0]


async def test_one_line_of_ipv6_counts_as_one_address(installation: Installation) -> None:
    """Whoever has such a line has 2^64 addresses."""
    doors = [
        *(throttle.checking_door, throttle.many_door, throttle.finding_door, throttle.address_door),
        *(throttle.asking_door, throttle.register_door, throttle.token_door),
    ]
    for door in doors:
        keys = [door(installation, f"2001:db8:0:1:{end}").key for end in (":1", "ffff:ffff:ffff:ffff")]
        assert keys[0] == keys[1]
        assert door(installation, "2001:db8:0:2::1").key != keys[0]
        assert door(installation, "::ffff:192.0.2.7").key == door(installation, "192.0.2.7").key
        assert door(installation, "192.0.2.7").key != door(installation, "192.0.2.8").key
        assert door(installation, "").key, "a socket without one"


async def test_pdfs_that_take_too_long_are_counted_and_honest_ones_are_not(
    client: httpx.AsyncClient, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One address would else keep two cores busy with them for ever."""
    monkeypatch.setattr(apart, "SECONDS", 2)  # the file takes about the four of the real limit, on a fast machine less
    door = throttle.slow_door(installation, "127.0.0.1")
    honest = attached(FLATE, zlib.compress(b"{}"))

    async def tries() -> int:
        async with transaction(installation.sessions) as session:
            return await session.scalar(text("SELECT tries FROM throttles WHERE key = :key"), {"key": door.key}) or 0

    for file, counted in ((honest, 0), (b"%PDF-1.7 nothing", 0), (places_of_everything(), 1), (honest, 1)):
        assert (await client.post("/api/verify", content=file)).status_code == 422
        assert await tries() == counted
    async with transaction(installation.sessions) as session:
        sent = {"most": door.limit, "key": door.key}
        await session.execute(text("UPDATE throttles SET tries = :most WHERE key = :key"), sent)
    answer = await client.post("/api/verify", content=honest)
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-tries")
    assert (await client.post("/api/verify", content=b"{}")).status_code == 422, "what is no PDF is read"
