"""The VC-API: any credential, issued with a key of its own and verified without asking anybody.

That key is never the institution's: who holds the VC-API's token gets no certificate past exam, people and public log.
"""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import JsonObject
from credentials.keys import did
from credentials.keys.did import did_key, did_key_method, resolve_did_key
from credentials.keys.ed25519 import PublicKey, SigningKey
from credentials.linked_data.opened import is_url
from credentials.linked_data.vocabularies import DATA_INTEGRITY, VC1
from credentials.revocation import status
from credentials.revocation.status import StatusList
from credentials.vcdm import envelopes, problems
from credentials.vcdm.check import Problem, Verdict, check, check_vp
from credentials.vcdm.model import check_credential
from credentials.vcdm.problems import Nonconforming
from credentials.vcdm.proofs import SUITES, Suite, sign
from exam_api.badges import queries
from exam_api.errors import NotFound, StatusListFull
from exam_api.installation import Installation

STATUS_LIST = 1  # the one list
PURPOSE: Final = "revocation"
TRIES = 16  # random places that are looked at; with a quarter of the list in use, all are taken once in 10^9 times
ISSUE_OPTIONS = {"cryptosuite", "mediaType", "credentialStatus"}
MEDIA_TYPES = ("application/vc", envelopes.MEDIA_TYPE)  # with a proof inside, or inside a token
VERIFY_OPTIONS = {"checks", "challenge", "domain", "returnCredential", "returnResults"}
CHECKS = {"proof", "credentialStatus"}


def key(here: Installation) -> SigningKey:
    """The key of everything that is issued through the VC-API."""
    return SigningKey.generate(hmac.digest(here.keyring.vault, b"invigil-vc-api-key/1", "sha256"))


def issuer(here: Installation) -> str:
    """Its did:key, which is the issuer of everything that is issued through the VC-API."""
    return did_key(key(here).public)


def status_url(here: Installation) -> str:
    """The address of its status list."""
    return f"{here.public_url.rstrip('/')}/vc-api/status/{STATUS_LIST}"


async def issue(
    session: AsyncSession, here: Installation, body: JsonObject, now: datetime, chance: Callable[[int], bytes]
) -> JsonObject:
    """The credential of the request, checked and signed. Raises `CredentialError`: then nothing was issued."""
    options = _options(body, ISSUE_OPTIONS)
    credential, suite = body.get("credential"), options.get("cryptosuite", SUITES[0])
    if not isinstance(credential, dict) or "proof" in credential:
        raise Nonconforming("the request needs a credential without a proof", problems.PARSING)
    if suite not in SUITES:
        raise Nonconforming(f"credentials are signed here with {' or '.join(SUITES)}")
    if options.get("mediaType", MEDIA_TYPES[0]) not in MEDIA_TYPES:
        raise Nonconforming(f"credentials are made here as {' or '.join(MEDIA_TYPES)}")
    ready = _with_words(_named(credential, issuer(here)))
    check_credential(ready)
    if options.get("credentialStatus") is not None:
        ready = await _with_status(session, here, ready, options["credentialStatus"], now, chance)
    if options.get("mediaType") == envelopes.MEDIA_TYPE:
        signing = key(here)
        return await asyncio.to_thread(envelopes.seal, ready, signing, did_key_method(signing.public))
    return await asyncio.to_thread(_signed, ready, key(here), suite, now)


def _options(body: JsonObject, known: set[str]) -> JsonObject:
    options = body.get("options", {})
    if not isinstance(options, dict):
        raise Nonconforming("options is a JSON object", problems.PARSING)
    if unknown := set(options) - known:
        raise Nonconforming(f"there is no option {sorted(unknown)[0][:60]!r} here", problems.PARSING)
    return options


def _named(credential: JsonObject, ours: str) -> JsonObject:
    """The credential with its issuer, where it names none. Another one's name is refused when it is signed."""
    if "issuer" not in credential:
        return {**credential, "issuer": ours}
    found = credential["issuer"]
    named = found.get("id") if isinstance(found, dict) else found
    if named != ours:
        raise Nonconforming(f"what is issued here has the issuer {ours}")
    return credential


def _with_words(credential: JsonObject) -> JsonObject:
    """With the context that defines proofs, which version 1.1 of the data model does not (Data Integrity 1.0, section 2.4)."""
    contexts = credential.get("@context")
    if not isinstance(contexts, list) or contexts[:1] != [VC1] or DATA_INTEGRITY in contexts:
        return credential
    return {**credential, "@context": [*contexts, DATA_INTEGRITY]}


def _signed(credential: JsonObject, signing: SigningKey, suite: Suite, now: datetime) -> JsonObject:
    return sign(credential, signing, did_key_method(signing.public), now, suite=suite)


async def _with_status(
    session: AsyncSession,
    here: Installation,
    credential: JsonObject,
    wanted: Any,
    now: datetime,
    chance: Callable[[int], bytes],
) -> JsonObject:
    """With a place in our status list; the same id gets the same place again."""
    if not isinstance(wanted, dict) or wanted.get("type") != "BitstringStatusListEntry":
        raise Nonconforming("credentialStatus of the options is a BitstringStatusListEntry")
    if wanted.get("statusPurpose", PURPOSE) != PURPOSE or "credentialStatus" in credential:
        raise Nonconforming(f"a status for {PURPOSE} is given to credentials that have none")
    name = credential.get("id", f"urn:uuid:{UUID(bytes=chance(16), version=4)}")
    await queries.lock_places(session)
    index = await queries.place_of(session, name)
    if index is None:
        index = await _free_place(session, chance)
        await queries.take_place(session, index, name, now)
    return {**credential, "id": name, "credentialStatus": status.entry(status_url(here), index)}


async def _free_place(session: AsyncSession, chance: Callable[[int], bytes]) -> int:
    for _ in range(TRIES):
        index = int.from_bytes(chance(4)) % status.SIZE
        if not await queries.is_taken(session, index):
            return index
    raise StatusListFull


async def verify(session: AsyncSession, here: Installation, body: JsonObject, now: datetime) -> Verdict:
    """What the credential of the request proves. Raises `CredentialError` for a request that asks for what we cannot do."""
    options = _options(body, VERIFY_OPTIONS)
    _check_checks(options)
    verdict = await asyncio.to_thread(check, body.get("verifiableCredential"), _resolver(here), now)
    if verdict.credential is None or "credentialStatus" not in verdict.credential:
        return verdict
    return await _looked_up(session, here, verdict.credential, verdict)


async def verify_presentation(here: Installation, body: JsonObject, now: datetime) -> Verdict:
    """What the presentation of the request proves, for the challenge and domain that the asker has set."""
    options = _options(body, VERIFY_OPTIONS)
    _check_checks(options)
    told = {name: options.get(name) for name in ("challenge", "domain")}
    if not all(isinstance(value, str | None) for value in told.values()):
        raise Nonconforming("challenge and domain are texts", problems.PARSING)
    found = body.get("verifiablePresentation")
    return await asyncio.to_thread(lambda: check_vp(found, _resolver(here), now, **told))


def _check_checks(options: JsonObject) -> None:
    asked = options.get("checks", [])
    if not isinstance(asked, list) or not all(isinstance(each, str) for each in asked) or set(asked) - CHECKS:
        raise Nonconforming(f"checks is a list of {' and '.join(sorted(CHECKS))}", problems.PARSING)


def _resolver(here: Installation) -> Callable[[str], PublicKey | None]:
    """Keys that need no network: those of did:key, and the institution's own."""
    own = {did.method_id(here.issuer_did, here.keyring.issuer.public): here.keyring.issuer.public}
    return lambda method: resolve_did_key(method) or own.get(method)


async def _looked_up(session: AsyncSession, here: Installation, credential: JsonObject, verdict: Verdict) -> Verdict:
    """The verdict with the status: our own list is looked up, another's is not, which is said."""
    found = credential["credentialStatus"]
    warnings = list(verdict.warnings)
    for entry in found if isinstance(found, list) else [found]:
        if entry.get("statusListCredential") != status_url(here):
            warnings.append(Problem(problems.STATUS, "whether it was revoked was not looked up: the list is not ours"))
            continue
        index = int(entry["statusListIndex"])
        said = None if index < status.SIZE else "its index lies outside of the list"
        if said is None and await queries.is_revoked(session, index):
            said = "it was revoked"
        if said is not None:
            return replace(verdict, errors=(Problem(problems.STATUS, said),), checks=(*verdict.checks, "status"))
    return replace(verdict, warnings=tuple(warnings), checks=(*verdict.checks, "status"))


async def set_status(session: AsyncSession, body: JsonObject, now: datetime) -> None:
    """Revoke a credential that was issued here, or take that back. Raises `NotFound`, `CredentialError`."""
    name, wanted, revoked = body.get("credentialId"), body.get("credentialStatus"), body.get("status", True)
    if not is_url(name) or not isinstance(wanted, dict) or not isinstance(revoked, bool):
        raise Nonconforming(
            "the request needs credentialId, credentialStatus and status (true or false)", problems.PARSING
        )
    if wanted.get("type") != "BitstringStatusListEntry" or wanted.get("statusPurpose", PURPOSE) != PURPOSE:
        raise Nonconforming(f"only a BitstringStatusListEntry for {PURPOSE} can be changed")
    if not await queries.set_revoked(session, name, now if revoked else None):
        raise NotFound


async def status_list(session: AsyncSession, here: Installation, now: datetime) -> JsonObject:
    """The signed list as of now. Asking for it names nobody."""
    bits = bytearray(status.SIZE // 8)
    for index in await queries.revoked_places(session):
        bits[index // 8] |= 0x80 >> index % 8
    unsigned = status.build(status_url(here), issuer(here), StatusList(bytes(bits)), now)
    return await asyncio.to_thread(_signed, unsigned, key(here), SUITES[0], now)
