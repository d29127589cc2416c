"""Group commit: nobody waits for company, a crowd shares a statement, and trouble stays with whoever brought it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from exam_api.db.session import at_once
from exam_api.db.together import MOST, Together
from exam_api.installation import Installation


@dataclass
class Book:
    """Takes rows (name, value) down slowly, and remembers in which company they came."""

    groups: list[list[tuple[str, int]]] = field(default_factory=list)
    closed: bool = False
    started: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, rows: Sequence[tuple[str, int]]) -> list[int]:
        if self.closed:
            raise ConnectionRefusedError
        self.groups.append(list(rows))
        self.started.set()
        await asyncio.sleep(0)
        return [value * 10 for _, value in rows]

    def together(self) -> Together[tuple[str, int], int]:
        return Together(self.write, names=lambda row: row[:1])


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers()), max_size=300))
def test_each_gets_its_own_answer_and_no_name_meets_itself(rows: list[tuple[str, int]]) -> None:
    async def story() -> None:
        book = Book()
        together = book.together()
        assert await asyncio.gather(*(together.keep(row) for row in rows)) == [value * 10 for _, value in rows]
        for group in book.groups:
            assert len({name for name, _ in group}) == len(group)
        for name in "abcdef":  # and each name's rows in the order in which they came
            assert [row for group in book.groups for row in group if row[0] == name] == [
                r for r in rows if r[0] == name
            ]

    asyncio.run(story())


async def test_a_crowd_shares_a_statement_up_to_its_limit() -> None:
    book = Book()
    together = book.together()
    await asyncio.gather(*(together.keep((str(number), number)) for number in range(MOST + 20)))
    assert [len(group) for group in book.groups] == [MOST, 20]


async def test_whoever_comes_later_goes_with_the_next() -> None:
    book = Book()
    together = book.together()
    first = asyncio.create_task(together.keep(("a", 1)))
    await book.started.wait()
    await asyncio.gather(first, together.keep(("b", 2)), together.keep(("c", 3)))
    assert book.groups == [[("a", 1)], [("b", 2), ("c", 3)]]


async def test_a_lost_connection_is_told_to_all_and_the_next_row_starts_anew() -> None:
    book = Book(closed=True)
    together = book.together()
    said = await asyncio.gather(together.keep(("a", 1)), together.keep(("b", 2)), return_exceptions=True)
    assert [type(each) for each in said] == [ConnectionRefusedError] * 2
    book.closed = False
    assert await together.keep(("a", 1)) == 10


async def test_who_goes_away_does_not_disturb_the_others() -> None:
    book = Book()
    together = book.together()
    leaver, stayer = asyncio.create_task(together.keep(("a", 1))), asyncio.create_task(together.keep(("b", 2)))
    await asyncio.sleep(0)
    leaver.cancel()
    assert await stayer == 20


async def test_a_row_that_cannot_be_written_fails_alone(installation: Installation) -> None:
    statement = text("SELECT CAST(word AS int) AS number FROM unnest(CAST(:words AS text[])) AS word")

    async def write(rows: Sequence[str]) -> list[int]:
        return [row.number for row in await at_once(installation.sessions, statement, {"words": list(rows)})]

    together: Together[str, int] = Together(write, names=lambda row: row)
    said = await asyncio.gather(*(together.keep(word) for word in ("1", "two", "3")), return_exceptions=True)
    assert (said[0], said[2]) == (1, 3)
    assert isinstance(said[1], DBAPIError)
    with pytest.raises(DBAPIError):
        await together.keep("four")
