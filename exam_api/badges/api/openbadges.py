"""The Open Badges 3.0 API as a Host: discovery, certificates, profile. Refusals are Imsx_StatusInfo, as the standard asks."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from credentials.canonical import load
from credentials.errors import Malformed
from exam_api.badges.access import ProfileReader, ProfileWriter, Reader, Writer
from exam_api.badges.schemas import MAX_CREDENTIAL, MAX_PAGE
from exam_api.badges.service import description, hosting, profiles
from exam_api.errors import ExamError, Invalid, status_of
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _

PAGE = 25  # certificates, where an app does not say how many it wants
JSON_TYPES = {"application/json", "application/ld+json", "application/vc+ld+json", "application/vc+json"}
TOKEN_TYPES = {"text/plain", "application/vc+jwt", "application/jwt"}
WRONG_TYPE = _("Send a certificate as application/json, or a signed token as text/plain.")
MINOR = {401: "unauthorisedrequest", 403: "forbidden", 404: "unknownobject", 429: "server_busy", 503: "server_busy"}
INFO: dict[str, Any] = {
    "description": "Refused (Imsx_StatusInfo)",
    "content": {"application/json": {"schema": description.STATUS_INFO}},
}
OBJECT: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "OK", "content": OBJECT},
    **dict.fromkeys((400, 401, 403), INFO),
}
BODY = {"requestBody": {"required": True, "content": OBJECT}}


class ImsxRoute(APIRoute):
    """Says every refusal in the words of 1EdTech's status information."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As any route; its own handlers come before the application's, and like those after the rollback."""
        handlers, by_status = scope["starlette.exception_handlers"]
        await super().handle(
            {**scope, "starlette.exception_handlers": ({**handlers, **WORDS}, by_status)}, receive, send
        )


router = APIRouter(prefix=description.ROOT, tags=["open badges"], route_class=ImsxRoute)


def _info(status: int, said: str, headers: dict[str, str] | None = None) -> JSONResponse:
    minor = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": MINOR.get(status, "invaliddata")}
    body = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": said,
        "imsx_codeMinor": {"imsx_codeMinorField": [minor]},
    }
    return JSONResponse(body, status, headers=headers)


async def _on_refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, ExamError)
    status = status_of(error)
    return _info(400 if status == 422 else status, str(error), error.headers)


async def _on_malformed(_: Request, error: Exception) -> Response:
    return _info(400, str(error))


async def _on_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _info(400, "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors()[:5]))


WORDS = {ExamError: _on_refusal, Malformed: _on_malformed, RequestValidationError: _on_invalid}


@router.get("/discovery", responses={200: ANSWERS[200]})
async def discover(here: Here) -> JSONResponse:
    """What is offered here and how to be let in."""
    return JSONResponse(description.describe(here), headers={"Cache-Control": "public, max-age=3600"})


@router.get("/credentials", response_class=JSONResponse, responses=ANSWERS)
async def read_credentials(
    granted: Reader,
    here: Here,
    session: Session,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = PAGE,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    since: datetime | None = None,
) -> JSONResponse:
    """The person's certificates, the newest first, a page at a time."""
    if since is not None and since.tzinfo is None:
        raise Malformed("since needs its time zone, as in 2027-03-01T10:42:07Z")
    page = await hosting.page(session, here, granted.user_id, limit, offset, since)
    return JSONResponse(page.as_json(), headers={"X-Total-Count": str(page.total), "Link": page.links})


@router.post(
    "/credentials",
    response_class=Response,
    responses={**ANSWERS, 201: ANSWERS[200]},
    openapi_extra={
        "requestBody": {"required": True, "content": {**OBJECT, "text/plain": {"schema": {"type": "string"}}}}
    },
)
async def put_credential(request: Request, granted: Writer, here: Here, session: Session, now: Now) -> Response:
    """Keep a certificate from elsewhere, or put a newer one in its place. What was sent is the answer, byte for byte."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in JSON_TYPES | TOKEN_TYPES:
        raise Invalid(WRONG_TYPE)
    content = await request.body()
    new = await hosting.upsert(session, here, granted, content, "jwt" if media in TOKEN_TYPES else "json", now)
    return Response(
        content, 201 if new else 200, media_type="text/plain" if media in TOKEN_TYPES else "application/json"
    )


@router.get("/profile", response_class=JSONResponse, responses=ANSWERS)
async def read_profile(granted: ProfileReader, session: Session) -> JSONResponse:
    """The person's name and e-mail address, and what apps have written beside them."""
    return JSONResponse(await profiles.read(session, granted))


@router.put("/profile", response_class=JSONResponse, responses=ANSWERS, openapi_extra=BODY)
async def put_profile(request: Request, granted: ProfileWriter, session: Session, now: Now) -> JSONResponse:
    """Write beside the person's name and e-mail address, which stay as the account has them."""
    sent = await run_in_threadpool(load, await request.body(), MAX_CREDENTIAL)
    return JSONResponse(await profiles.write(session, granted, sent, now))
