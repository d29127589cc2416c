"""Who changed, in messages that PostgreSQL carries; what waits for Redis waits in one place."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from exam_api.db.news import MOST, _messages, _read

LARGEST = 8000  # bytes that NOTIFY takes, less one


@given(st.sets(st.uuids(), max_size=3 * MOST))
def test_messages_name_everybody_once_and_fit(subjects: set[UUID]) -> None:
    said = list(_messages(subjects))
    assert all(len(each.encode()) < LARGEST for each in said)
    heard = [_read(each) for each in said]
    assert frozenset[UUID]().union(*heard) == subjects
    assert sum(map(len, heard)) == len(subjects)


@given(st.one_of(st.text(), st.binary(), st.just("3"), st.just("[1]"), st.just("{}"), st.just('{"a": 1}')))
def test_anything_else_is_no_news(said: str | bytes) -> None:
    assert _read(said) == frozenset()


def test_bytes_are_read_as_text_is() -> None:
    one = uuid4()
    assert _read(f'["{one}"]'.encode()) == {one}
