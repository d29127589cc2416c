"""A certificate once more: what changes, and that nothing else does."""

from datetime import UTC, datetime
from typing import Any

import pytest

from credentials.canonical import JsonObject
from credentials.errors import Malformed
from credentials.issuance import certificate, proof
from credentials.issuance.certificate import Earlier, Recipient
from credentials.issuance.reissue import again
from credentials.revocation import status
from tests.credentials.achievement.test_content import rich
from tests.credentials.samples import ISSUED, KEY, METHOD, STATUS_URL, issued

URL = "https://exams.example/certificates/2"
UNTIL = datetime(2031, 3, 1, 12, tzinfo=UTC)
NEWER = Recipient.of("Ada King", "ada@example.org", "fedcba9876543210")
FORMER = Earlier("https://exams.example/certificates/1", "A" * 43 + "=")
SAMPLES = {
    "plain": issued(),
    "rich": rich(),
    "without an end": issued(valid_until=None),
    "two lists, refresh": issued(suspendable=True, refresh="https://exams.example/certificates/1/refresh"),
}


def renamed(document: JsonObject, **changes: Any) -> JsonObject:
    facts: dict[str, Any] = {
        "url": URL,
        "recipient": NEWER,
        "status_index": 5,
        "valid_from": ISSUED,
        "valid_until": UNTIL,
        "instead_of": FORMER,
    }
    return certificate.issue(again(document, **facts | changes), KEY, METHOD, ISSUED)


@pytest.mark.parametrize("name", SAMPLES)
def test_only_name_address_index_and_dates_change(name: str) -> None:
    former = SAMPLES[name]
    made = renamed(former)
    proof.verify(made, KEY.public)
    old, new = certificate.read(former), certificate.read(made)
    assert (new.id, new.recipient, new.valid_until, new.status) == (URL, "Ada King", UNTIL, (STATUS_URL, 5))
    assert new.instead_of == FORMER.id
    assert (new.title, new.results, new.achievement, new.assurance) == (
        old.title,
        old.results,
        old.achievement,
        old.assurance,
    )
    for part in ("@context", "type", "name", "description", "issuer", "evidence"):
        assert made.get(part) == former.get(part)
    assert made["credentialSubject"]["achievement"] == former["credentialSubject"]["achievement"]
    assert isinstance(made["credentialStatus"], list) == isinstance(former["credentialStatus"], list)


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_of_the_old_name_is_left(name: str) -> None:
    made = str(renamed(SAMPLES[name], instead_of=None))
    assert "Lovelace" not in made
    assert "0123456789abcdef" not in made
    assert "certificates/1" not in made, "not even the old address, unless its holder wants it"


def test_it_can_be_done_again_and_names_only_the_last_one() -> None:
    second = renamed(issued())
    third = again(
        second,
        url="https://exams.example/certificates/3",
        recipient=NEWER,
        status_index=9,
        valid_from=ISSUED,
        valid_until=None,
        instead_of=Earlier(URL, "B" * 43 + "="),
    )
    assert [each["id"] for each in third["relatedResource"]] == [URL]
    assert "validUntil" not in third


def test_the_refresh_service_is_the_new_ones_own() -> None:
    made = renamed(SAMPLES["two lists, refresh"])
    assert certificate.read(made).refresh == f"{URL}/refresh"
    assert [each["statusPurpose"] for each in made["credentialStatus"]] == list(status.PURPOSES)


def test_a_foreign_document_is_not_issued_again() -> None:
    with pytest.raises(Malformed):
        renamed({**issued(), "termsOfUse": []})
