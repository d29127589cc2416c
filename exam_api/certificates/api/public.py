"""What documents name and anyone may mirror: keys, status lists, the log, the certificates' files. No account."""

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.transparency import log
from exam_api.certificates import queries
from exam_api.certificates.access import PublicCertificate
from exam_api.certificates.schemas import ConsistencyOut, EntriesOut, TrustOut
from exam_api.certificates.service import institution, keys, proving, succession
from exam_api.certificates.service.keepable import OPEN, keepable, keepable_json
from exam_api.db.models.certificates import StatusListVersion
from exam_api.errors import NotFound
from exam_api.web.deps import Here, Session
from exam_api.web.problems import ERRORS

router = APIRouter(tags=["public"])

PAGE = 1_000  # leaf hashes per request
BIG = 2**62
IfNoneMatch = Annotated[str | None, Header(max_length=1_000)]
Number = Annotated[int, Path(ge=0, le=BIG)]
VC = "application/vc+json"
TEXT = "text/plain; charset=utf-8"


def documented(media_type: str, *errors: int) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string"} if media_type.startswith("text/") else {"type": "object"}
    same = {"description": "What you have still holds"}
    return {
        200: {"description": "OK", "content": {media_type.partition(";")[0]: {"schema": schema}}},
        304: same,
        **ERRORS(*errors),
    }


@router.get("/.well-known/did.json", response_class=Response, responses=documented("application/json"))
async def read_did(here: Here, session: Session, if_none_match: IfNoneMatch = None) -> Response:
    """The issuer's DID document (did:web)."""
    return keepable_json(keys.did_document(here, await keys.known(session, here)), if_none_match, seconds=300)


@router.get(
    "/trust.json", response_class=Response, responses={**documented("application/json"), 200: {"model": TrustOut}}
)
async def read_trust(here: Here, session: Session, if_none_match: IfNoneMatch = None) -> Response:
    """The keys to verify with, as `python -m credentials verify --trust` takes them."""
    return keepable_json(
        keys.trust_file(here, await keys.known(session, here)).model_dump(), if_none_match, seconds=300
    )


@router.get("/status/{number}", response_class=Response, responses=documented(VC, 404, 422))
async def read_status(number: Number, session: Session, if_none_match: IfNoneMatch = None) -> Response:
    """The newest version of the list of revocations (BitstringStatusListCredential). Asking names nobody."""
    newest = await _newest_status(session, number)
    return keepable_json(newest.document, if_none_match, changed_at=newest.at, media_type=VC)


@router.get("/status/{number}/suspension", response_class=Response, responses=documented(VC, 404, 422))
async def read_suspensions(number: Number, session: Session, if_none_match: IfNoneMatch = None) -> Response:
    """The list of suspensions of that version (BitstringStatusListCredential), with the same index for each certificate."""
    newest = await _newest_status(session, number)
    if newest.suspended is None:
        raise NotFound
    return keepable_json(newest.suspended, if_none_match, changed_at=newest.at, media_type=VC)


@router.get("/status/{number}/reasons", response_class=Response, responses=documented("application/json", 404, 422))
async def read_reasons(number: Number, session: Session, if_none_match: IfNoneMatch = None) -> Response:
    """The public reasons of that version, four bits for each certificate; the signed list of revocations names its hash."""
    newest = await _newest_status(session, number)
    if newest.reasons is None:
        raise NotFound
    return keepable_json(newest.reasons, if_none_match, changed_at=newest.at)


async def _newest_status(session: AsyncSession, number: int) -> StatusListVersion:
    newest = await queries.newest_status(session)
    if number != institution.STATUS_LIST or newest is None:
        raise NotFound
    return newest


@router.get("/log/checkpoint", response_class=Response, responses=documented(TEXT, 404))
async def read_checkpoint(session: Session, if_none_match: IfNoneMatch = None) -> Response:
    """The newest signed head of the log with its witnesses' signatures (C2SP checkpoint)."""
    head = await proving.newest(session)
    return keepable(head.signed.encode(), TEXT, if_none_match, changed_at=head.at, headers=OPEN)


@router.get("/log/proof/{index}", response_class=Response, responses=documented(TEXT, 404, 422))
async def read_proof(index: Number, here: Here, session: Session, if_none_match: IfNoneMatch = None) -> Response:
    """That an entry stands in the log (C2SP tlog-proof under the newest checkpoint)."""
    note, path, changed_at = await proving.inclusion(session, here, index)
    body = log.format_proof(index, path, note).encode()
    return keepable(body, TEXT, if_none_match, changed_at=changed_at, headers=OPEN)


@router.get("/log/consistency", responses=ERRORS(404, 422))
async def read_consistency(
    session: Session, response: Response, old: Annotated[int, Query(alias="from", ge=1, le=BIG)]
) -> ConsistencyOut:
    """That the log of `from` entries is the beginning of today's."""
    size, path = await proving.consistency(session, old)
    response.headers.update(OPEN)
    return ConsistencyOut(old=old, new=size, path=[base64.b64encode(each).decode() for each in path])


@router.get("/log/entries", responses=ERRORS(404, 422))
async def read_entries(
    session: Session,
    response: Response,
    start: Annotated[int, Query(ge=0, le=BIG)] = 0,
    end: Annotated[int, Query(ge=0, le=BIG)] = BIG,
) -> EntriesOut:
    """Leaf hashes for whoever mirrors the log, at most 1,000 at a time."""
    head = await proving.newest(session)
    first, last = min(start, head.size), min(end, head.size, start + PAGE)
    leaves = await queries.some_leaves(session, first, last)
    response.headers.update(OPEN)
    return EntriesOut(
        start=first,
        end=first + len(leaves),
        size=head.size,
        leaves=[base64.b64encode(each).decode() for each in leaves],
    )


@router.get("/c/{certificate_id}.json", response_class=Response, responses=documented("application/json", 404))
async def read_file(
    held: PublicCertificate,
    here: Here,
    session: Session,
    accept: Annotated[str, Header(max_length=1_000)] = "",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The file that proves a certificate without us; with `Accept: application/vc+json` the bare credential."""
    row = held.certificate
    if VC in accept:
        vary = {"Vary": "Accept"}
        return keepable_json(row.document, if_none_match, changed_at=row.issued_at, media_type=VC, headers=vary)
    proof = await proving.prove(session, here, row)
    headers = {"Vary": "Accept", "Content-Disposition": f'attachment; filename="certificate-{row.id}.json"'}
    return keepable_json(proof.bundle, if_none_match, changed_at=proof.changed_at, headers=headers)


@router.get("/c/{certificate_id}/refresh", response_class=Response, responses=documented(VC, 404, 410))
async def read_newest(held: PublicCertificate, session: Session, if_none_match: IfNoneMatch = None) -> Response:
    """The newest version of a certificate, as its `refreshService` promises (1EdTechCredentialRefresh; VCDM 2.0 section 5.4):
    what renewed it, or itself. Ask once, after its own proof was checked, and check the proof of the answer.
    """
    newest = await succession.newest(session, held.certificate)
    return keepable_json(newest.document, if_none_match, changed_at=newest.issued_at, media_type=VC)
