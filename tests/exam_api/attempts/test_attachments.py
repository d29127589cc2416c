"""Files of answers: they come in parts, in any order of trouble, and an answer can name only what is whole and its own."""

import hashlib
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_api.attempts.service.attachments import Part, is_known
from exam_api.db.models.attempts import Attempt
from exam_api.db.session import transaction
from exam_api.errors import AttachmentConflict, AttachmentGap
from exam_api.installation import Installation
from loadtests.device import Device, b64u
from tests.exam_api.attempts.attaching import FILES_EXAM, LONG, begin, finish, said, stored
from tests.exam_api.sitting import Sit, Sitter, Sitting
from tests.factories import open_sitting, person, published_exam
from tests.grading.test_content import PDF, ZIP_BOMB, picture


@pytest.fixture
def exam_source() -> str:
    return FILES_EXAM


@pytest.fixture
async def sitter(sit: Sit) -> Sitter:
    return await sit()


async def test_a_file_in_parts_is_named_by_an_answer_and_comes_back_whole(sitter: Sitter) -> None:
    reference = await sitter.device.hand_in("sheet", "C:\\work\\My sketch.pdf", LONG, part=700_001)
    assert reference["name"] == "My sketch.pdf"
    assert reference["media_type"] == "application/pdf"
    receipt = await sitter.device.save("sheet", {"files": [reference]})
    assert receipt["item"] == "sheet"
    address = sitter.path(f"/attachments/{reference['id']}/content")
    answer = await sitter.person.client.get(address)
    assert answer.content == LONG
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''My%20sketch.pdf"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=700000-700001", 700_000, 700_002),
        ("bytes=-7", -7, None),
        ("bytes=1400000-9999999", 1_400_000, None),
    ):
        part = await sitter.person.client.get(address, headers={"Range": asked})
        assert part.status_code == 206
        assert part.content == LONG[start:end]
        assert part.headers["content-range"].endswith(f"/{len(LONG)}")
    beyond = await sitter.person.client.get(address, headers={"Range": f"bytes={len(LONG)}-"})
    assert (said(beyond), beyond.headers["content-range"]) == ((416, "range-wrong"), f"bytes */{len(LONG)}")
    paper = await sitter.device.open_paper()
    assert paper["answers"]["sheet"]["answer"] == {"files": [reference]}


@given(
    content=st.binary(min_size=1, max_size=40),
    sent=st.lists(st.tuples(st.integers(0, 45), st.integers(1, 12), st.booleans()), max_size=40),
)
def test_whatever_comes_in_whatever_order_what_is_held_is_the_beginning_of_the_file(
    content: bytes, sent: list[tuple[int, int, bool]]
) -> None:
    held, parts = b"", dict[int, Part]()
    for start, size, spoilt in sent:
        right = content[start : start + size]
        if not right:
            continue
        part = Part(start, bytes(255 - byte for byte in right) if spoilt and start < len(held) else right)
        there = parts.get(start)
        try:
            known = is_known(part, len(held), (len(there.content), there.sha256) if there else None)
        except (AttachmentConflict, AttachmentGap) as error:
            told, known = error.extra["held"], None
        else:
            told = len(held)
        assert told == len(held)
        if known is None:
            assert start != len(held)
            continue
        assert known == (there == part)
        if not known:
            held, parts[start] = held + part.content, part
        assert content.startswith(held)
        assert b"".join(parts[at].content for at in sorted(parts)) == held


async def test_parts_twice_apart_and_on_top_of_each_other(sitter: Sitter, installation: Installation) -> None:
    device, attachment = sitter.device, await begin(sitter, size=len(LONG))
    assert said(await device.send_part(attachment, 5, LONG[5:10])) == (409, "attachment-gap")
    assert (await device.send_part(attachment, 0, LONG[:1000])).json()["held"] == 1000
    assert (await device.send_part(attachment, 0, LONG[:1000])).json()["held"] == 1000  # the same again
    refused = await device.send_part(attachment, 0, b"x" * 1000)
    assert (said(refused), refused.json()["held"]) == ((409, "attachment-conflict"), 1000)
    for start, content in ((500, LONG[500:1500]), (0, LONG[:999]), (0, LONG[:1001])):
        assert said(await device.send_part(attachment, start, content)) == (409, "attachment-conflict")
    gap = await device.send_part(attachment, 1001, LONG[1001:1002])
    assert (said(gap), gap.json()["held"]) == ((409, "attachment-gap"), 1000)
    assert said(await finish(sitter, attachment, LONG)) == (409, "attachment-gap")
    for start in range(1000, len(LONG), 2**20):
        (await device.send_part(attachment, start, LONG[start : start + 2**20])).raise_for_status()
    first = (await finish(sitter, attachment, LONG)).raise_for_status().json()
    assert (await finish(sitter, attachment, LONG)).json() == first
    assert said(await finish(sitter, attachment, LONG[:-1])) == (409, "attachment-conflict")
    assert (await device.send_part(attachment, 0, LONG[:1000])).status_code == 200
    assert said(await device.send_part(attachment, len(LONG), b"more")) == (409, "attachment-conflict")
    assert stored(installation) == 3  # nothing that was refused or came twice is left


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("photo.png", ZIP_BOMB, "does not hold what its ending"),
        ("photo.png", PDF, "does not hold what its ending"),
        ("a.pdf", b"MZ\x90\0" + b"\0" * 90, "is a program"),
        ("a.txt", b"\x7fELF\x02\x01", "is a program"),
        ("a.txt", b"a\0b", "does not hold what its ending"),
        ("a.pdf", picture("PNG"), "does not hold what its ending"),
    ],
)
async def test_what_a_file_holds_is_looked_at(
    sitter: Sitter, installation: Installation, name: str, content: bytes, words: str
) -> None:
    attachment = await begin(sitter, name, len(content))
    (await sitter.device.send_part(attachment, 0, content)).raise_for_status()
    found = (await finish(sitter, attachment, content)).raise_for_status().json()
    assert found["sha256"] is None
    assert words in found["refused"]
    assert stored(installation) == 0
    assert said(await finish(sitter, attachment, content)) == (422, "attachment-refused")
    assert said(await sitter.device.send_part(attachment, len(content), b"x")) == (422, "attachment-refused")


async def test_a_part_or_a_file_that_was_changed_on_its_way_is_refused(sitter: Sitter) -> None:
    attachment = await begin(sitter)
    path = sitter.path(f"/attachments/{attachment}/chunks/0")
    for digest in ("sha-256=:AAAA:", "md5=:AAAA:", "nothing", f"sha-256=:{'A' * 43}=:"):
        answer = await sitter.device.send("PUT", path, PDF, said={"Content-Digest": digest})
        assert said(answer) == (422, "attachment-damaged")
    assert said(await sitter.device.send_part(attachment, 0, b"")) == (422, "attachment-damaged")
    (await sitter.device.send_part(attachment, 0, PDF)).raise_for_status()
    wrong = {"size": len(PDF), "sha256": b64u(hashlib.sha256(b"another").digest())}
    found = await sitter.device.get(sitter.path(f"/attachments/{attachment}/finish"), wrong, method="POST")
    assert found["refused"] == "The file did not arrive as it was sent. Choose it again."


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "a.exe", "size": 5}, (422, "attachment-refused")),
        ({"name": "a\u202efdp.exe", "size": 5}, (422, "attachment-refused")),
        ({"name": "..", "size": 5}, (422, "attachment-refused")),
        ({"name": "", "size": 5}, (422, "attachment-refused")),
        ({"name": "x" * 2_001, "size": 5}, (422, "invalid")),
        ({"name": "a.pdf", "size": 0}, (422, "invalid")),
        ({"name": "a.pdf", "size": 3 * 2**20 + 1}, (422, "attachment-refused")),
        ({"name": "a.pdf", "size": 5, "item": "say"}, (422, "invalid")),
        ({"name": "a.pdf", "size": 5, "item": "nowhere"}, (404, "unknown-item")),
        ({"name": "a.webm", "size": 5}, (422, "attachment-refused")),
    ],
)
async def test_what_cannot_begin(sitter: Sitter, body: dict[str, Any], code: tuple[int, str]) -> None:
    answer = await sitter.device.send("PUT", sitter.path(f"/attachments/{uuid4()}"), {"item": "sheet", **body})
    assert said(answer) == code


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/a.pdf", "a.pdf"),
        ("a\0\u202eb.pdf", "ab.pdf"),
        ("é" * 255 + ".pdf", "é" * 98 + ".pdf"),
        ("رسم.pdf", "رسم.pdf"),
    ],
)
async def test_names_are_made_plain(sitter: Sitter, name: str, kept: str) -> None:
    body = {"item": "sheet", "name": name, "size": len(PDF)}
    begun = await sitter.device.get(sitter.path(f"/attachments/{uuid4()}"), body, method="PUT")
    assert begun["name"] == kept


async def test_a_file_cannot_grow_past_its_size_nor_an_item_past_its_room(sitter: Sitter) -> None:
    attachment = await begin(sitter, size=10)
    assert said(await sitter.device.send_part(attachment, 0, b"x" * 11)) == (422, "attachment-refused")
    big = await sitter.device.send_part(attachment, 0, b"x" * (2**20 + 1))
    assert said(big) == (413, "too-large")
    body = {"item": "other", "name": "a.pdf", "size": 2**20}
    codes = [said(await sitter.device.send("PUT", sitter.path(f"/attachments/{uuid4()}"), body)) for _ in range(4)]
    assert codes == [(200, "")] * 3 + [(409, "attachments-full")]
    again = await begin(sitter, "b.pdf", 7)
    path = sitter.path(f"/attachments/{again}")
    assert said(await sitter.device.send("PUT", path, {"item": "sheet", "name": "b.pdf", "size": 7})) == (200, "")
    other = await sitter.device.send("PUT", path, {"item": "sheet", "name": "c.pdf", "size": 7})
    assert said(other) == (409, "attachment-conflict")


async def test_an_answer_names_only_what_is_whole_and_its_own(sit: Sit, sitter: Sitter) -> None:
    reference = await sitter.device.hand_in("sheet", "a.pdf", PDF)
    half = await begin(sitter)
    stranger = await sit()
    foreign = await stranger.device.hand_in("sheet", "a.pdf", PDF)

    async def save(item: str, *files: dict[str, Any], previous: bool = True) -> tuple[int, str]:
        body = {"seq": sitter.device.seq + 1, "item": item, "answer": {"files": list(files)}}
        body |= {"previous": sitter.device.head} if previous else {}
        return said(await sitter.device.send("POST", sitter.path("/responses"), body))

    for previous in (True, False):  # once together with others, once alone
        for wrong in (
            {"id": half},
            {"id": foreign["id"]},
            {"id": str(uuid4())},
            {"name": "b.pdf"},
            {"size": len(PDF) + 1},
            {"sha256": "A" * 43},
        ):
            assert await save("sheet", {**reference, **wrong}, previous=previous) == (422, "attachment-unfinished")
        assert await save("other", reference, previous=previous) == (422, "attachment-unfinished")
    await sitter.device.save("say", {"text": "Others are saved as ever."})
    await sitter.device.save("sheet", {"files": [reference]})
    await sitter.device.save("sheet", {"files": []})


async def test_strangers_and_other_devices(sit: Sit, sitter: Sitter, sitting: Sitting, new_client: Any) -> None:
    reference = await sitter.device.hand_in("sheet", "a.pdf", PDF)
    attachment, stranger = await begin(sitter, size=len(LONG)), await sit()
    content = sitter.path(f"/attachments/{reference['id']}/content")
    assert (await sitting.instructor.client.get(content)).content == PDF
    assert said(await stranger.person.client.get(content)) == (404, "not-found")
    assert said(await new_client().get(content)) == (401, "sign-in-needed")
    assert said(await sitter.person.client.get(sitter.path(f"/attachments/{attachment}/content"))) == (404, "not-found")
    device = stranger.device
    device.attempt = sitter.attempt  # the key and token of another attempt
    path = sitter.path(f"/attachments/{attachment}")
    digest = f"sha-256=:{b64encode(hashlib.sha256(PDF).digest()).decode()}:"
    refused = await device.send("PUT", f"{path}/chunks/0", PDF, tries=1, said={"Content-Digest": digest})
    assert said(refused) == (401, "token-not-valid")
    body = {"item": "sheet", "name": "a.pdf", "size": 9}
    assert said(await device.send("PUT", path, body, tries=1)) == (401, "token-not-valid")
    assert (await sitter.person.client.get(sitter.path(f"/attachments/{attachment}"))).status_code == 401
    (await sitter.device.send_part(attachment, 0, LONG[:700_000])).raise_for_status()
    other = Device(sitter.person.client, sitter.attempt)
    await other.sign("hand-over", sitter.person.authenticator)
    await other.open_paper()
    assert said(await sitter.device.send_part(attachment, 700_000, LONG[700_000:700_010])) == (409, "device-replaced")
    sitter.device = other
    held = (await other.get(sitter.path(f"/attachments/{attachment}")))["held"]
    assert held == 700_000
    (await other.send_part(attachment, held, LONG[held:])).raise_for_status()
    assert (await finish(sitter, attachment, LONG)).json()["sha256"]


async def test_the_receipts_file_holds_one_drawing_of_many(sitter: Sitter) -> None:
    stroke = {"colour": "red", "width": "thin", "points": [1, 2, 5, 9, 9, 5]}
    for count in (1, 2, 3):
        await sitter.device.save("draw", {"strokes": [stroke] * count, "text": ""})
    await sitter.device.save("say", {"text": "Words."})
    file = (await sitter.person.client.get(sitter.path("/receipts"))).raise_for_status().json()
    assert len(file["receipts"]) == 4
    assert {seq: len(answer.get("strokes", [])) for seq, answer in file["answers"].items()} == {"3": 3, "4": 0}


async def test_people_see_files_by_role(installation: Installation, sitter: Sitter, new_client: Any) -> None:
    reference = await sitter.device.hand_in("sheet", "a.pdf", PDF)
    content = sitter.path(f"/attachments/{reference['id']}/content")
    for role, status in (("author", 404), ("invigilator", 404), ("operator", 404), ("instructor", 200)):
        somebody = await person(new_client(), installation, role)
        assert (await somebody.client.get(content)).status_code == status, role


@pytest.mark.parametrize(
    ("media", "camera", "policy"),
    [
        ("audio", False, "camera=(), microphone=(self)"),
        ("video", False, "camera=(self), microphone=(self)"),
        (None, False, "camera=(), microphone=()"),
        (None, True, "camera=(self), microphone=()"),
    ],
)
async def test_only_the_room_that_needs_them_may_use_camera_and_microphone(
    installation: Installation, new_client: Any, media: str | None, camera: bool, policy: str
) -> None:
    recording = {"id": "speak", "kind": "recording", "title": "Speak", "prompt": "Say it.", "points": 1}
    recording |= {"media": media, "most_seconds": 60, "rubric": [{"text": "Said", "points": 1}]}
    essay = {
        "id": "say",
        "kind": "essay",
        "title": "T",
        "prompt": "P",
        "points": 1,
        "rubric": [{"text": "a", "points": 1}],
    }
    exam = {"title": "A", "duration_minutes": 60, "pass_percent": 50, "items": [recording if media else essay]}
    source = json.dumps({**exam, "proctoring": {"camera": camera}})
    instructor = await person(new_client(), installation, "author", "instructor")
    candidate = await person(new_client(), installation)
    sitting = await open_sitting(instructor, [candidate], version=await published_exam(instructor, source))
    opened = (await candidate.client.post(f"/api/sittings/{sitting['id']}/attempts")).raise_for_status().json()
    async with transaction(installation.sessions) as session:
        attempt = await session.get_one(Attempt, UUID(opened["id"]))
        attempt.status, attempt.ends_at = "running", datetime.now(UTC) + timedelta(minutes=30)
    page = await candidate.client.get(f"/attempts/{opened['id']}/room")
    assert page.headers["permissions-policy"].startswith(policy)
    other = await candidate.client.get("/home")
    assert other.headers["permissions-policy"].startswith("camera=(), microphone=()")
