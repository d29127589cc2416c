"""Verify a credential or a presentation of any kind: the rules of the data model, then every proof, then whose it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from credentials.canonical import Json, JsonObject
from credentials.errors import CredentialError, UndefinedTerm
from credentials.vcdm import problems
from credentials.vcdm.model import check_credential, check_presentation, dates, is_enveloped
from credentials.vcdm.problems import Nonconforming, ProofRefused
from credentials.vcdm.proofs import Expected, Resolve, verify


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong (an error), or that the asker should weigh (a warning). `code` is the standard's name."""

    code: str
    detail: str


@dataclass(frozen=True)
class Verdict:
    """What was looked at and found. Verified means: no errors; a certificate that has ended verifies, with a warning."""

    checks: tuple[str, ...]
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    signers: tuple[str, ...] = field(default=())

    @property
    def verified(self) -> bool:
        """Whether nothing was wrong."""
        return not self.errors


def check(document: Json, resolve: Resolve, at: datetime) -> Verdict:
    """What a credential proves at the moment `at`. Whether it was taken back is not looked up."""
    checks = ("model", "proof", "dates")
    try:
        signers = _credential(document, resolve, at)
    except CredentialError as error:
        return Verdict(checks, (problem(error),))
    return Verdict(checks, warnings=_dates(document, at), signers=signers)


def check_vp(document: Json, resolve: Resolve, at: datetime, *, challenge: str | None, domain: str | None) -> Verdict:
    """What a presentation proves: its holder's proof for this challenge and domain, and that of each credential in it."""
    checks = ("model", "proof", "credentials")
    try:
        inside = check_presentation(document)
        signers = verify(document, resolve, at, Expected("authentication", challenge, domain))
        holder = document.get("holder")
        if holder is not None and _id(holder) not in signers:
            raise ProofRefused("no proof of the presentation was made by its holder")
        warnings: list[Problem] = []
        for each in inside:
            _credential(each, resolve, at)
            warnings += _dates(each, at)
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


def _credential(document: Json, resolve: Resolve, at: datetime) -> tuple[str, ...]:
    if isinstance(document, dict) and is_enveloped(document):
        raise Nonconforming(
            "credentials inside a token are not read here; send them to the verification page", problems.PARSING
        )
    check_credential(document)
    signers = verify(document, resolve, at)
    if _id(document["issuer"]) not in signers:
        raise ProofRefused("no proof of the credential was made by its issuer")
    return signers


def _id(who: Json) -> Json:
    return who.get("id") if isinstance(who, dict) else who


def _dates(document: JsonObject, at: datetime) -> tuple[Problem, ...]:
    begins, ends = dates(document)
    early, late = begins is not None and at < begins, ends is not None and at >= ends
    found = ((early, "the credential is not valid yet"), (late, "the credential has ended"))
    return tuple(Problem(problems.RANGE, said) for is_so, said in found if is_so)
