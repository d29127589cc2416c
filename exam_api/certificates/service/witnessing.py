"""Witnesses of the public log: each new checkpoint is shown to them, and what they sign is kept beside it.

A witness that does not answer holds nothing up: it is asked again with the next checkpoint, and each minute.
"""

import asyncio
import logging
import urllib.error
import urllib.request
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.errors import CredentialError
from credentials.transparency import notes
from credentials.transparency.policy import Policy, Witness
from credentials.transparency.witness import request
from exam_api.certificates import queries
from exam_api.db.models.certificates import Checkpoint
from exam_api.db.session import transaction
from exam_api.installation import Installation

log = logging.getLogger("exam_api.witnesses")
TIMEOUT = 10.0  # seconds
TRIES = 3  # with the size that we think, then with the one that it tells; once more where another asked meanwhile
MOST = 64 * 1024  # bytes of an answer


@dataclass(frozen=True)
class Answer:
    """What a witness said; status 0: nothing."""

    status: int
    body: bytes


async def ask(here: Installation) -> int:
    """Show the newest checkpoint to whoever of the policy has not cosigned it; how many did so now."""
    policy = here.witness_policy
    if policy is None:
        return 0
    async with transaction(here.sessions) as session:
        head = await queries.newest_checkpoint(session)
        known = 0 if head is None else await queries.cosigned_size(session, head.size)
    if head is None or head.size == 0:
        return 0
    done = policy.cosigned(head.signed)
    waiting = [witness for name, witness in policy.witnesses.items() if name not in done and witness.url]
    lines = await asyncio.gather(*(_ask(here, head, witness, known) for witness in waiting))
    found = [line for line in lines if line]
    if found:
        await _keep(here, policy, head.size, found)
    return len(found)


async def _ask(here: Installation, head: Checkpoint, witness: Witness, known: int) -> str:
    """The witness's line under this checkpoint, or nothing."""
    for _ in range(TRIES):
        path = await _proof(here, head.size, known)
        answer = await asyncio.to_thread(_post, f"{witness.url}/add-checkpoint", request(known, path, head.note))
        if answer.status == 200:
            return _line(head, witness, answer.body)
        told = answer.body.strip()
        if answer.status != 409 or not told.isdigit() or len(told) > 18:
            log.warning("the witness %s did not cosign: %d %s", witness.key.name, answer.status, answer.body[:200])
            return ""
        if int(told) > head.size:
            log.error("the witness %s has seen more entries than the log has: it was rolled back", witness.key.name)
            return ""
        known = int(told)
    return ""


async def _proof(here: Installation, size: int, old: int) -> list[bytes]:
    if old == 0:
        return []
    async with transaction(here.sessions) as session:
        return (await queries.tree(session, size, old - 1)).consistency(old)


def _line(head: Checkpoint, witness: Witness, body: bytes) -> str:
    """The one line that counts, proven; a witness with two keys sends two."""
    try:
        note = notes.Note(notes.parse(head.note).text, notes.parse_lines(body.decode()))
        notes.proven(note, [witness.key])
    except (CredentialError, UnicodeDecodeError) as error:
        log.warning("the witness %s sent no cosignature: %s", witness.key.name, error)
        return ""
    place = (witness.key.name, witness.key.key_id)
    return next((each.line() for each in note.signatures if (each.name, each.key_id) == place), "")


async def _keep(here: Installation, policy: Policy, size: int, lines: list[str]) -> None:
    async with transaction(here.sessions) as session:
        row = await queries.lock_checkpoint(session, size)
        row.cosignatures += "".join(line for line in lines if line not in row.cosignatures)
        row.witnessed = policy.satisfied(policy.cosigned(row.signed))
        await session.flush()


def _post(url: str, body: bytes) -> Answer:
    try:
        asked = urllib.request.Request(url, data=body, headers={"Content-Type": "text/plain; charset=utf-8"})  # noqa: S310  (the operator's own file names it)
        with urllib.request.urlopen(asked, timeout=TIMEOUT) as answer:  # noqa: S310
            return Answer(answer.status, answer.read(MOST))
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.read(MOST))
    except (OSError, ValueError) as error:
        return Answer(0, str(error).encode())


async def enough(session: AsyncSession, here: Installation, index: int) -> Checkpoint | None:
    """The checkpoint to prove an entry under: the newest that enough witnesses cosigned, where there is one."""
    return None if here.witness_policy is None else await queries.witnessed_checkpoint(session, index)
