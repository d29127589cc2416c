"""Sign certificates and write them to the log, whatever they rest on: an attempt, others, a batch, or the one before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.achievement.components import Component
from credentials.achievement.content import Assessor, Section
from credentials.canonical import JsonObject, b64u
from credentials.issuance import certificate as core
from credentials.issuance import reissue
from credentials.transparency.log import certificate_leaf
from exam_api.certificates.service import earlier, institution, keys, statuses
from exam_api.certificates.service.publishing import append_all
from exam_api.db import ledger
from exam_api.db.models.accounts import User
from exam_api.db.models.certificates import Certificate
from exam_api.events import CertificateIssued
from exam_api.installation import Installation

KIND = "certificate"


@dataclass(frozen=True)
class Wanted:
    """What a certificate is to say, apart from whose it is, where it lives and its place in the lists. `name`: the
    recipient's, where it is not the one of the account; texts must be `plain`. `refresh`: it says where its newest version is.
    """

    achievement: core.Achievement
    valid_until: datetime | None = None
    score: core.Score | None = None
    evidence: core.Evidence | None = None
    sections: tuple[Section, ...] = ()
    components: tuple[Component, ...] = ()
    source: Assessor | None = None
    name: str | None = None
    suspendable: bool = False
    refresh: bool = False


@dataclass(frozen=True)
class Again:
    """What the certificate says that it replaces, in this name and with these dates."""

    name: str
    valid_from: datetime
    valid_until: datetime | None


@dataclass(frozen=True)
class Gift:
    """A certificate for somebody. It rests on `attempt_id`, or on none. `replaces`: the one whose place it takes;
    `linked`: whether it says so to everybody.
    """

    holder: User
    wanted: Wanted | Again
    attempt_id: UUID | None = None
    replaces: Certificate | None = None
    linked: bool = False


async def give(
    session: AsyncSession,
    here: Installation,
    gift: Gift,
    now: datetime,
    chance: Callable[[int], bytes],
    actor_id: UUID | None = None,
) -> Certificate:
    """One certificate, as `give_all`."""
    return (await give_all(session, here, [gift], now, chance, actor_id))[0]


async def give_all(
    session: AsyncSession,
    here: Installation,
    gifts: Sequence[Gift],
    now: datetime,
    chance: Callable[[int], bytes],
    actor_id: UUID | None = None,
) -> list[Certificate]:
    """Sign and log certificates under one checkpoint; the rows, in this order. Whether they are earned is the caller's to
    know. The log is locked until the transaction ends. Raises `StatusListFull`; `credentials.errors.Malformed` for words
    that cannot be signed.
    """
    if not gifts:
        return []
    await keys.ensure(session, here, now)
    await statuses.ensure(session, here, now)
    indices = await statuses.free_indices(session, chance, len(gifts))
    made = [_sign(here, gift, index, now, chance) for gift, index in zip(gifts, indices, strict=True)]
    logged = await append_all(session, here, KIND, [certificate_leaf(row.document, row.salt) for row in made], now)
    for at, row in enumerate(made):
        row.log_index = logged.first + at
    session.add_all(made)
    await session.flush()
    told = [CertificateIssued(row.id, row.attempt_id, row.log_index) for row in made]
    await ledger.append_all(session, told, now, actor_id)
    return made


def _sign(here: Installation, gift: Gift, index: int, now: datetime, chance: Callable[[int], bytes]) -> Certificate:
    """A signed certificate that is not in the log yet."""
    certificate_id, salt = UUID(bytes=chance(16), version=4), chance(16)
    return Certificate(
        id=certificate_id,
        attempt_id=gift.attempt_id,
        holder_id=gift.holder.id if gift.attempt_id is None else None,
        replaces_id=None if gift.replaces is None else gift.replaces.id,
        document=_document(here, gift, certificate_id, index, now, b64u(chance(16))),
        salt=salt,
        status_index=index,
        issued_at=now,
        valid_until=gift.wanted.valid_until,
    )


def _document(here: Installation, gift: Gift, certificate_id: UUID, index: int, now: datetime, salt: str) -> JsonObject:
    unsigned = draft(here, gift, certificate_id, index, now, salt)
    return core.issue(unsigned, here.keyring.issuer, institution.signing_method(here), now)


def draft(here: Installation, gift: Gift, certificate_id: UUID, index: int, now: datetime, salt: str) -> JsonObject:
    """What would be signed, unsigned. Raises `credentials.errors.Malformed` for words that cannot be."""
    wanted = gift.wanted
    url = institution.certificate_url(here, certificate_id)
    recipient = core.Recipient.of(plain(wanted.name or gift.holder.name), gift.holder.email, salt)
    named = earlier.of(gift.replaces) if gift.replaces is not None and gift.linked else None
    if isinstance(wanted, Again):
        return reissue.again(
            _former(gift),
            url=url,
            recipient=recipient,
            status_index=index,
            valid_from=wanted.valid_from,
            valid_until=wanted.valid_until,
            instead_of=named,
        )
    award = core.Award(
        id=url,
        issuer_id=here.issuer_did,
        issuer_name=here.issuer_name,
        issuer_url=institution.base(here),
        recipient=recipient,
        achievement=wanted.achievement,
        valid_from=now,
        status_list=institution.status_url(here),
        status_index=index,
        valid_until=wanted.valid_until,
        score=wanted.score,
        evidence=wanted.evidence,
        sections=wanted.sections,
        components=wanted.components,
        source=wanted.source,
        instead_of=named,
        suspendable=wanted.suspendable,
        refresh=f"{url}/refresh" if wanted.refresh else None,
    )
    return core.build(award)


def _former(gift: Gift) -> JsonObject:
    if gift.replaces is None:
        raise ValueError("there is no certificate to give once more")
    return gift.replaces.document


def plain(text: str) -> str:
    """Control characters other than line ends cannot be signed; a space says the same."""
    return "".join(" " if (ord(letter) < 32 and letter != "\n") or ord(letter) == 127 else letter for letter in text)
