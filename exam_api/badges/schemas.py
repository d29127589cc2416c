"""What apps may ask for, in the protocols' words and in those for a person; shapes that travel."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from exam_api.web.i18n import _

_SCOPE = "https://purl.imsglobal.org/spec/ob/v3p0/scope/"
READ, WRITE = f"{_SCOPE}credential.readonly", f"{_SCOPE}credential.upsert"
PROFILE, UPDATE = f"{_SCOPE}profile.readonly", f"{_SCOPE}profile.update"
OFFLINE = "offline_access"
SCOPES: Mapping[str, str] = {
    READ: _(
        "see your certificates: those from here, with your name, your results and their dates, and those from elsewhere"
    ),
    WRITE: _("put certificates from elsewhere here, and put newer ones in their place"),
    PROFILE: _("see your name and your e-mail address"),
    UPDATE: _(
        "write a link, a telephone number, a description and a picture into your profile; not your name or e-mail address"
    ),
    OFFLINE: _("go on while you are away, until you end it or do not use it for 90 days"),
}
MAX_CREDENTIAL = 256 * 1024  # bytes of a certificate that an app may put here
MAX_HELD = 200  # of them, for one person
MAX_PAGE = 100  # certificates in one answer
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)  # PKCE, RFC 7636 section 4.1
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class OAuthRefused(Exception):
    """A refusal in the protocol's own words (RFC 6749 section 5.2, RFC 7591 section 3.2.2)."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status

    def as_json(self) -> dict[str, str]:
        return {"error": self.code, "error_description": self.description}


@dataclass(frozen=True)
class Granted:
    """What a token stands for: a person's consent to an app, for these scopes."""

    user_id: UUID
    name: str
    email: str
    app_id: UUID
    consent_id: UUID
    scopes: frozenset[str]


@dataclass(frozen=True)
class ConnectedOut:
    """An app that may read or write, as its person sees it."""

    id: UUID
    name: str
    host: str
    scopes: tuple[str, ...]
    given_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class HeldOut:
    """A certificate of another issuer, as its person sees it."""

    id: UUID
    name: str
    issuer: str
    app: str | None
    received_at: datetime
