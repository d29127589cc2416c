"""What wallets ask for: OpenID for Verifiable Credential Issuance 1.0, SD-JWT VC issuer keys, type and status list."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from credentials.canonical import load
from credentials.errors import Malformed
from credentials.forms import wallet
from credentials.forms.wallet import WalletRefused
from credentials.revocation import token_status
from exam_api.certificates.service import institution, wallets
from exam_api.certificates.service.keepable import OPEN, keepable_json
from exam_api.errors import NotFound
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(tags=["wallets"])
IfNoneMatch = Annotated[str | None, Header(max_length=1_000)]
JSON: dict[int | str, dict[str, Any]] = {
    200: {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}},
    304: {"description": "What you have still holds"},
}
REFUSAL = {
    "description": "A refusal in the protocol's own words (RFC 6749 section 5.2)",
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
STATUS = f"application/{token_status.TYP}"
NOT_KEPT = {"Cache-Control": "no-store", **OPEN}
MAX_BODY = 64 * 1024


@router.get("/.well-known/openid-credential-issuer", response_class=Response, responses=JSON)
async def read_issuer(here: Here, if_none_match: IfNoneMatch = None) -> Response:
    """What a wallet can get here, and how."""
    by = wallets.issued_by(here)
    return keepable_json(wallet.issuer_metadata(by.issuer, here.issuer_name, by.vct), if_none_match, seconds=300)


@router.get("/.well-known/oauth-authorization-server", response_class=Response, responses=JSON)
async def read_server(here: Here, if_none_match: IfNoneMatch = None) -> Response:
    """Where a wallet gets its token."""
    return keepable_json(wallet.server_metadata(institution.base(here)), if_none_match, seconds=300)


@router.get("/.well-known/jwt-vc-issuer", response_class=Response, responses=JSON)
async def read_keys(here: Here, if_none_match: IfNoneMatch = None) -> Response:
    """The key that signs what wallets carry."""
    found = wallet.issuer_keys(institution.base(here), here.keyring.wallet.public)
    return keepable_json(found, if_none_match, seconds=300)


@router.get("/types/certificate", response_class=Response, responses=JSON)
async def read_type(here: Here, if_none_match: IfNoneMatch = None) -> Response:
    """What the claims of a certificate in a wallet mean."""
    found = wallet.type_metadata(wallets.issued_by(here).vct, here.issuer_name)
    return keepable_json(found, if_none_match, seconds=300)


@router.get(
    "/status/wallet/{number}",
    response_class=Response,
    responses={
        200: {"description": "The signed list", "content": {STATUS: {"schema": {"type": "string"}}}},
        **ERRORS(404, 422),
    },
)
async def read_status(number: int, here: Here, session: Session, now: Now) -> Response:
    """The status of all certificates, signed now (Token Status List). Asking names nobody."""
    if number != institution.STATUS_LIST:
        raise NotFound
    token = await wallets.status_list(session, here, now)
    return Response(token, media_type=STATUS, headers={"Cache-Control": "public, max-age=60", **OPEN})


@router.post(
    "/wallet/token",
    response_class=JSONResponse,
    responses={200: JSON[200], 400: REFUSAL},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}},
        }
    },
)
async def exchange(request: Request, here: Here, session: Session, now: Now, chance: Chance) -> JSONResponse:
    """A token for the code of an offer (RFC 6749 with the pre-authorized code grant)."""
    form = await request.form(max_files=0, max_fields=20)
    said = {name: value for name, value in form.items() if isinstance(value, str)}
    try:
        return JSONResponse(await wallets.exchange(session, here, said, now, chance), headers=NOT_KEPT)
    except WalletRefused as error:
        return JSONResponse(error.as_json(), 400, headers=NOT_KEPT)


@router.post("/wallet/nonce", response_class=JSONResponse, responses={200: JSON[200]})
async def read_nonce(here: Here, now: Now) -> JSONResponse:
    """A fresh value for the wallet's proof."""
    return JSONResponse({"c_nonce": here.keyring.nonces.current(now)}, headers=NOT_KEPT)


@router.post(
    "/wallet/credential",
    response_class=JSONResponse,
    responses={200: JSON[200], 400: REFUSAL, 401: REFUSAL, **ERRORS(413)},
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def issue(
    request: Request,
    here: Here,
    session: Session,
    now: Now,
    chance: Chance,
    authorization: Annotated[str, Header(max_length=2_000)] = "",
) -> JSONResponse:
    """The certificate, bound to the wallet's key."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        refused = WalletRefused("invalid_token", "the request needs the token of the token endpoint")
        return _refused(refused)
    try:
        body = await run_in_threadpool(load, await request.body(), MAX_BODY)
        return JSONResponse(await wallets.issue(session, here, token.strip(), body, now, chance), headers=NOT_KEPT)
    except Malformed as error:
        return _refused(WalletRefused("invalid_credential_request", str(error)))
    except WalletRefused as error:
        return _refused(error)


def _refused(error: WalletRefused) -> JSONResponse:
    unknown = error.code == "invalid_token"
    headers = {**NOT_KEPT, **({"WWW-Authenticate": f'Bearer error="{error.code}"'} if unknown else {})}
    return JSONResponse(error.as_json(), 401 if unknown else 400, headers=headers)
