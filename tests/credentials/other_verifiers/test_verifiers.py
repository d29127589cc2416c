"""What we issue is accepted by verifiers that others wrote, and what is wrong with a certificate is told apart by them.

Their clocks cannot be set, so these certificates lie in the past, and the expired one has expired.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openvc import VerificationPolicy, verify_credential
from openvc.did.base import DidResolverRegistry
from openvc.did.did_web import DidWebResolver
from openvc.errors import OpenvcError

from credentials.forms import sdjwt_vc
from credentials.issuance import certificate, proof
from credentials.keys import did
from credentials.linked_data.contexts import ASSESSMENT, CONTEXTS, EXTENSIONS, OB
from credentials.revocation import status, token_status
from credentials.revocation.reasons import Reasons
from credentials.revocation.token_status import State
from tests.credentials.achievement.test_components import stacked
from tests.credentials.achievement.test_content import rich
from tests.credentials.forms.test_wallet_form import BY, HOLDER, chance
from tests.credentials.forms.test_wallet_form import KEY as WALLET_KEY
from tests.credentials.other_verifiers.verifiers import KEY_CONTEXTS, MULTIKEY, ask, official_contexts
from tests.credentials.samples import INDEX, ISSUER, KEY, METHOD, OTHER, STATUS_URL, award, document

pytestmark = pytest.mark.slow

THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def issued(until: datetime | None = None, key: Any = KEY) -> dict[str, Any]:
    return certificate.issue(certificate.build(award(valid_from=THEN, valid_until=until)), key, METHOD, THEN)


def status_list(*revoked: int) -> dict[str, Any]:
    entries = status.StatusList.empty()
    for index in revoked:
        entries = entries.set(index)
    made = status.build(url=STATUS_URL, issuer=ISSUER, entries=entries, valid_from=THEN)
    return proof.sign(made, KEY, METHOD, THEN)


def altered(path: list[Any], value: Any) -> dict[str, Any]:
    found = copy.deepcopy(issued())
    node: Any = found
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return found


def two_lists(*, revoked: bool = False, suspended: bool = False) -> dict[str, Any]:
    """Every address, where both lists are served, and the first names what stands beside it."""
    bits = status.StatusList.empty()
    url = status.suspension_url(STATUS_URL)
    beside = proof.sign(
        status.build(url, ISSUER, bits.set(INDEX, suspended), THEN, purpose="suspension"), KEY, METHOD, THEN
    )
    named = {url: beside, status.reasons_url(STATUS_URL): Reasons.empty().build(STATUS_URL)}
    listed = status.build(STATUS_URL, ISSUER, bits.set(INDEX, revoked), THEN, beside=named)
    return {**known(proof.sign(listed, KEY, METHOD, THEN)), url: beside}


SUSPENDABLE = certificate.issue(
    certificate.build(
        award(
            valid_from=THEN, valid_until=None, suspendable=True, refresh="https://exams.example/certificates/1/refresh"
        )
    ),
    KEY,
    METHOD,
    THEN,
)
CASES = {
    "good": issued(),
    "rich": rich(valid_from=THEN, valid_until=None),
    "stacked": stacked(valid_from=THEN, valid_until=None),
    "tampered": altered(["credentialSubject", "result", 0, "value"], "100"),
    "injected": altered(["credentialSubject", "bonusGrade"], "A"),
    "expired": issued(SOON),
    "stranger": issued(key=OTHER),
}


def known(listed: dict[str, Any]) -> dict[str, Any]:
    """Every address that a verifier may ask for, and what it finds there."""
    identity = document()
    methods = {each["id"]: {"@context": MULTIKEY, **each} for each in identity["verificationMethod"]}
    return {
        ISSUER: identity,
        did.document_url(ISSUER): identity,
        STATUS_URL: listed,
        ASSESSMENT: CONTEXTS[ASSESSMENT],
        **methods,
    }


def test_digitalbazaar() -> None:
    contexts = {**official_contexts(), **KEY_CONTEXTS, ASSESSMENT: CONTEXTS[ASSESSMENT]}
    asked = [{"credential": each, "at": "2026-11-01T00:00:00Z"} for each in CASES.values()]
    answers = ask("digitalbazaar.mjs", {"contexts": contexts, "documents": known(status_list()), "asked": asked})
    found = dict(zip(CASES, answers, strict=True))
    assert {name: each["verified"] for name, each in found.items()} == {
        name: name in {"good", "rich", "stacked"} for name in CASES
    }
    assert "Invalid signature" in found["tampered"]["error"]
    assert "Safe mode" in found["injected"]["error"]
    assert "validUntil" in found["expired"]["error"]
    assert "Invalid signature" in found["stranger"]["error"]
    revoked = ask(
        "digitalbazaar.mjs", {"contexts": contexts, "documents": known(status_list(INDEX)), "asked": asked[:1]}
    )[0]
    assert found["good"]["status"] == [False]
    assert revoked["status"] == [True], "it says verified and revoked at once: two facts, not one"


def test_verifier_core() -> None:
    asked = list(CASES.values())
    answers = ask("verifier_core.mjs", {"documents": known(status_list()), "asked": asked})
    found = dict(zip(CASES, answers["found"], strict=True))
    for name in ("good", "rich", "stacked"):
        assert found[name]["log"] == {
            "valid_signature": True,
            "revocation_status": True,
            "expiration": True,
            "registered_issuer": False,
        }
    assert found["expired"]["log"]["expiration"] is False
    for name in ("tampered", "stranger"):
        assert found[name]["log"] == {}, name
        assert any("signature" in each for each in found[name]["errors"]), name
    assert not found["injected"]["log"].get("valid_signature")
    revoked = ask("verifier_core.mjs", {"documents": known(status_list(INDEX)), "asked": asked[:1]})["found"][0]
    assert revoked["log"]["valid_signature"] is True
    assert revoked["log"]["revocation_status"] is False
    assert all("schema" in address for address in answers["missed"]), "only the schema of the badge was looked for"


def test_openvc() -> None:
    contexts = {OB: official_contexts()[OB], ASSESSMENT: CONTEXTS[ASSESSMENT]}

    def asked(credential: dict[str, Any], listed: dict[str, Any]) -> Any:
        places = known(listed)
        return verify_credential(
            credential,
            policy=VerificationPolicy(now=datetime(2026, 11, 1, tzinfo=UTC), require_status=True),
            resolver=DidResolverRegistry([DidWebResolver(places.__getitem__)]),
            resolve_status_list=lambda address, *_: places[address],
            extra_contexts=contexts,
        )

    for name in ("good", "rich", "stacked"):
        assert asked(CASES[name], status_list()).issuer == ISSUER
    for name, reason in [
        ("tampered", "does not verify"),
        ("injected", "bonusGrade|undefined|term"),
        ("expired", "expired"),
        ("stranger", "does not verify"),
    ]:
        with pytest.raises(OpenvcError, match=rf"(?i){reason}"):
            asked(CASES[name], status_list())
    with pytest.raises(OpenvcError, match=r"(?i)revoked"):
        asked(CASES["good"], status_list(INDEX))


def test_all_of_them_tell_suspended_from_revoked() -> None:
    """Where a certificate names both lists. One that names a single entry stays within the schema of Open Badges."""
    extra = {ASSESSMENT: CONTEXTS[ASSESSMENT], EXTENSIONS: CONTEXTS[EXTENSIONS]}
    contexts = {**official_contexts(), **KEY_CONTEXTS, **extra}
    for places, expected in [
        (two_lists(), (False, False)),
        (two_lists(suspended=True), (False, True)),
        (two_lists(revoked=True), (True, False)),
    ]:
        asked = [{"credential": SUSPENDABLE, "at": "2026-11-01T00:00:00Z"}]
        found = ask("digitalbazaar.mjs", {"contexts": contexts, "documents": places, "asked": asked})[0]
        assert (found["verified"], tuple(found["status"])) == (True, expected)
        served = {**places, EXTENSIONS: CONTEXTS[EXTENSIONS]}
        said = ask("verifier_core.mjs", {"documents": served, "asked": [SUSPENDABLE]})["found"][0]["log"]
        assert said["valid_signature"] is True
        assert (not said["revocation_status"], not said["suspension_status"]) == expected

        def openvc(served: dict[str, Any] = places) -> Any:
            return verify_credential(
                SUSPENDABLE,
                policy=VerificationPolicy(now=datetime(2026, 11, 1, tzinfo=UTC), require_status=True),
                resolver=DidResolverRegistry([DidWebResolver(served.__getitem__)]),
                resolve_status_list=lambda address, *_: served[address],
                extra_contexts={OB: official_contexts()[OB], **extra},
            )

        if expected == (False, False):
            assert openvc().issuer == ISSUER
        else:
            with pytest.raises(OpenvcError, match=r"(?i)revoked" if expected[0] else r"(?i)suspended"):
                openvc()


def wallet(until: datetime | None) -> dict[str, Any]:
    return certificate.build(award(valid_from=THEN, valid_until=until))


def test_sd_jwt_vc() -> None:
    token = sdjwt_vc.issue(wallet(None), BY, HOLDER.public, WALLET_KEY, THEN, chance())
    expired = sdjwt_vc.issue(wallet(SOON), BY, HOLDER.public, WALLET_KEY, THEN, chance())
    now = datetime.now(UTC)
    shown = token.show(["results"])
    other = sdjwt_vc.issue(wallet(None), BY, None, HOLDER, THEN, chance())
    asked = [
        {"presentation": str(token), "nonce": None},
        {"presentation": str(shown.bind(HOLDER, "https://reader.example", "n-1", now)), "nonce": "n-1"},
        {"presentation": str(shown.bind(HOLDER, "https://reader.example", "n-1", now)), "nonce": "n-2"},
        {"presentation": str(expired), "nonce": None},
        {"presentation": str(other), "nonce": None},
        {
            "presentation": str(token).replace(token.disclosures[0].text, other.disclosures[1].text[:-2] + "fQ"),
            "nonce": None,
        },
    ]
    keys = {"issuer": WALLET_KEY.public.jwk(), "holder": HOLDER.public.jwk()}

    def list_of(states: dict[int, State]) -> str:
        found = token_status.listed(states, 131_072)
        return token_status.sign(BY.status_url, found, WALLET_KEY, now, until=now + timedelta(days=1))

    found = ask("sd_jwt.mjs", {**keys, "list": list_of({}), "asked": asked})
    assert [each["error"] is None for each in found] == [True, True, False, False, False, False], found
    assert found[0]["payload"]["recipient"] == "Ada “AL” Lovelace, née Byron – 数学"
    assert found[1]["payload"]["results"][0]["value"] == "87"
    assert "recipient" not in found[1]["payload"]
    revoked = ask("sd_jwt.mjs", {**keys, "list": list_of({INDEX: State.invalid}), "asked": asked[:1]})
    assert revoked[0]["error"] is not None
