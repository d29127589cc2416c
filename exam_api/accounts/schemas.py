"""Accounts: shapes on the wire, and the words every layer shares."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from exam_api.web.i18n import _

# PostgreSQL keeps no NUL, and a control character in a name is never meant.
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
# With these, a name on a certificate would read as another one (Unicode Standard Annex 9, section 2).
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
Method = Literal["passkey", "password", "activation"]


class Role(StrEnum):
    """What an account may do. One account can have several."""

    candidate = "candidate"
    author = "author"
    instructor = "instructor"
    invigilator = "invigilator"
    operator = "operator"


@dataclass(frozen=True)
class Visitor:
    """The browser at the door: where it comes from, what it calls itself, the session it still carries."""

    address: str
    user_agent: str
    token: str | None


def plain_email(text: str) -> str:
    """One spelling per mailbox: NFC, lower-case, domain without punycode. Raises ValueError with a sentence."""
    try:
        # The reserved domains `.test` stay usable: they are what rehearsals and examples are for.
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return unicodedata.normalize("NFC", found.normalized.lower())


def _plain_name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(letter.isalpha() for letter in name):
        raise ValueError(_("A name has at least one letter."))
    if TURNING.intersection(name):
        raise ValueError(_("A name cannot hold a sign that turns the direction of the text around."))
    return name


Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=PRINTABLE),
    AfterValidator(plain_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 254}),
]
PersonName = Annotated[
    str, StringConstraints(min_length=1, max_length=120, pattern=PRINTABLE), AfterValidator(_plain_name)
]
Password = Annotated[str, StringConstraints(min_length=1, max_length=256)]
OneTimeCode = Annotated[str, StringConstraints(max_length=12, pattern=r"^[0-9 ]*$")]
Credential = Annotated[dict[str, Any], Field(description="A PublicKeyCredential as its `toJSON()` gives it.")]


class Shape(BaseModel):
    """Unknown members are refused: a misspelt one must not be silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- signing in ---
class CeremonyOut(Shape):
    """What the browser gives to its authenticator. `id` comes back with the answer."""

    id: UUID
    publicKey: dict[str, Any]  # noqa: N815  (the name WebAuthn gives it)


class PasskeySignIn(Shape):
    """An assertion for the ceremony `id`."""

    id: UUID
    credential: Credential


class PasswordSignIn(Shape):
    """The fallback: both, always."""

    email: Annotated[str, StringConstraints(max_length=254, pattern=PRINTABLE)]
    password: Password
    code: OneTimeCode


class CodeIn(Shape):
    """An activation code, as it was handed over."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class MeOut(Shape):
    """The account that is signed in. A person who has just used an activation code has no roles yet."""

    id: UUID
    name: str
    email: str
    roles: list[Role]
    locale: str | None
    method: Method
    signed_in_at: datetime


# --- ways in ---
class NewPasskey(Shape):
    """The attestation for the ceremony `id`, and the name its owner gives the passkey."""

    id: UUID
    credential: Credential
    label: PersonName = "Passkey"


class PasskeyOut(Shape):
    """A passkey; `backed_up` means that it is synchronised between devices."""

    id: UUID
    label: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


class PasswordOffer(Shape):
    """A new authenticator secret. `sealed` comes back with the first code; nothing is stored before that."""

    sealed: str
    secret: str
    uri: str


class NewPassword(Shape):
    """A password and the first code of the authenticator app."""

    sealed: Annotated[str, StringConstraints(max_length=500, pattern=PRINTABLE)]
    password: Annotated[str, StringConstraints(min_length=12, max_length=256)]
    code: OneTimeCode


class WaysInOut(Shape):
    """How an account can be entered."""

    passkeys: list[PasskeyOut]
    has_password: bool


# --- own devices, own data ---
class SessionOut(Shape):
    """One device that is signed in. `device` is what its browser says of itself, in short; it may be wrong."""

    id: UUID
    method: Method
    device: str
    user_agent: str
    created_at: datetime
    seen_at: datetime
    current: bool


class ProfileIn(Shape):
    """What a person may change about the account."""

    name: PersonName
    locale: Literal["en", "de"] | None


# --- accounts, for staff ---
class AccountIn(Shape):
    """A new account. It has no way in until its owner uses the activation code."""

    email: Email
    name: PersonName
    roles: Annotated[list[Role], Field(min_length=1, max_length=5)]


class CodeOut(Shape):
    """The code is shown this once; only its hash is kept."""

    id: UUID
    email: str
    code: str
    link: str
    expires_at: datetime


class RowIn(Shape):
    """One line of a list of people; checked line by line, so that one mistake does not stop the others."""

    email: Annotated[str, StringConstraints(max_length=1000)]
    name: Annotated[str, StringConstraints(max_length=1000)]


class ImportIn(Shape):
    """Many candidates at once."""

    rows: Annotated[list[RowIn], Field(min_length=1, max_length=2000)]


class RowOut(Shape):
    """What became of one line. `known`: the account was there before, and nothing was changed."""

    row: int
    email: str
    status: Literal["created", "known", "repeated", "wrong"]
    id: UUID | None = None
    code: str | None = None
    link: str | None = None
    problem: str | None = None


class ImportOut(Shape):
    """As many results as rows, in their order."""

    rows: list[RowOut]
    created: int


class AccountOut(Shape):
    """An account as staff see it."""

    id: UUID
    email: str
    name: str
    roles: list[Role]
    ways_in: int
    created_at: datetime
    disabled_at: datetime | None


class AccountsOut(Shape):
    """One page of accounts."""

    accounts: list[AccountOut]
    total: int
    page: int


class SearchIn(Shape):
    """Words to look for in names and e-mail addresses. In a body, because names do not belong into an address."""

    text: Annotated[str, StringConstraints(max_length=120, pattern=PRINTABLE)] = ""
    role: Role | None = None
    state: Literal["all", "active", "waiting", "off"] = "all"
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


class RolesIn(Shape):
    """The roles an account has from now on."""

    roles: Annotated[list[Role], Field(min_length=1, max_length=5)]


class StateIn(Shape):
    """Switch an account off (it keeps its data, and cannot sign in) or on again."""

    active: bool
