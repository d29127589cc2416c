"""Whose attempt it is: by the session cookie before and after, by token and device key during the exam."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.attempt.session import PROOF_AGE, NonceMissing, Proof, verify_proof
from credentials.errors import NotProven
from exam_api.accounts.access import Role, SignedIn
from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.attempts.schemas import Device
from exam_api.errors import DeviceReplaced, NonceNeeded, NotFound, ProofReplayed, TokenNotValid
from exam_api.installation import Installation
from exam_api.web.deps import Here, Now, Session

NONCE_HEADER = "DPoP-Nonce"


async def own_place(session: AsyncSession, user_id: UUID, attempt_id: UUID, *, lock: bool = False) -> Place:
    """The attempt, if it is this person's. Raises `NotFound`."""
    place = await queries.find_place(session, attempt_id, lock=lock)
    if place is None or place.attempt.candidate_id != user_id:
        raise NotFound
    return place


async def _own_attempt(attempt_id: UUID, actor: SignedIn, session: Session) -> Place:
    return await own_place(session, actor.id, attempt_id)


async def _own_attempt_locked(attempt_id: UUID, actor: SignedIn, session: Session) -> Place:
    return await own_place(session, actor.id, attempt_id, lock=True)


def _refused(error: NotProven, here: Installation, now: datetime) -> TokenNotValid:
    """RFC 9449 sections 7.1 and 8: say why, and hand out a nonce."""
    wants_nonce = isinstance(error, NonceMissing)
    code = "use_dpop_nonce" if wants_nonce else "invalid_dpop_proof"
    headers = {
        "WWW-Authenticate": f'DPoP error="{code}", algs="ES256"',
        NONCE_HEADER: here.keyring.nonces.current(now),
    }
    return (NonceNeeded if wants_nonce else TokenNotValid)(str(error), headers=headers)


def prove(
    here: Installation, now: datetime, *, method: str, path: str, proof: str | None, token: str | None = None
) -> Proof:
    """Check one proof against this request. Raises `TokenNotValid`."""
    try:
        return verify_proof(
            proof or "",
            method=method,
            url=here.origin + path,
            now=now,
            token=token,
            nonce_good=lambda nonce: here.keyring.nonces.good(nonce, now),
        )
    except NotProven as error:
        raise _refused(error, here, now) from error


def prove_device(
    here: Installation,
    now: datetime,
    attempt_id: UUID,
    *,
    method: str,
    path: str,
    authorization: str,
    proof: str | None,
) -> Device:
    """Token and proof together: this candidate's live key, for this attempt and this request."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "dpop" or not token:
        raise _refused(NotProven("token", "it is missing"), here, now)
    proven = prove(here, now, method=method, path=path, proof=proof, token=token)
    try:
        grant = here.keyring.mint.read(token, here.issuer_did, str(attempt_id), now)
    except NotProven as error:
        raise _refused(error, here, now) from error
    if grant.jkt != proven.jkt:
        raise _refused(NotProven("token", "it is bound to another key"), here, now)
    return Device(attempt_id, grant, proven)


async def _device(attempt_id: UUID, request: Request, response: Response, here: Here, now: Now) -> Device:
    response.headers[NONCE_HEADER] = here.keyring.nonces.current(now)
    return prove_device(
        here,
        now,
        attempt_id,
        method=request.method,
        path=request.url.path,
        authorization=request.headers.get("authorization", ""),
        proof=request.headers.get("dpop"),
    )


async def _key(request: Request, response: Response, here: Here, now: Now) -> Proof:
    """A device that has no token yet proves that it holds its key. Whether the proof is new is asked later."""
    response.headers[NONCE_HEADER] = here.keyring.nonces.current(now)
    return prove(here, now, method=request.method, path=request.url.path, proof=request.headers.get("dpop"))


ProvenKey = Annotated[Proof, Depends(_key)]


async def check_new(session: AsyncSession, proof: Proof) -> None:
    """Raises `ProofReplayed` the second time that a proof comes."""
    if not await queries.see_proof(session, proof.jti, proof.issued_at + 2 * PROOF_AGE):
        raise ProofReplayed


async def _new_key(proof: ProvenKey, session: Session) -> Proof:
    await check_new(session, proof)
    return proof


async def live_place(session: AsyncSession, device: Device, *, lock: bool = False) -> Place:
    """The attempt behind a proven device, if that device is still the live one. Raises `DeviceReplaced`."""
    place = await queries.find_place(session, device.attempt_id, lock=lock)
    if place is None or str(place.attempt.candidate_id) != device.grant.candidate:
        raise NotFound
    if place.attempt.jkt != device.proof.jkt or place.attempt.generation != device.grant.generation:
        raise DeviceReplaced
    return place


async def prove_live(session: AsyncSession, device: Device, *, lock: bool = False) -> Place:
    """The attempt behind a device whose proof is new. Raises `ProofReplayed`, `DeviceReplaced`."""
    if not await queries.see_proof(session, device.proof.jti, device.proof_expires_at):
        raise ProofReplayed
    return await live_place(session, device, lock=lock)


async def _live(device: "ProvenDevice", session: Session) -> Place:
    return await prove_live(session, device)


async def _live_locked(device: "ProvenDevice", session: Session) -> Place:
    return await prove_live(session, device, lock=True)


async def _seen_attempt(attempt_id: UUID, actor: SignedIn, session: Session) -> Place:
    place = await queries.find_place(session, attempt_id)
    if place is None or (place.attempt.candidate_id != actor.id and not actor.may(Role.instructor)):
        raise NotFound
    return place


OwnAttempt = Annotated[Place, Depends(_own_attempt)]
OwnAttemptLocked = Annotated[Place, Depends(_own_attempt_locked)]
ProvenDevice = Annotated[Device, Depends(_device)]
SeenAttempt = Annotated[Place, Depends(_seen_attempt)]
"""An attempt whose answers this person may look at: their own, or anybody's for an instructor."""
LiveAttempt = Annotated[Place, Depends(_live)]
LiveAttemptLocked = Annotated[Place, Depends(_live_locked)]
NewKey = Annotated[Proof, Depends(_new_key)]
