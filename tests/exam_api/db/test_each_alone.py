"""One job for many rows: what fails for one of them stops no other; where the database is away, none can be done."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from exam_api.db.jobs import each_alone
from exam_api.db.session import Sessions, open_engine, open_sessions, transaction
from exam_api.installation import Installation

ROWS = ("1", "1 / 0", "2")


def statements(sessions: Sessions, tried: list[str]) -> Callable[[str], Awaitable[None]]:
    async def act(row: str) -> None:
        tried.append(row)
        async with transaction(sessions) as session:
            await session.execute(text(f"SELECT {row}"))

    return act


async def test_one_that_fails_stops_no_other_and_is_told_at_the_end(installation: Installation) -> None:
    tried: list[str] = []
    with pytest.raises(ExceptionGroup) as said:
        await each_alone(ROWS, statements(installation.sessions, tried))
    assert tried == list(ROWS)
    assert [type(each) for each in said.value.exceptions] == [DBAPIError]


async def test_no_other_is_tried_while_the_database_is_away() -> None:
    """Ten thousand rows would else each wait for it, and write ten thousand lines of log."""
    engine, tried = open_engine("postgresql://127.0.0.1:1/nothing"), list[str]()
    with pytest.raises(OSError, match="Connect"):
        await each_alone(ROWS, statements(open_sessions(engine), tried))
    await engine.dispose()
    assert tried == ["1"]
