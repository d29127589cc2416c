"""What travels about certificates. Reports keep signature, log, status and dates apart: none of them stands for another."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_DOCUMENT = 2**20  # bytes of the certificate in it
MAX_UPLOAD = 4 * 2**20  # bytes of a file to verify; ours has 12 KB as JSON, and up to 100 KB as a picture or PDF


class SignatureOut(BaseModel):
    """Whether every word was signed. `pinned`: by a key that this installation knows to be the issuer's."""

    outcome: Literal["proven", "failed", "unknown"]
    reason: str
    key: str | None
    method: str | None
    pinned: bool


class LogOut(BaseModel):
    """Whether it stands in the append-only log."""

    outcome: Literal["proven", "not proven", "absent"]
    reason: str
    origin: str | None
    size: int | None
    index: int | None
    pinned: bool
    witnesses: list[tuple[str, datetime]] = []
    announced: int | None = None


class AnchorOut(BaseModel):
    """One anchor outside of the log. `pinned`: by an authority or a block that this installation knows."""

    kind: str
    outcome: Literal["proven", "not proven", "unknown"]
    reason: str
    at: datetime | None
    pinned: bool
    size: int | None


class AnchorsOut(BaseModel):
    """Whether somebody outside of the log says since when the certificate stood in it. It takes no part in the verdict."""

    outcome: Literal["proven", "not proven", "absent"]
    reason: str
    anchors: list[AnchorOut]


class KeysOut(BaseModel):
    """Whether the log's history of the issuer's keys lets the key have signed at that number of the log."""

    outcome: Literal["proven", "failed", "absent"]
    reason: str
    size: int | None
    complete: bool


class StatusOut(BaseModel):
    """Whether it was revoked or is suspended, as the issuer's signed list said at `as_of`. `code`: the public reason."""

    outcome: Literal["valid", "revoked", "suspended", "unknown"]
    reason: str
    as_of: datetime | None
    code: str | None = None


class DatesOut(BaseModel):
    """Whether the moment asked about lies between its own dates."""

    outcome: Literal["valid", "not yet", "expired", "unknown"]
    reason: str
    valid_from: datetime | None
    valid_until: datetime | None


class HeldOut(BaseModel):
    """Something inside a record of another issuer. `state`: whether its own signature was looked at."""

    title: str
    issuer: str
    kind: Literal["achievement", "credential", "token"]
    state: Literal["in the record", "not checked", "proven", "not proven"]


class SummaryOut(BaseModel):
    """What the certificate says; absent unless its signature holds."""

    id: str
    title: str
    recipient: str
    issuer: str
    issuer_id: str
    achievement: str
    results: list[tuple[str, str]]
    valid_from: datetime
    valid_until: datetime | None
    status: tuple[str, int] | None
    assurance: Literal["locked-down", "monitored", "unmonitored"] | None
    instead_of: str | None
    refresh: str | None = None  # where its newest version is given out
    kind: str = ""
    held: list[HeldOut] = []


class DomainOut(BaseModel):
    """How the key hangs together with the internet domain that the issuer's identifier names. Nobody is asked here."""

    outcome: Literal["trusted", "proven", "claimed", "none"]
    reason: str
    domain: str | None


class ReportOut(BaseModel):
    """What a certificate proves now. `ours`: it names this installation as its issuer. `form`: how it was signed; `notices`:
    what is in it and was not looked at; `missing`: addresses of documents with which more could be told.
    """

    verdict: Literal["proven", "not proven", "revoked", "suspended", "expired"]
    sentence: str
    at: datetime
    signature: SignatureOut
    log: LogOut
    keys: KeysOut
    anchors: AnchorsOut
    status: StatusOut
    dates: DatesOut
    certificate: SummaryOut | None
    ours: bool
    domain: DomainOut | None = None
    form: str = ""
    notices: list[str] = []
    missing: list[str] = []


Outcome = Literal["proven", "not proven", "revoked", "suspended", "expired", "unknown", "other issuer", "unreadable"]


class AddressIn(BaseModel):
    """One certificate of ours by its address, its number or the text of a printed code; what is expected of it is compared."""

    model_config = ConfigDict(extra="forbid")

    address: Annotated[str, Field(min_length=1, max_length=500, examples=["https://exams.example/c/6f1b…"])]
    name: Annotated[str | None, Field(max_length=500, examples=["Ada Lovelace"])] = None
    achievement: Annotated[str | None, Field(max_length=500)] = None


class ManyIn(BaseModel):
    """Up to 1,000 certificates to check at once."""

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[AddressIn], Field(min_length=1, max_length=1_000)]


class CheckedOut(BaseModel):
    """What one row proves. `name_matches`: null where no name was expected, or nothing is proven to compare it with."""

    row: int
    asked: str
    outcome: Outcome
    sentence: str
    id: UUID | None = None
    url: str | None = None
    recipient: str | None = None
    title: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    name_matches: bool | None = None
    achievement_matches: bool | None = None
    status_as_of: datetime | None = None
    log_index: int | None = None
    witnesses: int = 0


class ManyOut(BaseModel):
    """One result for each row, in their order, as of `at`. Nothing of it is kept. `proves_not`: what no row proves."""

    at: datetime
    counts: dict[Outcome, int]
    proves_not: list[str]
    rows: list[CheckedOut]


class FoundOut(BaseModel):
    """A certificate whose holder lets it be found by name."""

    id: UUID
    url: str
    recipient: str
    title: str
    issued_at: datetime
    valid_until: datetime | None


class EmbedOut(BaseModel):
    """How another page may show a certificate (oEmbed 1.0, a photo): the seal, which leads to the certificate."""

    version: Literal["1.0"] = "1.0"
    type: Literal["photo"] = "photo"
    title: str
    provider_name: str
    provider_url: str
    url: str
    width: int
    height: int
    web_page: str


class MineOut(BaseModel):
    """One of somebody's own certificates. The reason of a revocation is told to them alone."""

    id: UUID
    url: str
    file_url: str
    print_url: str
    name: str
    issued_at: datetime
    valid_until: datetime | None
    revoked_at: datetime | None
    revoked_reason: str | None
    revoked_code: str | None = None
    suspended_at: datetime | None = None
    suspended_reason: str | None = None
    suspended_code: str | None = None


Said = Annotated[str, Field(min_length=3, max_length=2_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class RevokeIn(BaseModel):
    """Take a certificate back: `reason` for the record and its holder, `code` for everybody."""

    model_config = ConfigDict(extra="forbid")

    reason: Said
    code: Literal[
        "unspecified", "superseded", "attempt-voided", "issued-in-error", "fraud", "holder-request", "key-compromise"
    ] = "unspecified"


class SuspendIn(BaseModel):
    """Take a certificate back for now: `reason` for the record and its holder, `code` for everybody."""

    model_config = ConfigDict(extra="forbid")

    reason: Said
    code: Literal["under-review", "identity-check", "requirements-due", "holder-hold"]


class ReinstateIn(BaseModel):
    """Let a suspended certificate hold again, with a reason for the record."""

    model_config = ConfigDict(extra="forbid")

    reason: Said


class WithdrawnOut(BaseModel):
    """What this version of the status lists says of the certificate now."""

    id: UUID
    revoked_at: datetime | None
    suspended_at: datetime | None
    code: str | None
    status_version: int
    log_index: int


class EntriesOut(BaseModel):
    """Leaf hashes `start` (included) to `end` (excluded) in standard base64, of the `size` that the log has."""

    start: int
    end: int
    size: int
    leaves: list[str]


class ConsistencyOut(BaseModel):
    """RFC 6962 consistency proof between two sizes, hashes in standard base64."""

    old: int
    new: int
    path: list[str]


class TrustOut(BaseModel):
    """What `python -m credentials verify --trust` and `… receipts --trust` take."""

    issuer_keys: list[str]
    log_keys: list[str]
    receipt_keys: list[str]
    origin: str


# --- lists of certificates that two people give ---

Words = Annotated[
    str, Field(min_length=1, max_length=5_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*\S[^\x00-\x08\x0b-\x1f\x7f]*$")
]


class RenewalIn(BaseModel):
    """What keeps a certificate of a list valid: credits, in quarters, that staff accepted; from so many days before its end on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    credits: Annotated[float, Field(gt=0, le=1_000, multiple_of=0.25)]
    window_days: Annotated[int, Field(ge=1, le=3_660)] = 180

    @property
    def or_exam(self) -> bool:
        """No exam stands behind a list."""
        return False


class TermsIn(BaseModel):
    """What every certificate of a list says. `shown`: how it was shown, in words for readers; empty: what the list itself is.
    `renewal` needs an end.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
    description: Words
    criteria: Words
    shown: Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")] = ""
    kind: Literal["Certification", "MicroCredential", "Competency"] = "Certification"
    valid_years: Annotated[int | None, Field(ge=1, le=50)] = None
    renewal: RenewalIn | None = None

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.renewal is not None and self.valid_years is None:
            raise ValueError("what is renewed has an end: give it valid_years")
        return self


class BatchIn(BaseModel):
    """A list to make. `table` is CSV with the columns name, email, date, result, consent; `leave_out`: the rows that cannot be
    given are left out instead of stopping all of it.
    """

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
    terms: TermsIn
    table: Annotated[str, Field(min_length=1, max_length=4 * 2**20)]
    leave_out: bool = False


class ProblemOut(BaseModel):
    """What is wrong with a row. `stops`: it cannot be given as it is; otherwise a person should look at it."""

    line: int
    who: str
    text: str
    stops: bool


class BatchOut(BaseModel):
    """A list and how far it is. `digest` is what an approval has to name. `problems`: of the rows, where it was just made."""

    id: UUID
    title: str
    state: Literal["waits", "withdrawn", "approved", "given"]
    digest: str
    rows: int
    issued: int
    not_given: int
    made_by: UUID
    approved_by: UUID | None
    problems: list[ProblemOut] = []


class ApproveIn(BaseModel):
    """The digest of the list as it was looked at."""

    model_config = ConfigDict(extra="forbid")

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class WithdrawIn(BaseModel):
    """Why nothing of a list is to be given."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=3, max_length=2_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
