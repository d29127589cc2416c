"""The VC-API (W3C CCG): issue, verify, statuses. For conformance suites and for programs; off unless a token is set."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from credentials.canonical import JsonObject, load
from credentials.errors import CredentialError
from credentials.vcdm.check import Problem, Verdict, problem
from credentials.vcdm.proofs import SUITES
from exam_api.badges.access import VcApi, VcApiOn
from exam_api.badges.service import issuing
from exam_api.errors import NotFound
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS, MEDIA_TYPE

router = APIRouter(prefix="/vc-api", tags=["vc-api"])
MAX_BODY = 512 * 1024
OBJECT: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
BODY = {"requestBody": {"required": True, "content": OBJECT}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "OK", "content": OBJECT},
    400: {
        "description": "Refused, with the standard's name for why",
        "content": {MEDIA_TYPE: OBJECT["application/json"]},
    },
    **ERRORS(401, 404, 413, 429),
}
ISSUED: dict[int | str, dict[str, Any]] = {
    201: {"description": "Issued", "content": OBJECT},
    **{each: ANSWERS[each] for each in (400, 401, 404, 413, 429)},
}


@router.get("", dependencies=[VcApiOn], responses=ERRORS(404))
async def describe(here: Here) -> dict[str, Any]:
    """Who issues here, and how."""
    return {
        "issuer": issuing.issuer(here),
        "cryptosuites": list(SUITES),
        "statusList": issuing.status_url(here),
    }


@router.post(
    "/credentials/issue",
    dependencies=[VcApi],
    response_class=JSONResponse,
    responses=ISSUED,
    openapi_extra=BODY,
    status_code=201,
)
async def issue(request: Request, here: Here, session: Session, now: Now, chance: Chance) -> JSONResponse:
    """Sign a credential with the VC-API's own key."""
    try:
        made = await issuing.issue(session, here, await _body(request), now, chance)
    except CredentialError as error:
        return _refused(problem(error))
    return JSONResponse({"verifiableCredential": made}, 201)


@router.post(
    "/credentials/verify", dependencies=[VcApi], response_class=JSONResponse, responses=ANSWERS, openapi_extra=BODY
)
async def verify(request: Request, here: Here, session: Session, now: Now) -> JSONResponse:
    """What a credential proves."""
    try:
        return _verdict(await issuing.verify(session, here, await _body(request), now))
    except CredentialError as error:
        return _refused(problem(error))


@router.post(
    "/presentations/verify", dependencies=[VcApi], response_class=JSONResponse, responses=ANSWERS, openapi_extra=BODY
)
async def verify_presentation(request: Request, here: Here, now: Now) -> JSONResponse:
    """What a presentation proves, with every credential in it."""
    try:
        return _verdict(await issuing.verify_presentation(here, await _body(request), now))
    except CredentialError as error:
        return _refused(problem(error))


@router.post(
    "/credentials/status", dependencies=[VcApi], response_class=Response, responses=ANSWERS, openapi_extra=BODY
)
async def set_status(request: Request, session: Session, now: Now) -> Response:
    """Revoke a credential that was issued here, or take that back."""
    try:
        await issuing.set_status(session, await _body(request), now)
    except CredentialError as error:
        return _refused(problem(error))
    return Response(status_code=200)


@router.get(
    "/status/{number}",
    dependencies=[VcApiOn],
    response_class=JSONResponse,
    responses={200: ANSWERS[200], **ERRORS(404, 422)},
)
async def read_status(number: int, here: Here, session: Session, now: Now) -> JSONResponse:
    """The status list of what was issued here, signed now."""
    if number != issuing.STATUS_LIST:
        raise NotFound
    made = await issuing.status_list(session, here, now)
    return JSONResponse(made, headers={"Cache-Control": "public, max-age=60"}, media_type="application/vc+json")


async def _body(request: Request) -> JsonObject:
    return await run_in_threadpool(load, await request.body(), MAX_BODY)


def _verdict(found: Verdict) -> JSONResponse:
    """200 with what was looked at, or 400 with the first thing that is wrong as the problem."""
    said = {
        "verified": found.verified,
        "checks": list(found.checks),
        "warnings": [_detail(each) for each in found.warnings],
        "errors": [_detail(each) for each in found.errors],
    }
    return JSONResponse(said) if found.verified else _refused(found.errors[0], **said)


def _refused(found: Problem, **more: Any) -> JSONResponse:
    body = {**_detail(found), "status": 400, **({"errors": [_detail(found)]} | more)}
    return JSONResponse(body, 400, media_type=MEDIA_TYPE)


def _detail(found: Problem) -> dict[str, str]:
    return {"type": found.code, "title": found.code.rpartition("#")[2], "detail": found.detail}
