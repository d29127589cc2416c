"""What travels about certificates. Reports keep signature, log, status and dates apart: none of them stands for another."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

MAX_DOCUMENT = 2**20  # bytes of the certificate in it
MAX_UPLOAD = 4 * 2**20  # bytes of a file to verify; ours has 12 KB as JSON, and up to 100 KB as a picture or PDF


class SignatureOut(BaseModel):
    """Whether every word was signed. `pinned`: by a key that this installation knows to be the issuer's."""

    outcome: Literal["proven", "failed"]
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


class KeysOut(BaseModel):
    """Whether the log's history of the issuer's keys lets the key have signed at that number of the log."""

    outcome: Literal["proven", "failed", "absent"]
    reason: str
    size: int | None
    complete: bool


class StatusOut(BaseModel):
    """Whether it was revoked, as the issuer's signed list said at `as_of`."""

    outcome: Literal["valid", "revoked", "unknown"]
    reason: str
    as_of: datetime | None


class DatesOut(BaseModel):
    """Whether the moment asked about lies between its own dates."""

    outcome: Literal["valid", "not yet", "expired", "unknown"]
    reason: str
    valid_from: datetime | None
    valid_until: datetime | None


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


class ReportOut(BaseModel):
    """What a certificate proves now. `ours`: it names this installation as its issuer."""

    verdict: Literal["proven", "not proven", "revoked", "expired"]
    sentence: str
    at: datetime
    signature: SignatureOut
    log: LogOut
    keys: KeysOut
    status: StatusOut
    dates: DatesOut
    certificate: SummaryOut | None
    ours: bool


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


class RevokeIn(BaseModel):
    """Take a certificate back, with a reason for the record and its holder."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=3, max_length=2_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class RevokedOut(BaseModel):
    """The certificate is revoked in this version of the status list."""

    id: UUID
    revoked_at: datetime
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
