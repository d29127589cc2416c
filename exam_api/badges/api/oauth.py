"""OAuth 2.0 for apps: registration, tokens, revocation. The page where a person agrees stands in `badges.pages`."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from credentials.canonical import load
from credentials.errors import Malformed
from exam_api.accounts.access import Visit
from exam_api.accounts.service import throttle
from exam_api.badges.access import Authorization
from exam_api.badges.schemas import OAuthRefused
from exam_api.badges.service import registering, tokens
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/oauth", tags=["apps"])
MAX_METADATA = 16 * 1024
NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
OBJECT: dict[str, Any] = {"schema": {"type": "object"}}
OK: dict[str, Any] = {"description": "OK", "content": {"application/json": OBJECT}}
REFUSAL: dict[str, Any] = {
    "description": "A refusal in the protocol's own words",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error"],
                "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
            }
        }
    },
}
JSON_BODY = {"requestBody": {"required": True, "content": {"application/json": OBJECT}}}
FORM = {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": OBJECT}}}


@router.post(
    "/register",
    status_code=201,
    response_class=JSONResponse,
    responses={201: OK, 400: REFUSAL, **ERRORS(413, 429)},
    openapi_extra=JSON_BODY,
)
async def register(
    request: Request, visitor: Visit, here: Here, session: Session, now: Now, chance: Chance
) -> JSONResponse:
    """An app makes itself known (RFC 7591). Nobody is thereby let in: each person is asked."""
    await throttle.admit(here, [throttle.register_door(here, visitor.address)], now)
    try:
        metadata = await run_in_threadpool(load, await request.body(), MAX_METADATA)
        made = await registering.register(session, here, metadata, now, chance)
    except Malformed as error:
        return _refused(OAuthRefused("invalid_client_metadata", str(error)))
    except OAuthRefused as error:
        return _refused(error)
    return JSONResponse(made, 201, headers=NOT_KEPT)


@router.post(
    "/token",
    response_class=JSONResponse,
    responses={200: OK, 400: REFUSAL, 401: REFUSAL, **ERRORS(413, 429)},
    openapi_extra=FORM,
)
async def exchange(
    request: Request,
    visitor: Visit,
    here: Here,
    session: Session,
    now: Now,
    chance: Chance,
    authorization: Authorization = "",
) -> JSONResponse:
    """A token for a code or a refresh token (RFC 6749)."""
    await throttle.admit(here, [throttle.token_door(here, visitor.address)], now)
    try:
        app = await tokens.authenticate(session, authorization)
        return JSONResponse(await tokens.exchange(session, app, await _form(request), now, chance), headers=NOT_KEPT)
    except OAuthRefused as error:
        return _refused(error)  # answered, not raised: what a second use of a code ended stays ended


@router.post(
    "/revoke",
    response_class=Response,
    responses={200: {"description": "It is good no more"}, 400: REFUSAL, 401: REFUSAL, **ERRORS(413, 429)},
    openapi_extra=FORM,
)
async def revoke(
    request: Request, visitor: Visit, here: Here, session: Session, now: Now, authorization: Authorization = ""
) -> Response:
    """An app gives a token back (RFC 7009)."""
    await throttle.admit(here, [throttle.token_door(here, visitor.address)], now)
    try:
        app = await tokens.authenticate(session, authorization)
        await tokens.revoke(session, app, await _form(request), now)
    except OAuthRefused as error:
        return _refused(error)
    return Response(headers=NOT_KEPT)


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of the form. Raises `OAuthRefused` for one that comes twice (RFC 6749 section 3.2)."""
    form = await request.form(max_files=0, max_fields=20)
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    if len(dict(pairs)) != len(pairs):
        raise OAuthRefused("invalid_request", "a field comes twice")
    return dict(pairs)


def _refused(error: OAuthRefused) -> JSONResponse:
    more = {"WWW-Authenticate": 'Basic realm="apps"'} if error.status == 401 else {}
    return JSONResponse(error.as_json(), error.status, headers={**NOT_KEPT, **more})
