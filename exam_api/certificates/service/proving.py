"""What a certificate proves now: its file, and our own verification of that file."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u, b64u_decode, jcs, load
from credentials.errors import CredentialError
from credentials.forms.formats import Opened, recognise
from credentials.transparency import log
from credentials.transparency.tiles import Tree
from credentials.verification import verify
from credentials.verification.trust import Trust
from exam_api.accounts.service import throttle
from exam_api.certificates import queries
from exam_api.certificates.schemas import MAX_DOCUMENT, MAX_UPLOAD, MineOut, ReportOut
from exam_api.certificates.service import anchoring, apart, institution, keys, others, witnessing
from exam_api.db.models.certificates import Certificate, Checkpoint
from exam_api.db.session import transaction
from exam_api.errors import Invalid, LogInconsistent, NotFound, TooManyFiles
from exam_api.installation import Installation
from exam_api.web.i18n import _

TOO_LARGE = _("The file is larger than 4 MB; a certificate has about 12 KB, as a picture or PDF up to 100 KB.")
UNREADABLE = _("This file is no certificate: {text}.")
TOKEN = _("This is a certificate as wallets carry it. Show it from the wallet, or choose its file or picture here.")
EMPTY_LOG = _("The log has no entries yet.")


@dataclass(frozen=True)
class Proof:
    """The file that a holder keeps, and when its newest part was signed."""

    bundle: dict[str, Any]
    changed_at: datetime
    trust: Trust  # what we ourselves verify it with


@dataclass(frozen=True)
class Ground:
    """What the proofs of several certificates share: head and tree, status list, history of our keys."""

    head: Checkpoint
    tree: Tree
    status_list: dict[str, Any] | None
    reasons: dict[str, Any] | None
    issuer: dict[str, Any]
    keys: list[dict[str, Any]]
    trust: Trust
    policy: list[dict[str, Any]]
    anchored: list[tuple[int, anchoring.Head]]

    def proof(self, row: Certificate) -> Proof:
        """The bundle that `credentials.verification.verify` expects of a certificate whose place in the log the ground was laid for."""
        bundle = verify.bundle(
            row.document,
            salt=b64u(row.salt),
            log_proof=log.format_proof(row.log_index, self.tree.inclusion(row.log_index), self.head.signed),
            status_list=self.status_list,
            issuer=self.issuer,
            keys=self.keys,
            reasons=self.reasons,
            policy=self.policy,
            anchors=[head.part(index) for index, head in self.anchored if index == row.log_index],
        )
        return Proof(bundle, self.head.at, self.trust)


async def ground(session: AsyncSession, here: Installation, *indices: int) -> Ground:
    """The newest status list, log head and history of our keys, for proofs about these entries. Raises `NotFound`, `LogInconsistent`."""
    head = await _head(session, here, max(indices))
    told = await keys.events(session, head.size)
    said = await queries.newest_policy(session, head.size)
    rules = await queries.some_entries(session, [said.index] if said else [])
    tree = await _tree(session, here, head, *indices, *told, *rules)
    anchored = await anchoring.heads(session, here, indices)
    newest, ours = await queries.newest_status(session), await keys.known(session, here)
    return Ground(
        head=head,
        tree=tree,
        status_list=newest.document if newest else None,
        reasons=newest.reasons if newest else None,
        issuer=keys.did_document(here, ours),
        keys=keys.part(told, tree),
        trust=replace(keys.trust(here, ours), anchors=anchoring.trusted(here, anchored)),
        policy=keys.part(rules, tree),
        anchored=anchored,
    )


async def prove(session: AsyncSession, here: Installation, row: Certificate) -> Proof:
    """The bundle that `credentials.verification.verify` expects, with the newest status list, log head and history of our keys."""
    return (await ground(session, here, row.log_index)).proof(row)


async def inclusion(session: AsyncSession, here: Installation, index: int) -> tuple[str, list[bytes], datetime]:
    """A checkpoint's text, the path to it, and when it was signed. Raises `NotFound`, `LogInconsistent`."""
    head = await _head(session, here, index)
    tree = await _tree(session, here, head, index)
    return head.signed, tree.inclusion(index), head.at


async def _head(session: AsyncSession, here: Installation, index: int) -> Checkpoint:
    """What to prove an entry under: the newest head that enough witnesses cosigned, or else the newest."""
    head = await witnessing.enough(session, here, index) or await newest(session)
    if not 0 <= index < head.size:
        raise NotFound
    return head


async def _tree(session: AsyncSession, here: Installation, head: Checkpoint, *indices: int) -> Tree:
    """The tree of a head, with a path for each of these entries that was tried: a changed tile never leaves as a proof.

    Raises `LogInconsistent`.
    """
    tree = await queries.tree(session, head.size, *indices)
    try:
        signed = log.open_checkpoint(head.note, here.keyring.log_keys)
        for index in indices:
            log.verify_inclusion(tree.leaf(index), index, signed.size, tree.inclusion(index), signed.root)
    except CredentialError as error:
        raise LogInconsistent from error
    return tree


async def consistency(session: AsyncSession, old: int) -> tuple[int, list[bytes]]:
    """Today's size, and that the log of `old` entries is its beginning. Raises `NotFound`, `Invalid`, `LogInconsistent`."""
    head = await newest(session)
    if old > head.size:
        raise Invalid(_("The log has {size} entries, not yet {wanted}.").format(size=head.size, wanted=old))
    tree = await queries.tree(session, head.size, old - 1)
    try:
        return head.size, tree.consistency(old)
    except CredentialError as error:
        raise LogInconsistent from error


async def newest(session: AsyncSession) -> Checkpoint:
    """The newest signed head. Raises `NotFound` for an empty log."""
    head = await queries.newest_checkpoint(session)
    if head is None:
        raise NotFound(EMPTY_LOG)
    return head


async def report(proof: Proof, now: datetime) -> ReportOut:
    """Our own certificate, verified as anyone would verify it, with the keys that we know."""
    return await _verify(proof.bundle, proof.trust, now, ours=True)


@dataclass(frozen=True)
class Sent:
    """A file that somebody sent: one that names us, or what another issuer's proves."""

    ours: dict[str, Any] | None
    others: tuple[ReportOut, dict[str, Any]] | None


async def look(here: Installation, content: bytes, address: str, now: datetime) -> Sent:
    """All about a file that takes time, and needs no database: JSON, a baked picture, a PDF with its attachment. Call it before
    the request touches its session: else a slow file keeps a connection from everybody.

    `address`: where it came from. Raises `Invalid` with a sentence where it is no certificate at all, `TooManyFiles` where too many
    PDFs wait, `TooManyTries` where too many from there took too long.
    """
    if len(content) > MAX_UPLOAD:
        raise Invalid(TOO_LARGE)
    try:
        opened = await _opened(here, content, address, now)
        if opened.kind == "sd-jwt":
            raise Invalid(TOKEN)
        document = load(opened.content, MAX_DOCUMENT) if opened.kind == "json" else None
        if document is None or not _is_ours(here, document):
            return Sent(None, await others.check(here, opened.content, now))
        return Sent(document, None)
    except CredentialError as error:
        raise Invalid(UNREADABLE.format(text=str(error).rstrip("."))) from error
    except apart.Busy as error:
        raise TooManyFiles(headers={"Retry-After": "60"}) from error


async def _opened(here: Installation, content: bytes, address: str, now: datetime) -> Opened:
    if recognise(content) != "pdf":
        return await apart.open_file(content)
    doors = [throttle.slow_door(here, address)]
    await throttle.admit(here, doors, now)
    try:
        opened = await apart.open_file(content)
    except apart.TooMuch:
        raise  # it stays counted
    except (CredentialError, apart.Busy):
        await _not_slow(here, doors)
        raise
    await _not_slow(here, doors)
    return opened


async def _not_slow(here: Installation, doors: list[throttle.Door]) -> None:
    async with transaction(here.sessions) as session:
        await throttle.forgive(session, doors)


async def check(
    session: AsyncSession, here: Installation, sent: Sent, now: datetime
) -> tuple[ReportOut, dict[str, Any]]:
    """What a file proves, and the credential in it. Raises `Invalid` with a sentence where it is no certificate at all.

    Of our own certificates the newest status list counts: an old file does not know of a revocation.
    """
    if sent.others is not None:
        return sent.others
    document = sent.ours or {}
    try:
        renewed = await _renewed(session, here, document)
        trust = keys.trust(here, await keys.known(session, here))
        return await _verify(renewed, trust, now, ours=True), _credential(document)
    except CredentialError as error:
        raise Invalid(UNREADABLE.format(text=str(error).rstrip("."))) from error


def _credential(document: dict[str, Any]) -> dict[str, Any]:
    inner = document.get("credential") if "format" in document else document
    return inner if isinstance(inner, dict) else {}


def _is_ours(here: Installation, document: dict[str, Any]) -> bool:
    """Whether it names us: then our keys decide, whatever keys the file brings along."""
    issuer = _credential(document).get("issuer")
    return isinstance(issuer, dict) and issuer.get("id") == here.issuer_did


async def _renewed(session: AsyncSession, here: Installation, document: dict[str, Any]) -> dict[str, Any]:
    """The file with today's status list; and, where it is a certificate that we know and its proof from the log holds, with
    today's proof: an old one cannot tell that a key was stolen since.
    """
    known = await _known(session, here, _credential(document))
    if known is not None and _holds(here, document):
        return (await prove(session, here, known)).bundle
    if "format" not in document:
        document = {"format": verify.FORMAT, "credential": document}
    newest_list = await queries.newest_status(session)
    renewed = {**document, "issuer": keys.did_document(here, await keys.known(session, here))}
    if newest_list is not None:
        renewed |= {"status": newest_list.document, "reasons": newest_list.reasons}
    return renewed


def _holds(here: Installation, document: dict[str, Any]) -> bool:
    """Whether it is a bare certificate, or a file whose proof from the log holds."""
    if "format" not in document:
        return True
    found: Any = document.get("log")
    try:
        entry = log.certificate_leaf(_credential(document), b64u_decode(found["salt"]))
        log.prove_entry(entry, found["proof"], here.keyring.log_keys)
    except (CredentialError, KeyError, TypeError, AttributeError):
        return False
    return not set(document) - verify.PARTS


async def _known(session: AsyncSession, here: Installation, credential: dict[str, Any]) -> Certificate | None:
    """The certificate of ours that is this very document."""
    head, _, tail = str(credential.get("id", "")).rpartition("/")
    try:
        found = await queries.find_certificate(session, UUID(tail))
    except ValueError:
        return None
    if found is None or head != f"{institution.base(here)}/c" or jcs(found.certificate.document) != jcs(credential):
        return None
    return found.certificate


async def _verify(document: dict[str, Any], trust: Trust, now: datetime, *, ours: bool) -> ReportOut:
    # Canonicalization of a stranger's file may take some 100 ms; the others need not wait for it.
    found = await asyncio.to_thread(verify.verify, document, trust, now)
    return ReportOut.model_validate({**found.as_json(), "ours": ours})


def shape_mine(here: Installation, row: Certificate) -> MineOut:
    """One of somebody's own certificates."""
    url = institution.certificate_url(here, row.id)
    return MineOut(
        id=row.id,
        url=url,
        file_url=f"{url}.json",
        print_url=f"{url}/print",
        name=row.document["name"],
        issued_at=row.issued_at,
        valid_until=row.document.get("validUntil"),
        revoked_at=row.revoked_at,
        revoked_reason=row.revoked_reason,
        revoked_code=row.revoked_code,
        suspended_at=row.suspended_at,
        suspended_reason=row.suspended_reason,
        suspended_code=row.suspended_code,
    )
