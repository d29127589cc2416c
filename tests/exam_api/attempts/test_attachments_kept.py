"""Files of answers over time: after the end, after the hand-in, in a full store, in the years after."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from exam_api.attempts import tasks
from exam_api.db.models.attempts import Attachment, Attempt
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from exam_api.settings import Settings
from tests.exam_api.attempts.attaching import FILES_EXAM, LONG, begin, finish, said, stored
from tests.exam_api.sitting import Sit, Sitter
from tests.grading.test_content import PDF


@pytest.fixture
def exam_source() -> str:
    return FILES_EXAM


@pytest.fixture
async def sitter(sit: Sit) -> Sitter:
    return await sit()


async def _ended(here: Installation, sitter: Sitter, ago: timedelta) -> datetime:
    end = datetime.now(UTC) - ago
    async with transaction(here.sessions) as session:
        (await session.get_one(Attempt, UUID(sitter.attempt))).ends_at = end
    return end


async def test_what_was_begun_in_time_may_still_arrive_and_nothing_after_the_hand_in(
    sitter: Sitter, installation: Installation
) -> None:
    attachment = await begin(sitter)
    end = await _ended(installation, sitter, timedelta(minutes=2))
    # What is begun now counts only where the device says that it was chosen before.
    for created_at, code in (
        (end + timedelta(seconds=1), (409, "time-is-up")),
        (end - timedelta(minutes=9), (200, "")),
    ):
        body = {"item": "sheet", "name": "b.pdf", "size": 9, "created_at": created_at.isoformat()}
        answer = await sitter.device.send("PUT", sitter.path(f"/attachments/{uuid4()}"), body)
        assert said(answer) == code
    await _begun(installation, sitter, attachment, end - timedelta(minutes=1))
    (await sitter.device.send_part(attachment, 0, PDF)).raise_for_status()
    assert (await finish(sitter, attachment, PDF)).json()["sha256"]
    late = await begin_at(sitter, end)
    await _ended(installation, sitter, timedelta(minutes=11))
    await _begun(installation, sitter, late, end - timedelta(minutes=1))
    assert said(await sitter.device.send_part(late, 0, PDF)) == (409, "time-is-up")
    await _ended(installation, sitter, timedelta(minutes=-10))
    await sitter.device.submit()
    assert said(await sitter.device.send_part(late, 0, PDF)) == (409, "wrong-state")
    assert said(await finish(sitter, attachment, PDF)) == (200, "")


async def begin_at(sitter: Sitter, end: datetime) -> str:
    attachment = str(uuid4())
    body = {"item": "sheet", "name": "b.pdf", "size": len(PDF), "created_at": (end - timedelta(minutes=1)).isoformat()}
    (await sitter.device.send("PUT", sitter.path(f"/attachments/{attachment}"), body)).raise_for_status()
    return attachment


async def _begun(here: Installation, sitter: Sitter, attachment: str, at: datetime) -> None:
    async with transaction(here.sessions) as session:
        (await session.get_one(Attachment, (UUID(sitter.attempt), UUID(attachment)))).created_at = at


async def test_a_store_that_takes_nothing_is_named_and_heals(
    sitter: Sitter, installation: Installation, settings: Settings
) -> None:
    attachment = await begin(sitter)
    folder = settings.state_dir / "blobs" / "attachments"
    folder.write_text("a file where the folder should be: nothing can be written, as on a full disk")
    assert said(await sitter.device.send_part(attachment, 0, PDF)) == (503, "store-down")
    assert (await sitter.device.get(sitter.path(f"/attachments/{attachment}")))["held"] == 0
    await sitter.device.save("say", {"text": "Words are saved all the same."})
    folder.unlink()
    (await sitter.device.send_part(attachment, 0, PDF)).raise_for_status()
    assert (await finish(sitter, attachment, PDF)).json()["sha256"]


async def test_what_no_answer_names_can_be_taken_back(sitter: Sitter, installation: Installation) -> None:
    device = sitter.device
    half, kept = await begin(sitter, size=len(LONG)), await device.hand_in("sheet", "a.pdf", PDF)
    (await device.send_part(half, 0, LONG[:1000])).raise_for_status()
    await device.save("sheet", {"files": [kept]})
    await device.save("sheet", {"files": []})
    refused = await device.send("DELETE", sitter.path(f"/attachments/{kept['id']}"))
    assert said(refused) == (409, "attachment-conflict")  # a receipt names it, if not the newest
    for _ in range(2):
        assert (await device.send("DELETE", sitter.path(f"/attachments/{half}"))).status_code == 204
    assert stored(installation) == 1
    assert said(await device.send_part(half, 1000, LONG[1000:1005])) == (422, "attachment-refused")
    for _ in range(9):  # what was taken back takes no room
        spare = await begin(sitter, "b.pdf", 3 * 2**20)
        (await device.send("DELETE", sitter.path(f"/attachments/{spare}"))).raise_for_status()
    await device.submit()
    assert said(await device.send("DELETE", sitter.path(f"/attachments/{kept['id']}"))) == (409, "wrong-state")


async def test_what_no_answer_names_is_erased_and_what_one_names_stays(
    sitter: Sitter, installation: Installation, settings: Settings
) -> None:
    device = sitter.device
    first, second, spare = [await device.hand_in("sheet", f"{name}.pdf", PDF) for name in "abc"]
    await device.save("sheet", {"files": [first]})
    await device.save("sheet", {"files": [second]})
    half = await begin(sitter, size=len(LONG))
    (await device.send_part(half, 0, LONG[:1000])).raise_for_status()
    await device.submit()
    lost = f"attachments/{sitter.attempt}/{uuid4()}/0000000000-ff"
    await installation.blobs.put_async(lost, b"a process died before it wrote this down")
    assert stored(installation) == 5

    async def night(days: int) -> None:
        later: Callable[[], datetime] = lambda: datetime.now(UTC) + timedelta(days=days)  # noqa: E731
        workshop = Workshop(installation, later, os.urandom, run_job=None, embed=None, analyser=None)
        await tasks.erase_files(workshop, {})

    await night(settings.frame_retention_days - 1)
    assert stored(installation) == 5
    await night(settings.frame_retention_days + 1)
    assert stored(installation) == 2
    for reference, status in ((first, 200), (second, 200), (spare, 404)):
        answer = await sitter.person.client.get(sitter.path(f"/attachments/{reference['id']}/content"))
        assert answer.status_code == status


async def test_a_recording_grows_without_a_known_end(sitter: Sitter) -> None:
    webm = b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + os.urandom(50_000)
    attachment = await begin(sitter, "recording.webm", None, "speak")
    for start in range(0, len(webm), 9_000):
        (await sitter.device.send_part(attachment, start, webm[start : start + 9_000])).raise_for_status()
    found = (await finish(sitter, attachment, webm)).raise_for_status().json()
    assert (found["media_type"], found["size"]) == ("audio/webm", len(webm))
    too_long = await begin(sitter, "recording.webm", None, "speak")
    for start in (0, 2**20 - 5):
        answer = await sitter.device.send_part(too_long, start, b"x" * (2**20 - 5))
    assert said(answer) == (422, "attachment-refused")
