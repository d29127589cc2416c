"""What a certificate proves now: its file, and our own verification of that file."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials import formats, log, verify
from credentials.canonical import b64u, jcs, load
from credentials.errors import CredentialError
from credentials.trust import Trust
from exam_api.certificates import queries
from exam_api.certificates.schemas import MAX_DOCUMENT, MAX_UPLOAD, MineOut, ReportOut
from exam_api.certificates.service import institution
from exam_api.db.models.certificates import Certificate, Checkpoint
from exam_api.errors import Invalid, LogInconsistent, NotFound
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


async def prove(session: AsyncSession, here: Installation, row: Certificate) -> Proof:
    """The bundle that `credentials.verify` expects, with the newest status list and log head."""
    note, path, changed_at = await inclusion(session, here, row.log_index)
    newest = await queries.newest_status(session)
    bundle = verify.bundle(
        row.document,
        salt=b64u(row.salt),
        log_proof=log.format_proof(row.log_index, path, note),
        status_list=newest.document if newest else None,
        issuer=institution.did_document(here),
    )
    return Proof(bundle, changed_at)


async def inclusion(session: AsyncSession, here: Installation, index: int) -> tuple[str, list[bytes], datetime]:
    """The newest checkpoint's text, the path to it, and when it was signed. Raises `NotFound`, `LogInconsistent`."""
    head = await newest(session)
    if not 0 <= index < head.size:
        raise NotFound
    tree = await queries.tree(session, head.size, index)
    try:
        path, leaf = tree.inclusion(index), tree.leaf(index)
        signed = log.open_checkpoint(head.note, (here.keyring.log.public,))
        log.verify_inclusion(leaf, index, signed.size, path, signed.root)  # a changed tile never leaves as a proof
        return head.note, path, head.at
    except CredentialError as error:
        raise LogInconsistent from error


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


async def report(here: Installation, proof: Proof, now: datetime) -> ReportOut:
    """Our own certificate, verified as anyone would verify it, with the keys that we know."""
    return await _verify(proof.bundle, institution.trust(here), now, ours=True)


async def check(
    session: AsyncSession, here: Installation, content: bytes, now: datetime
) -> tuple[ReportOut, dict[str, Any]]:
    """Verify a file that somebody sent: JSON, a baked picture, a PDF with its attachment. What it proves, and the credential
    in it. Raises `Invalid` with a sentence where it is no certificate at all.

    Of our own certificates the newest status list counts: an old file does not know of a revocation.
    """
    if len(content) > MAX_UPLOAD:
        raise Invalid(TOO_LARGE)
    try:
        opened = await asyncio.to_thread(formats.open_file, content)
        if opened.kind != "json":
            raise Invalid(TOKEN)
        document = load(opened.content, MAX_DOCUMENT)
        if not _is_ours(here, document):
            return await _verify(document, Trust(), now, ours=False), _credential(document)
        renewed = await _renewed(session, here, document)
        return await _verify(renewed, institution.trust(here), now, ours=True), _credential(document)
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
    """The file with today's status list, and for a bare credential that we know with its proof from the log."""
    newest_list = await queries.newest_status(session)
    known = await _known(session, here, _credential(document))
    if "format" not in document:
        if known is not None:
            return (await prove(session, here, known)).bundle
        document = {"format": verify.FORMAT, "credential": document}
    return {
        **document,
        "status": newest_list.document if newest_list else document.get("status"),
        "issuer": institution.did_document(here),
    }


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
    )
