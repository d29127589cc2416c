"""A certificate as a picture or on paper, for whoever has its address."""

import asyncio
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request, Response

from exam_api.certificates.access import PublicCertificate
from exam_api.certificates.service import downloads, proving
from exam_api.certificates.service.downloads import File
from exam_api.certificates.service.keepable import OPEN, keepable
from exam_api.web.context import language_of, say
from exam_api.web.deps import Here, Session
from exam_api.web.problems import ERRORS

router = APIRouter(tags=["public"])
IfNoneMatch = Annotated[str | None, Header(max_length=1_000)]
KINDS = ("image/png", "image/svg+xml", "application/pdf", "text/html", "application/zip")
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {kind: {"schema": {"type": "string"}} for kind in KINDS}},
    304: {"description": "What you have still holds"},
    **ERRORS(404),
}


@router.get("/c/{certificate_id}.{kind}", response_class=Response, responses=BYTES)
async def read_download(
    request: Request,
    held: PublicCertificate,
    kind: Literal["png", "svg", "pdf", "html", "zip"],
    here: Here,
    session: Session,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The seal with the certificate baked in (PNG, SVG; Open Badges 3.0), a page with the whole proof attached (PDF), one
    file that checks itself in any browser, without us and without a network (HTML), or all of it in a folder (ZIP).
    """
    row = held.certificate
    if kind in {"png", "svg"}:
        made, changed = partial(downloads.picture, row, kind), row.issued_at
    else:
        proof = await proving.prove(session, here, row)
        words = (language_of(request), partial(say, request))
        made = {
            "pdf": partial(downloads.paper, here, row, proof.bundle, *words),
            "html": partial(downloads.page, row, proof.bundle, *words),
            "zip": partial(downloads.folder, row, proof, *words),
        }[kind]
        changed = proof.changed_at
    file: File = await asyncio.to_thread(made)  # drawing takes some 100 ms
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', **OPEN}
    if kind in {"pdf", "html", "zip"}:
        headers["Vary"] = "Accept-Language, Cookie"
    return keepable(file.content, file.media_type, if_none_match, changed_at=changed, headers=headers)
