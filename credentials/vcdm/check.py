"""Verify a credential or a presentation of any kind: the rules of the data model, then every proof, then whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from credentials.canonical import Json, JsonObject
from credentials.errors import CredentialError, UndefinedTerm
from credentials.linked_data.data_integrity import Content, without_proof
from credentials.linked_data.opened import OPEN
from credentials.vcdm import problems
from credentials.vcdm.envelopes import ENVELOPED_PRESENTATION, open_credential, open_presentation
from credentials.vcdm.model import ENVELOPED, check_credential, check_presentation, dates, kinds
from credentials.vcdm.problems import Nonconforming, ProofRefused
from credentials.vcdm.proofs import Expected, Resolve, verify

_WORDS = "https://www.w3.org/2018/credentials#"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong (an error), or that the asker should weigh (a warning). `code` is the standard's name."""

    code: str
    detail: str


@dataclass(frozen=True)
class Verdict:
    """What was looked at and found. Verified means: no errors; a certificate that has ended verifies, with a warning.

    `credential` is the one that was verified, out of its envelope.
    """

    checks: tuple[str, ...]
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    signers: tuple[str, ...] = ()
    credential: JsonObject | None = None

    @property
    def verified(self) -> bool:
        """Whether nothing was wrong."""
        return not self.errors


def check(document: Json, resolve: Resolve, at: datetime) -> Verdict:
    """What a credential proves at the moment `at`. Whether it was taken back is not looked up."""
    checks = ("model", "proof", "dates")
    try:
        credential, signers = _credential(document, resolve, at)
    except CredentialError as error:
        return Verdict(checks, (problem(error),))
    return Verdict(checks, warnings=_dates(credential, at), signers=signers, credential=credential)


def check_vp(document: Json, resolve: Resolve, at: datetime, *, challenge: str | None, domain: str | None) -> Verdict:
    """What a presentation proves: its holder's proof for this challenge and domain, and that of each credential in it."""
    checks = ("model", "proof", "credentials")
    try:
        presentation, signers = _presentation(document, resolve, at, Expected("authentication", challenge, domain))
        holder = presentation.get("holder")
        if holder is not None and _id(holder) not in signers:
            raise ProofRefused("no proof of the presentation was made by its holder")
        warnings: list[Problem] = []
        for each in check_presentation(presentation):
            credential, _ = _credential(each, resolve, at)
            warnings += _dates(credential, at)
    except CredentialError as error:
        return Verdict(checks, (problem(error),))
    return Verdict(checks, warnings=tuple(warnings), signers=signers)


def problem(error: CredentialError) -> Problem:
    """The standard's name for an error, and its sentence."""
    if isinstance(error, ProofRefused):
        return Problem(error.code, error.reason)
    if isinstance(error, Nonconforming):
        return Problem(error.code, str(error))
    return Problem(problems.DATA_LOSS if isinstance(error, UndefinedTerm) else problems.PARSING, str(error))


def _credential(document: Json, resolve: Resolve, at: datetime) -> tuple[JsonObject, tuple[str, ...]]:
    """The credential, out of its envelope if it came in one, and who signed it."""
    if isinstance(document, dict) and ENVELOPED in kinds(document):
        opened, signer = open_credential(document, at)
        check_credential(opened)
        return opened, (signer,)
    check_credential(document)
    content = Content(without_proof(document), OPEN)
    signers = verify(document, resolve, at, content=content)
    if _id(document["issuer"]) not in signers:
        raise ProofRefused("no proof of the credential was made by its issuer")
    _check_plain(document, content.quads)
    return document, signers


def _check_plain(document: JsonObject, quads: str) -> None:
    """What ends a credential stands under its own name: RDF, which is signed, is the same where the full address or a word of
    the document's own says it, and there nobody would look. Raises Nonconforming.
    """
    root = f"<{document['id']}>" if "id" in document else None
    said = {tuple(line.split(" ", 2)[:2]) for line in quads.split("\n") if line}
    for name in ("credentialStatus", "validFrom", "validUntil", "issuanceDate", "expirationDate"):
        hidden = any(what == f"<{_WORDS}{name}>" and root in (None, who) for who, what in said)
        if hidden and name not in document:
            raise Nonconforming(f"{name} is said under another name than its own")


def _presentation(
    document: Json, resolve: Resolve, at: datetime, expected: Expected
) -> tuple[JsonObject, tuple[str, ...]]:
    if isinstance(document, dict) and ENVELOPED_PRESENTATION in kinds(document):
        opened = open_presentation(document, at)
        check_presentation(opened.document)
        if expected.domain is not None and expected.domain not in opened.domains:
            raise ProofRefused("the token was made for another domain", problems.DOMAIN)
        if expected.challenge is not None and opened.challenge != expected.challenge:
            raise ProofRefused("the token does not answer this challenge", problems.CHALLENGE)
        return opened.document, (opened.signer,)
    check_presentation(document)
    return document, verify(document, resolve, at, expected)


def _id(who: Json) -> Json:
    return who.get("id") if isinstance(who, dict) else who


def _dates(document: JsonObject, at: datetime) -> tuple[Problem, ...]:
    begins, ends = dates(document)
    early, late = begins is not None and at < begins, ends is not None and at >= ends
    found = ((early, "the credential is not valid yet"), (late, "the credential has ended"))
    return tuple(Problem(problems.RANGE, said) for is_so, said in found if is_so)
