"""The service description that an app asks for first (Open Badges 3.0, section 7.1): a profiled OpenAPI 3.0 document."""

from typing import Any

from exam_api.badges.schemas import MAX_PAGE, PROFILE, READ, SCOPES, UPDATE, WRITE
from exam_api.installation import Installation

ROOT = "/ims/ob/v3p0"
_JSON = "application/json"
STATUS_INFO: dict[str, Any] = {
    "type": "object",
    "required": ["imsx_codeMajor", "imsx_severity"],
    "properties": {
        "imsx_codeMajor": {"type": "string", "enum": ["failure", "processing", "success", "unsupported"]},
        "imsx_severity": {"type": "string", "enum": ["error", "status", "warning"]},
        "imsx_description": {"type": "string"},
        "imsx_codeMinor": {
            "type": "object",
            "required": ["imsx_codeMinorField"],
            "properties": {
                "imsx_codeMinorField": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["imsx_codeMinorFieldName", "imsx_codeMinorFieldValue"],
                        "properties": {
                            "imsx_codeMinorFieldName": {"type": "string"},
                            "imsx_codeMinorFieldValue": {"type": "string"},
                        },
                    },
                }
            },
        },
    },
}


def describe(here: Installation) -> dict[str, Any]:
    """The document for this installation."""
    base = here.public_url.rstrip("/")
    privacy, terms = f"{base}/help", f"{base}/help"
    return {
        "openapi": "3.0.3",
        "info": {
            "title": here.issuer_name,
            "version": "3.0",
            "description": "Open Badges 3.0: certificates of the person who lets an app in.",
            "termsOfService": terms,
            "x-imssf-privacyPolicyUrl": privacy,
        },
        "servers": [{"url": f"{base}{ROOT}"}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "OAuth2ACG": {
                    "type": "oauth2",
                    "description": "OAuth 2.0 authorization code with PKCE (S256); client_secret_basic at the token endpoint",
                    "x-imssf-name": here.issuer_name,
                    "x-imssf-privacyPolicyUrl": privacy,
                    "x-imssf-registrationUrl": f"{base}/oauth/register",
                    "x-imssf-revocationUrl": f"{base}/oauth/revoke",
                    "x-imssf-termsOfServiceUrl": terms,
                    "flows": {
                        "authorizationCode": {
                            "authorizationUrl": f"{base}/oauth/authorize",
                            "tokenUrl": f"{base}/oauth/token",
                            "refreshUrl": f"{base}/oauth/token",
                            "scopes": {name: f"May {said}." for name, said in SCOPES.items()},
                        }
                    },
                }
            },
            "schemas": {
                "AchievementCredential": {
                    "type": "object",
                    "required": ["@context", "type", "issuer", "credentialSubject"],
                },
                "CompactJws": {"type": "string", "pattern": r"^[a-zA-Z0-9_-]+\.[a-zA-Z0-9_-]*\.[a-zA-Z0-9_-]+$"},
                "GetOpenBadgeCredentialsResponse": {
                    "type": "object",
                    "properties": {
                        "credential": {"type": "array", "items": _ref("AchievementCredential")},
                        "compactJwsString": {"type": "array", "items": _ref("CompactJws")},
                    },
                },
                "Profile": {"type": "object", "required": ["@context", "id", "type"]},
                "Imsx_StatusInfo": STATUS_INFO,
            },
        },
    }


def _paths() -> dict[str, Any]:
    either = {_JSON: {"schema": _ref("AchievementCredential")}, "text/plain": {"schema": _ref("CompactJws")}}
    profile = {_JSON: {"schema": _ref("Profile")}}
    page = {
        "description": "A page of certificates",
        "content": {_JSON: {"schema": _ref("GetOpenBadgeCredentialsResponse")}},
    }
    page["headers"] = {name: {"schema": {"type": "string"}} for name in ("X-Total-Count", "Link")}
    return {
        "/credentials": {
            "get": {
                **_operation("getCredentials", READ, {"200": page}),
                "parameters": [
                    _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}),
                    _parameter("offset", {"type": "integer", "minimum": 0}),
                    _parameter("since", {"type": "string", "format": "date-time"}),
                ],
            },
            "post": {
                **_operation(
                    "upsertCredential",
                    WRITE,
                    {
                        "200": {"description": "Replaced", "content": either},
                        "201": {"description": "Created", "content": either},
                    },
                ),
                "requestBody": {"required": True, "content": either},
            },
        },
        "/profile": {
            "get": _operation("getProfile", PROFILE, {"200": {"description": "The profile", "content": profile}}),
            "put": {
                **_operation("putProfile", UPDATE, {"200": {"description": "The profile", "content": profile}}),
                "requestBody": {"required": True, "content": profile},
            },
        },
    }


def _operation(name: str, scope: str, answers: dict[str, Any]) -> dict[str, Any]:
    refusal = {"description": "Refused", "content": {_JSON: {"schema": _ref("Imsx_StatusInfo")}}}
    refusals = dict.fromkeys(("400", "401", "403", "default"), refusal)
    return {"operationId": name, "security": [{"OAuth2ACG": [scope]}], "responses": {**answers, **refusals}}


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
