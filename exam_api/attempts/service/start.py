"""Start, and hand over to another device: the passkey signs the very terms, the token is bound to the device's key."""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from webauthn.helpers import base64url_to_bytes

from credentials.attempt.receipts import genesis, sign_start
from credentials.attempt.recovery import mark_time
from credentials.attempt.session import Grant, Proof
from credentials.canonical import b64u, jcs
from exam_api.accounts.service import passkeys
from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.attempts.schemas import StartOptions, TokenOut
from exam_api.attempts.service import channel, lockdown, sections
from exam_api.attempts.service.preparing import digest_of
from exam_api.attempts.service.states import STARTED, Status, end_of, late_of, move
from exam_api.db import ledger
from exam_api.db.base import iso
from exam_api.errors import (
    CheckInIncomplete,
    ConsentNeeded,
    DeviceReplaced,
    LockedBrowserNeeded,
    ResultIsOut,
    SittingNotOpen,
    WrongState,
)
from exam_api.event import Event
from exam_api.events import AttemptStarted, DeviceChanged
from exam_api.installation import Installation
from grading.exam import Exam

TOKEN_LIFE = timedelta(minutes=10)
STATEMENT_LIFE = timedelta(minutes=5)


async def prepare_start(
    session: AsyncSession, here: Installation, place: Place, proof: Proof, now: datetime
) -> StartOptions:
    """Write the start statement for this device and ask the passkey to sign it."""
    exam = await _may_start(session, here, place, proof, now)
    consent = await queries.find_consent(session, place.attempt.id)
    assert consent is not None
    statement = {
        "type": "invigil-start/1",
        "attempt": str(place.attempt.id),
        "sitting": str(place.sitting.id),
        "candidate": str(place.attempt.candidate_id),
        "exam": {"version": str(place.sitting.version_id), "digest": here.digests[place.sitting.version_id]},
        "form": place.attempt.form or digest_of(await queries.get_form(session, here, place)),
        "time": {
            "minutes": place.minutes,
            "not_after": iso(end_of(place.sitting, place.sitting.closes_at, place.extra_minutes)),
            "late": {"minutes": place.sitting.late_minutes, "percent_per_minute": place.sitting.late_percent},
        },
        "rules": {
            "camera": exam.proctoring.camera,
            "microphone": exam.proctoring.microphone,
            "fullscreen": exam.proctoring.fullscreen,
            **({"browser": exam.proctoring.browser} if exam.proctoring.locked_down else {}),
            "consent": consent.version,
        },
        "jkt": proof.jkt,
        "server": here.issuer_did,
        "prepared_at": iso(now),
    }
    return await _ask_passkey(session, here, place, "start", statement, now)


async def _ask_passkey(
    session: AsyncSession, here: Installation, place: Place, kind: str, statement: dict[str, Any], now: datetime
) -> StartOptions:
    challenge = hashlib.sha256(jcs(statement)).digest()
    asked = await passkeys.ask_passkey(
        session,
        here,
        kind=kind,
        user_id=place.attempt.candidate_id,
        challenge=challenge,
        context=statement,
        expires_at=now + STATEMENT_LIFE,
    )
    return StartOptions(id=asked.id, statement=statement, options=asked.options)


async def _may_start(session: AsyncSession, here: Installation, place: Place, proof: Proof, now: datetime) -> Exam:
    """Everything that must be true before the clock may run; the exam."""
    consent = await queries.find_consent(session, place.attempt.id)
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    photo = await queries.find_reference(session, place.attempt.id) if exam.proctoring.camera else None
    sign = await queries.find_check_in_sign(session, place.attempt.id) if exam.proctoring.sign_of_life else None
    locked = await lockdown.is_open(session, here, place, now, proof.jkt)
    judged = photo.state if photo else None
    may_begin(place, exam, now, consented=consent is not None, photo=judged, sign=sign, locked=locked)
    # A further attempt that was opened and not started does not keep the others from being released once the sitting has
    # closed; where it is opened again, what counts stays what it is. Before the first there is nothing to release.
    released = queries.find_released
    if place.attempt.number > 1 and await released(session, place.sitting.id, place.attempt.candidate_id) is not None:
        raise ResultIsOut
    return exam


def may_begin(
    place: Place,
    exam: Exam,
    now: datetime,
    *,
    consented: bool,
    photo: str | None,
    sign: str | None = None,
    locked: bool = False,
) -> None:
    """Raises `WrongState`, `SittingNotOpen`, `ConsentNeeded`, `LockedBrowserNeeded`, `CheckInIncomplete`.

    `photo`: how the newest one was judged; `sign`: how the sign of life before the start stands, `locked`: whether the browser
    is proven, where the exam needs them.
    """
    if place.attempt.status != Status.ready:
        raise WrongState
    if not place.sitting.opens_at <= now < place.sitting.closes_at:
        raise SittingNotOpen
    if not consented:
        raise ConsentNeeded
    if exam.proctoring.locked_down and not locked:
        raise LockedBrowserNeeded
    if exam.proctoring.camera and photo != "accepted":
        raise CheckInIncomplete("The reference photo is not accepted yet.")
    if exam.proctoring.camera and exam.proctoring.sign_of_life and sign not in {"shown", "spared", "off"}:
        raise CheckInIncomplete("The short check that you are there is not done yet.")


async def start(
    session: AsyncSession,
    here: Installation,
    place: Place,
    proof: Proof,
    answer_id: UUID,
    credential: dict[str, Any],
    now: datetime,
) -> TokenOut:
    """The passkey signed the statement: the clock runs from this moment, by the server's clock alone."""
    exam = await _may_start(session, here, place, proof, now)
    statement = await _signed_statement(session, here, place, "start", proof, answer_id, credential, now)
    # Time that was given while this start waited for the lock counts from its first second. Before the first change: a row
    # that is written twice has its sitting looked up again, and whoever gives time holds the sitting and waits for the row.
    place = await queries.find_place(session, place.attempt.id) or place
    for event in begin(here, place, exam, proof, statement, credential, now):
        await ledger.append(session, event, now, place.attempt.candidate_id)
    return token(here, place, now)


def begin(
    here: Installation,
    place: Place,
    exam: Exam,
    proof: Proof,
    statement: dict[str, Any],
    credential: dict[str, Any],
    now: datetime,
) -> list[Event]:
    """Let the attempt run, in memory; what happened. Raises `WrongState` for a statement of something else."""
    _check_statement(place, proof, statement)
    attempt = place.attempt
    move(attempt, Status.running)
    attempt.started_at = now
    attempt.ends_at, attempt.late = end_of(place.sitting, now, place.extra_minutes), late_of(place.sitting)
    attempt.statement = sign_start(
        here.keyring.receipt,
        {
            "statement": statement,
            "assertion": _assertion(credential),
            "started_at": iso(now),
            "ends_at": iso(attempt.ends_at),
        },
    )
    attempt.head = genesis(attempt.statement)
    attempt.jkt, attempt.generation = proof.jkt, 1
    return [*sections.open_first(exam, place, now), AttemptStarted(attempt.id, attempt.ends_at, attempt.head)]


async def _signed_statement(
    session: AsyncSession,
    here: Installation,
    place: Place,
    kind: str,
    proof: Proof,
    answer_id: UUID,
    credential: dict[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """The statement that the candidate's passkey just signed, for this attempt and this device's key."""
    statement = await passkeys.prove_passkey(
        session,
        here,
        kind=kind,
        user_id=place.attempt.candidate_id,
        challenge_id=answer_id,
        credential=credential,
        now=now,
    )
    _check_statement(place, proof, statement)
    return statement


def _check_statement(place: Place, proof: Proof, statement: dict[str, Any]) -> None:
    if statement.get("attempt") != str(place.attempt.id) or statement.get("jkt") != proof.jkt:
        raise WrongState("The signed statement is for another attempt or device.")


def _assertion(credential: dict[str, Any]) -> dict[str, str]:
    """The parts of a passkey's answer that anyone needs to check it again (WebAuthn, section 7.2).

    Written anew: who proves it skips what is not base64url, and that would be signed by us and kept (or, a NUL, not kept).
    """
    answer = credential["response"]
    return {
        "id": _exact(credential["id"]),
        "clientDataJSON": _exact(answer["clientDataJSON"]),
        "authenticatorData": _exact(answer["authenticatorData"]),
        "signature": _exact(answer["signature"]),
    }


def _exact(text: str) -> str:
    return b64u(base64url_to_bytes(text))


def token(here: Installation, place: Place, now: datetime) -> TokenOut:
    """A fresh token for the live device. It cannot outlive the attempt by more than its own short life."""
    attempt = place.attempt
    assert attempt.jkt is not None
    expires_at = now + TOKEN_LIFE
    grant = Grant(
        issuer=here.issuer_did,
        attempt=str(attempt.id),
        candidate=str(attempt.candidate_id),
        jkt=attempt.jkt,
        generation=attempt.generation,
        expires_at=expires_at,
    )
    return TokenOut(
        token=here.keyring.mint.issue(grant, now),
        expires_at=expires_at,
        now=now,
        mark=mark_time(here.keyring.receipt, str(attempt.id), attempt.jkt, iso(now)),
        generation=attempt.generation,
        jkt=attempt.jkt,
    )


def renew(here: Installation, place: Place, proof: Proof, now: datetime) -> TokenOut:
    """A new token for the same key. Raises `DeviceReplaced` for any other key."""
    if place.attempt.status not in STARTED:
        raise WrongState
    if place.attempt.jkt != proof.jkt:
        raise DeviceReplaced
    return token(here, place, now)


async def prepare_hand_over(
    session: AsyncSession, here: Installation, place: Place, proof: Proof, now: datetime
) -> StartOptions:
    """Write the statement that moves the attempt to this device."""
    if place.attempt.status not in STARTED:
        raise WrongState
    statement = {
        "type": "invigil-hand-over/1",
        "attempt": str(place.attempt.id),
        "candidate": str(place.attempt.candidate_id),
        "generation": place.attempt.generation + 1,
        "from_jkt": place.attempt.jkt or "",
        "jkt": proof.jkt,
        "seq": place.attempt.seq,
        "head": place.attempt.head,
        "prepared_at": iso(now),
    }
    return await _ask_passkey(session, here, place, "hand-over", statement, now)


async def hand_over(
    session: AsyncSession,
    here: Installation,
    place: Place,
    proof: Proof,
    answer_id: UUID,
    credential: dict[str, Any],
    now: datetime,
) -> TokenOut:
    """Make this the one live device. The old one is told at its next call; nothing it saved is lost."""
    if place.attempt.status not in STARTED:
        raise WrongState
    statement = await _signed_statement(session, here, place, "hand-over", proof, answer_id, credential, now)
    if statement["generation"] != place.attempt.generation + 1:
        raise WrongState("The attempt moved to another device meanwhile. Please try again.")
    await lockdown.before_move(session, place.attempt, now)
    place.attempt.jkt, place.attempt.generation = proof.jkt, statement["generation"]
    await channel.tell(session, [place.attempt])
    event = DeviceChanged(place.attempt.id, place.attempt.generation, proof.jkt, "the candidate's passkey")
    await ledger.append(session, event, now, place.attempt.candidate_id)
    return token(here, place, now)
