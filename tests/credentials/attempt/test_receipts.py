"""A candidate's receipt file: it proves itself, and no change of it does."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.attempt import receipts
from credentials.canonical import b64u_decode, digest, jcs
from credentials.errors import CredentialError, Malformed, NotProven
from tests.credentials.samples import ATTEMPT, KEY, OTHER, chain

JsonFile = dict[str, Any]
TRUSTED = [KEY.public]
ANSWERS: list[Any] = [{"choice": ["b"]}, {"text": "Grüße – 数"}, {"number": 3}, {"text": ""}]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(json_values, max_size=8), st.booleans())
@settings(max_examples=50, deadline=None)
def test_every_chain_that_we_issue_proves_itself(answers: list[Any], sealed: bool) -> None:
    file = chain(answers, sealed=sealed)
    found = receipts.verify_file(json.dumps(file).encode(), TRUSTED)
    assert [body.seq for body in found.receipts] == list(range(1, len(answers) + 1))
    assert found.answers == tuple(range(1, len(answers) + 1))
    assert (found.sealed_at is not None) == sealed
    assert receipts.verify_file(file, TRUSTED) == found


@pytest.mark.parametrize(
    "field", ["attempt", "seq", "item", "answer_hash", "received_at", "previous", "jkt", "type", "kid", "signature"]
)
@pytest.mark.parametrize("change", ["other", "missing", "number", "null"])
def test_no_field_of_a_receipt_can_change(field: str, change: str) -> None:
    file = chain(ANSWERS)
    receipt = file["receipts"][1]
    was = receipt.pop(field)
    if change != "missing":
        receipt[field] = {
            "other": 9 if field == "seq" else was[:-2] + ("AA" if was[-2:] != "AA" else "BB"),
            "number": 1.5,
            "null": None,
        }[change]
    with pytest.raises(NotProven) as refusal:
        receipts.verify_file(file, TRUSTED)
    assert refusal.value.step == "receipt 2"


@pytest.mark.parametrize("field", ["attempt", "seq", "head", "submitted_at", "type", "kid", "signature"])
def test_no_field_of_the_seal_can_change(field: str) -> None:
    file = chain(ANSWERS)
    was = file["seal"][field]
    file["seal"][field] = was - 1 if field == "seq" else was[:-2] + ("AA" if was[-2:] != "AA" else "BB")
    with pytest.raises(NotProven) as refusal:
        receipts.verify_file(file, TRUSTED)
    assert refusal.value.step == "seal"


def _swap(file: JsonFile) -> None:
    given_ = file["receipts"]
    given_[1], given_[2] = given_[2], given_[1]


def _drop(file: JsonFile) -> None:
    del file["receipts"][1]
    del file["answers"]["2"]


def _cut(file: JsonFile) -> None:
    file["receipts"].pop()
    del file["answers"]["4"]


def _double(file: JsonFile) -> None:
    file["receipts"].insert(1, file["receipts"][0])


def _extra(file: JsonFile) -> None:
    file["receipts"][0]["late"] = "no"


def _other_start(file: JsonFile) -> None:
    file["start"] = receipts.sign_start(KEY, {"attempt": ATTEMPT, "exam": "an easier exam", "rules": "1"})


def _edited_start(file: JsonFile) -> None:
    file["start"]["rules"] = "2"


def _foreign_start(file: JsonFile) -> None:
    file["start"]["attempt"] = "another"


def _answer(file: JsonFile) -> None:
    file["answers"]["3"] = {"number": 4}


def _answer_without_receipt(file: JsonFile) -> None:
    file["answers"]["03"] = {"number": 3}


@pytest.mark.parametrize(
    ("attack", "step"),
    [
        (_swap, "receipt 2"),
        (_drop, "receipt 2"),
        (_cut, "seal"),
        (_double, "receipt 2"),
        (_extra, "receipt 1"),
        (_other_start, "receipt 1"),
        (_edited_start, "start"),
        (_foreign_start, "start"),
        (_answer, "answer 3"),
        (_answer_without_receipt, "answer '03'"),
    ],
)
def test_the_first_failing_step_is_named(attack: Any, step: str) -> None:
    file = chain(ANSWERS)
    receipts.verify_file(file, TRUSTED)
    attack(file)
    with pytest.raises(NotProven) as refusal:
        receipts.verify_file(file, TRUSTED)
    assert refusal.value.step == step


def test_a_receipt_of_another_chain_does_not_fit_even_when_genuine() -> None:
    mine, theirs = chain(ANSWERS), chain([{"choice": ["c"]}, *ANSWERS[1:]])
    mine["receipts"][2] = theirs["receipts"][2]
    with pytest.raises(NotProven, match=r"receipt 3: it does not follow receipt 2"):
        receipts.verify_file(mine, TRUSTED)


def test_an_unsealed_chain_may_be_cut_and_says_so() -> None:
    file = chain(ANSWERS, sealed=False)
    _cut(file)
    assert receipts.verify_file(file, TRUSTED).sealed_at is None


def test_a_chain_by_anybody_else_proves_nothing() -> None:
    forged = chain(ANSWERS, key=OTHER)
    assert receipts.claimed_keys(forged) == (OTHER.public,)
    receipts.verify_file(forged, receipts.claimed_keys(forged))  # sound in itself: which is why keys must be given
    with pytest.raises(NotProven, match="not a key that we trust"):
        receipts.verify_file(forged, TRUSTED)
    with pytest.raises(NotProven, match="no trusted key"):
        receipts.verify_file(forged, [])


def test_answers_and_start_signature_are_optional() -> None:
    file = chain(ANSWERS)
    file["answers"] = {}
    assert receipts.verify_file(file, TRUSTED).answers == ()
    start = {"attempt": ATTEMPT}
    body = receipts.ReceiptBody(ATTEMPT, 1, "i", "h", "2027-03-01T10:00:00.000Z", receipts.genesis(start), "j")
    unsigned = receipts.as_file(ATTEMPT, start, [receipts.issue(KEY, body)], {}, None, [])
    assert len(receipts.verify_file(unsigned, TRUSTED).receipts) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "invigil-receipts/2"},
        {"attempt": None},
        {"start": []},
        {"receipts": {}},
        {"answers": []},
        {"unknown": 1},
    ],
)
def test_another_format_is_malformed(changes: JsonFile) -> None:
    with pytest.raises(Malformed):
        receipts.verify_file(chain(ANSWERS) | changes, TRUSTED)


@pytest.mark.parametrize("item", [None, [], "receipt", 7, {}])
def test_a_list_of_other_things_is_refused(item: Any) -> None:
    with pytest.raises(NotProven, match="receipt 1"):
        receipts.verify_file(chain([]) | {"receipts": [item]}, TRUSTED)
    with pytest.raises(CredentialError):
        receipts.claimed_keys(chain([]) | {"keys": [item]})


@pytest.mark.parametrize(
    "changes", [{"seq": 0}, {"seq": True}, {"received_at": "2027-03-01T10:42:07Z"}, {"received_at": 5}]
)
def test_a_receipt_body_is_checked_when_made(changes: JsonFile) -> None:
    facts: JsonFile = {
        "attempt": "a",
        "seq": 1,
        "item": "i",
        "answer_hash": "h",
        "received_at": "2027-03-01T10:42:07.123Z",
        "previous": "p",
        "jkt": "j",
    }
    receipts.ReceiptBody(**facts)
    with pytest.raises(Malformed):
        receipts.ReceiptBody(**facts | changes)


def test_issue_signs_the_standard_canonical_form() -> None:
    receipt = chain(ANSWERS)["receipts"][0]
    content = copy.deepcopy(receipt)
    KEY.public.verify(b64u_decode(content.pop("signature")), jcs(content))
    assert receipts.link(receipt) == digest(receipt)
