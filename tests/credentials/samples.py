"""One issuer, one certificate, one chain of receipts: the same in every test, from fixed seeds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from credentials.attempt import receipts
from credentials.canonical import b64u
from credentials.issuance import certificate, proof
from credentials.keys import did
from credentials.keys.ed25519 import SigningKey
from credentials.revocation import status
from credentials.transparency import log
from credentials.verification.trust import Trust
from credentials.verification.verify import bundle

KEY = SigningKey.generate(b"issuer key of the test vectors 1")
LOG_KEY = SigningKey.generate(b"the log key of the test vectors1")
OTHER = SigningKey.generate(b"nobody whom anyone should trust!")
ORIGIN = "exams.example/log"
ISSUER = did.did_web("exams.example", ["issuer"])
METHOD = did.method_id(ISSUER, KEY.public)
STATUS_URL = "https://exams.example/status/1"
INDEX = 94_567
ISSUED = datetime(2027, 3, 1, 12, tzinfo=UTC)
NOW = datetime(2027, 6, 1, tzinfo=UTC)
SALT = b"sixteen bytes or more of chance"
TRUST = Trust((KEY.public,), (LOG_KEY.public,), ORIGIN, (KEY.public,))
ATTEMPT = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def award(**changes: Any) -> certificate.Award:
    facts: dict[str, Any] = {
        "id": "https://exams.example/certificates/1",
        "issuer_id": ISSUER,
        "issuer_name": "Example University",
        "issuer_url": "https://exams.example",
        "recipient": certificate.Recipient.of(
            "Ada “AL” Lovelace, née Byron – 数学", "Ada@example.org", "0123456789abcdef"
        ),
        "achievement": certificate.Achievement(
            "https://exams.example/achievements/1",
            "Analytical Engines",
            "Programs engines.",
            "Pass **the** exam.\n\nAlone.",
        ),
        "valid_from": ISSUED,
        "valid_until": datetime(2029, 3, 1, 12, tzinfo=UTC),
        "status_list": STATUS_URL,
        "status_index": INDEX,
        "score": certificate.Score("87", "100", "60"),
        "evidence": certificate.Evidence("Sitting of 1 March 2027", "Proctored, 90 minutes, 12 items."),
    }
    return certificate.Award(**facts | changes)


def issued(**changes: Any) -> dict[str, Any]:
    return certificate.issue(certificate.build(award(**changes)), KEY, METHOD, ISSUED)


def status_list(*revoked: int, key: SigningKey = KEY, **changes: Any) -> dict[str, Any]:
    entries = status.StatusList.empty()
    for index in revoked:
        entries = entries.set(index)
    facts: dict[str, Any] = {"url": STATUS_URL, "issuer": ISSUER, "entries": entries, "valid_from": ISSUED}
    return proof.sign(status.build(**facts | changes), key, did.method_id(ISSUER, key.public), ISSUED)


def logged(credential: dict[str, Any], key: SigningKey = LOG_KEY) -> str:
    """The tlog-proof of a certificate that is entry 5 of 11."""
    return logged_entry(log.certificate_leaf(credential, SALT), key)


def logged_entry(entry: bytes, key: SigningKey = LOG_KEY) -> str:
    """The tlog-proof of entry 5 of 11."""
    leaves = [log.leaf_hash(b"another entry %d" % number) for number in range(11)]
    leaves[5] = log.leaf_hash(entry)
    head = log.checkpoint(ORIGIN, len(leaves), log.root(leaves), key)
    return log.format_proof(5, log.inclusion_proof(leaves, 5), head)


def document() -> dict[str, Any]:
    return did.document(ISSUER, [KEY.public], [LOG_KEY.public])


def full_bundle(credential: dict[str, Any] | None = None, *revoked: int) -> dict[str, Any]:
    credential = credential or issued()
    listed = status_list(*revoked)
    return bundle(credential, salt=b64u(SALT), log_proof=logged(credential), status_list=listed, issuer=document())


def chain(answers: list[Any], *, sealed: bool = True, key: SigningKey = KEY) -> dict[str, Any]:
    """A receipt file with one receipt for each answer."""
    start = receipts.sign_start(key, {"attempt": ATTEMPT, "exam": "exam-version-digest", "rules": "1"})
    head, given = receipts.genesis(start), []
    for seq, answer in enumerate(answers, start=1):
        moment = f"2027-03-01T10:{seq // 60:02}:{seq % 60:02}.123Z"
        body = receipts.ReceiptBody(ATTEMPT, seq, f"item-{seq}", receipts.answer_hash(answer), moment, head, "j" * 43)
        given.append(receipts.issue(key, body))
        head = receipts.link(given[-1])
    closing = receipts.seal(key, ATTEMPT, len(given), head, "2027-03-01T11:30:00.000Z") if sealed else None
    kept = dict(enumerate(answers, start=1))
    return receipts.as_file(ATTEMPT, start, given, kept, closing, [key.public])


def with_log(file: dict[str, Any], key: SigningKey = LOG_KEY) -> dict[str, Any]:
    """The same file after its seal was logged."""
    proof_text = logged_entry(log.receipt_head_leaf(file["seal"], SALT), key)
    return file | {"log": receipts.log_part(SALT, proof_text, key.kid)}
