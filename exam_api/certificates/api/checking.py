"""Checking certificates by program: one file, one address, or a table of a thousand. No account is needed."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import TypeAdapter, ValidationError

from credentials.canonical import load
from credentials.errors import CredentialError
from exam_api.accounts.access import Visit
from exam_api.certificates.access import Checking, CheckingTable, PublicCertificate, find_public
from exam_api.certificates.schemas import MAX_UPLOAD, AddressIn, CheckedOut, EmbedOut, ManyIn, ManyOut, ReportOut
from exam_api.certificates.service import holding, many, proving, tables
from exam_api.certificates.service.keepable import OPEN
from exam_api.errors import Invalid
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["certificates"])
NOT_ROWS = _(
    'Send CSV as text/csv, or JSON such as {"rows": [{"address": "…", "name": "…"}]}, with at most 1,000 rows.'
)
EXAMPLE_CSV = (
    "address,name,achievement\n"
    "https://exams.example/c/0b7c9d5e-3c1a-4d8e-9f21-6a54c2f7b310,Ada Lovelace,Statistics I\n"
    "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d,Emmy Noether,\n"
)
EXAMPLE_ROWS = {
    "rows": [
        {"address": "https://exams.example/c/0b7c9d5e-3c1a-4d8e-9f21-6a54c2f7b310", "name": "Ada Lovelace"},
        {"address": "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"},
    ]
}
_ROW = {
    "type": "object",
    "required": ["address"],
    "properties": {name: {"type": "string", "maxLength": 500} for name in ("address", "name", "achievement")},
    "additionalProperties": False,
}
ROWS: dict[str, Any] = {
    "type": "object",
    "required": ["rows"],
    "properties": {"rows": {"type": "array", "minItems": 1, "maxItems": 1_000, "items": _ROW}},
    "additionalProperties": False,
}
_MANY = TypeAdapter(ManyIn)
_ONE = TypeAdapter(AddressIn)


async def _body(request: Request, most: int, said: str) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > most:
            raise Invalid(said)
    return bytes(content)


@router.post(
    "/verify",
    dependencies=[Checking],
    responses=ERRORS(422, 429, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object"},
                    "examples": {
                        "file": {
                            "summary": "A certificate's file as it is",
                            "value": {"format": "invigil-certificate/1", "credential": {}},
                        },
                        "address": {
                            "summary": "An address or a number",
                            "value": {"address": "https://exams.example/c/0b7c9d5e-3c1a-4d8e-9f21-6a54c2f7b310"},
                        },
                    },
                },
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
)
async def verify(request: Request, visitor: Visit, here: Here, session: Session, now: Now) -> ReportOut | CheckedOut:
    """Verify a certificate of at most 4 MB, ours or another issuer's: its file, the bare credential, a picture or a PDF that
    carries one. It is recognised by its bytes. Nothing is kept. `{"address": "…"}` instead asks for one of ours by its
    address or number; nothing is fetched from anywhere. At most 600 in five minutes from one address; for more there are tables.
    """
    content = await _body(request, MAX_UPLOAD, proving.TOO_LARGE)
    asked = _address(content)
    if asked is not None:
        return (await many.check(session, here, [(1, asked)], now)).rows[0]
    sent = await proving.look(here, content, visitor.address, now)
    found, _ = await proving.check(session, here, sent, now)
    return found


def _address(content: bytes) -> AddressIn | None:
    """A body that asks for an address. No certificate has a member of that name at its top."""
    if not content.lstrip().startswith(b"{") or b'"address"' not in content or len(content) > 8_000:
        return None
    try:
        document = load(content, 8_000)
    except CredentialError:
        return None
    try:
        return _ONE.validate_python(document) if set(document) <= set(AddressIn.model_fields) else None
    except ValidationError as error:
        raise Invalid(str(error.errors()[0]["msg"])) from error


@router.get("/certificates/{certificate_id}/report", responses=ERRORS(404))
async def read_certificate_report(held: PublicCertificate, here: Here, session: Session, now: Now) -> ReportOut:
    """What a certificate proves now, each fact apart. The same as `/api/certificates/{certificate_id}`."""
    return await proving.report(await proving.prove(session, here, held.certificate), now)


@router.get("/oembed", dependencies=[Checking], responses=ERRORS(404, 422, 429))
async def read_oembed(
    session: Session,
    here: Here,
    response: Response,
    url: Annotated[str, Query(max_length=500)] = "",
    _form: Annotated[Literal["json"], Query(alias="format")] = "json",
) -> EmbedOut:
    """How another page may show a certificate of ours by its address (oembed.com, version 1.0; JSON alone): the seal."""
    held = await find_public(session, holding.number_of(here, url))
    response.headers.update(OPEN)
    return holding.shown_elsewhere(here, held.certificate)


@router.post(
    "/verify/many",
    dependencies=[CheckingTable],
    response_model=ManyOut,
    responses={
        200: {"description": "One result for each row", "content": {"text/csv": {"schema": {"type": "string"}}}},
        **ERRORS(422, 429),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {"schema": {"type": "string"}, "example": EXAMPLE_CSV},
                "application/json": {
                    "schema": ROWS,
                    "example": EXAMPLE_ROWS,
                },
            },
        }
    },
)
async def verify_many(
    request: Request,
    here: Here,
    session: Session,
    now: Now,
    content_type: Annotated[str, Header(max_length=200)] = "",
    accept: Annotated[str, Header(max_length=1_000)] = "",
) -> ManyOut | Response:
    """Check up to 1,000 certificates of ours by address or number, as CSV or JSON; with `Accept: text/csv` the answer is CSV.

    Names and achievements that you expect are compared: without regard to case and spaces, accents count. Nothing is kept and
    nothing is fetched from anywhere. At most 20 tables in five minutes from one address.
    """
    content = await _body(request, tables.MAX_BYTES, tables.TOO_LARGE.format(size=1))
    rows = _rows(content) if "json" in content_type else await asyncio.to_thread(many.read_table, content)
    found = await many.check(session, here, rows, now)
    if "text/csv" in accept:
        return Response(many.as_csv(found), media_type="text/csv; charset=utf-8")
    return found


def _rows(content: bytes) -> list[tuple[int, AddressIn]]:
    try:
        body = _MANY.validate_json(content)
    except ValidationError as error:
        raise Invalid(NOT_ROWS) from error
    return list(enumerate(body.rows, start=1))
