"""A database without room refuses in words, keeps nothing by halves, and takes the same save later."""

from sqlalchemy import text

from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.sitting import Sit

RAIN = {"text": "because it rains"}
# PostgreSQL's own answer to a full disk, without filling one.
FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
"""
TRIGGER = "CREATE TRIGGER full_disk BEFORE INSERT ON responses FOR EACH ROW EXECUTE FUNCTION full_disk()"


async def _run(here: Installation, *statements: str) -> None:
    async with transaction(here.sessions) as session:
        for statement in statements:
            await session.execute(text(statement))


async def test_a_save_waits_for_room_and_its_number_stays(sit: Sit, installation: Installation) -> None:
    sitter = await sit()
    await sitter.device.save("second", RAIN)
    body = {"seq": 2, "previous": sitter.device.head, "item": "second", "answer": {"text": "it snows"}}
    await _run(installation, FULL, TRIGGER)
    for _ in range(2):  # once together with others, once alone
        refused = await sitter.device.send("POST", sitter.path("/responses"), body)
        assert (refused.status_code, refused.json()["code"]) == (503, "disk-full")
        assert "Nothing that was confirmed is lost" in refused.json()["detail"]
        assert refused.headers["retry-after"] == "2"
    await _run(installation, "DROP TRIGGER full_disk ON responses")
    receipt = await sitter.device.save("second", {"text": "it snows"})
    assert receipt["seq"] == 2
