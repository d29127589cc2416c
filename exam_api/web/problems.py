"""One shape for every refusal: problem+json (RFC 9457) for programs, one page for people, the same words in both."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from asyncpg import PostgresError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from obstore.exceptions import BaseError as StoreError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from credentials.errors import SignerFailed
from exam_api.db.session import is_away, lost
from exam_api.errors import (
    DiskFull,
    ExamError,
    Invalid,
    NotFound,
    ServiceDown,
    SignerDown,
    StoreDown,
    TooLarge,
    TooSlow,
    code_of,
    status_of,
)
from exam_api.web.context import say, show
from exam_api.web.i18n import _
from exam_api.web.render import ErrorPage

log = logging.getLogger("exam_api")
DISK_FULL = "53100"  # SQLSTATE
ROLLED_BACK = "40"  # its class: a deadlock, or an isolation level that could not be kept. Asked again, it goes well
MEDIA_TYPE = "application/problem+json"
PHRASES = {
    404: NotFound(),
    405: Invalid(_("This address does not take that kind of request.")),
    408: TooSlow(),
    413: TooLarge(),
}

PROBLEM = {
    "title": "Problem",
    "description": "A refusal in words for a person (RFC 9457). `code` is the stable name for programs.",
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "reference": {"type": "string", "description": "Where to find this in our log, when the mistake is ours."},
    },
}


def problem(error: ExamError, reference: str | None = None) -> dict[str, Any]:
    """The RFC 9457 members of an error."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": status_of(error),
        "detail": str(error),
        "code": code_of(error),
        **error.extra,
    }
    return body | ({"reference": reference} if reference else {})


def ERRORS(*statuses: int) -> dict[int | str, dict[str, Any]]:  # noqa: N802  (reads as a table in a decorator)
    """OpenAPI entries for the refusals of an operation: the one problem shape."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"description": "Refused", "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses}


def _describe_problem(app: FastAPI) -> None:
    """Put the shape that `ERRORS` points to into the OpenAPI document."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = PROBLEM
        # Where a handler declares no 422 of its own, FastAPI describes a shape that we never answer with.
        for operation in (each for path in document["paths"].values() for each in path.values()):
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                operation["responses"]["422"] = ERRORS(422)[422]
            if "requestBody" in operation:
                operation["responses"] |= {str(status): entry for status, entry in ERRORS(408, 413).items()}
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI documents exactly this way to extend the document


async def on_signer_gone(request: Request, error: Exception) -> Response:
    """The key for certificates is kept elsewhere, and that does not answer."""
    log.error("certificates cannot be signed: %s", error)
    return respond(request, SignerDown(), headers={"Retry-After": "60"})


# What comes through where the database does not take a statement: the driver's own errors while connecting.
OF_DATABASE = (DBAPIError, PostgresError, PoolTimeout, OSError)


def of_database(error: Exception) -> ExamError | None:
    """What to say where the database could not work now; None where the statement itself was our mistake."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None) or ""
    if state.startswith(ROLLED_BACK):
        log.error("two transactions were in each other's way", exc_info=error)
        return ServiceDown()
    if not lost(error) if isinstance(error, DBAPIError) else isinstance(error, PostgresError) and not is_away(state):
        return None
    log.warning("the database does not answer: %s", type(error).__name__)
    return DiskFull() if state == DISK_FULL else ServiceDown()


def install(app: FastAPI) -> None:
    """Teach the app how each kind of failure looks from outside."""
    _describe_problem(app)

    async def on_exam_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, ExamError)
        return respond(request, error, headers=error.headers)

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        problems = [
            {"where": [str(part) for part in each["loc"]], "message": each["msg"]} for each in error.errors()[:50]
        ]
        return respond(request, Invalid(problems=problems))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        known = PHRASES.get(error.status_code, Invalid(str(error.detail)))
        # A body that is not even text comes as 400 from the framework; to whoever sent it that is one more `Invalid`.
        status = status_of(known) if error.status_code == 400 else error.status_code
        return respond(request, known, status=status, headers=dict(error.headers or {}))

    async def on_database_gone(request: Request, error: Exception) -> Response:
        said = of_database(error)
        return await on_bug(request, error) if said is None else respond(request, said, headers={"Retry-After": "2"})

    async def on_store_gone(request: Request, error: Exception) -> Response:
        log.error("the blob store does not take or give files: %s", error)
        return respond(request, StoreDown(), headers={"Retry-After": "60"})

    async def on_broken_off(request: Request, _: Exception) -> Response:
        return respond(request, TooSlow())  # nobody reads it: the other side has gone in the middle of a body

    async def on_bug(request: Request, error: Exception) -> Response:
        reference = secrets.token_hex(4)
        log.error("reference %s: %s", reference, type(error).__name__, exc_info=error)
        return respond(request, ExamError(_("We made a mistake. What was confirmed is kept.")), reference=reference)

    handlers: list[tuple[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]] = [
        (ExamError, on_exam_error),
        (RequestValidationError, on_invalid),
        (HTTPException, on_http),
        (StoreError, on_store_gone),
        (SignerFailed, on_signer_gone),
        (ClientDisconnect, on_broken_off),
        *((kind, on_database_gone) for kind in OF_DATABASE),
        (Exception, on_bug),
    ]
    for kind, handler in handlers:
        app.add_exception_handler(kind, handler)


def respond(
    request: Request,
    error: ExamError,
    *,
    status: int | None = None,
    headers: dict[str, str] | None = None,
    reference: str | None = None,
) -> Response:
    """JSON for programs (the API, or who does not ask for HTML), a page for people."""
    body = problem(error, reference) | ({"status": status} if status else {})
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return JSONResponse(_said(request, body), body["status"], headers=headers, media_type=MEDIA_TYPE)
    if body["status"] == 401 and request.method == "GET":
        return HTMLResponse("", 303, {"Location": f"/sign-in?next={quote(request.url.path)}"})
    said = "; ".join(each["message"] for each in body.get("problems", ()))
    page = ErrorPage(
        status=body["status"],
        title=body["title"],
        reference=reference or secrets.token_hex(4),
        detail=said or (body["detail"] if body["detail"] != body["title"] else None),
    )
    response = show(request, page, body["status"])
    response.headers.update(headers or {})
    return response


def _said(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """The words for a person in the language of the page that asked; codes and numbers stay (RFC 9457, 3.1.3)."""
    words: dict[str, Any] = {name: say(request, body[name]) for name in ("title", "detail")}
    if "problems" in body:
        words["problems"] = [each | {"message": say(request, each["message"])} for each in body["problems"]]
    return body | words
