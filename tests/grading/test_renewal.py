"""What an exam file says of keeping a certificate valid."""

from typing import Any

import pytest

from grading.errors import ItemError
from grading.exam import read_exam, to_data
from grading.renewal import Renewal
from tests.grading.test_exam_file import SMALL


def exam(**block: Any) -> dict[str, Any]:
    terms = {"name": "x", "description": "d", "criteria": "c", "valid_years": 3, **block}
    return {**SMALL, "certificate": {name: value for name, value in terms.items() if value is not None}}


def test_it_says_what_keeps_it_valid() -> None:
    found = read_exam(exam(renewal={"credits": 7.5, "window_days": 90, "or_exam": True}, suspendable=True))
    assert found.certificate is not None
    assert found.certificate.renewal == Renewal(7.5, 90, or_exam=True)
    assert found.certificate.suspendable
    assert read_exam(to_data(found)) == found


def test_without_it_nothing_renews_it() -> None:
    found = read_exam(exam())
    assert found.certificate is not None
    assert found.certificate.renewal is None
    assert not found.certificate.suspendable


@pytest.mark.parametrize(
    ("block", "key", "words"),
    [
        ({"renewal": {"credits": 0}}, "credits", "more than 0"),
        ({"renewal": {"credits": 1.1}}, "credits", "quarters"),
        ({"renewal": {"credits": 5, "window_days": 0}}, "window_days", "from 1"),
        ({"renewal": {"window_days": 5}}, "credits", "missing"),
        ({"renewal": {"credits": 5}, "valid_years": None}, "credits", "certificate that ends"),
        ({"renewal": {"credits": 5, "more": 1}}, "more", ""),
    ],
)
def test_mistakes(block: dict[str, Any], key: str, words: str) -> None:
    with pytest.raises(ItemError) as caught:
        read_exam(exam(**block))
    assert caught.value.path == ("certificate", "renewal", key)
    assert words in caught.value.message
