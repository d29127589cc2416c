"""What travels about certificates after they were issued: changed names, continuing credits, erasures."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from credentials.achievement.renewal import STEP
from exam_api.accounts.schemas import PersonName

_LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
_TEXT = r"^[^\x00]*[^\s\x00][^\x00]*$"
MAX_FILE = 4 * 2**20  # bytes of a file about an activity
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=_LINE)]
Words = Annotated[str, Field(min_length=3, max_length=2_000, pattern=_TEXT)]


def _quarters(value: float) -> float:
    if value % STEP:
        raise ValueError("credits are given in quarters")
    return value


class NameIn(BaseModel):
    """The name that certificates should carry, why, and whether the new ones may lead to the old ones."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: PersonName
    note: Words
    linked: bool = False


class NameDecisionIn(BaseModel):
    """A registrar's decision about a changed name, with words for its holder."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    granted: bool
    words: Words


class NameOut(BaseModel):
    """A wish for another name, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    linked: bool
    asked_at: datetime
    decided_at: datetime | None
    granted: bool | None
    words: str | None


class ReissuedOut(BaseModel):
    """A certificate that took the place of another."""

    id: UUID
    former: UUID | None
    url: str


class ActivityIn(BaseModel):
    """Something done to stay in practice. `link`: where it can be looked at."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    title: Line
    provider: Line
    day: date
    credits: Annotated[float, Field(gt=0, le=1_000, allow_inf_nan=False), AfterValidator(_quarters)]
    link: Annotated[str | None, Field(max_length=1_000, pattern=r"^https?://[^\s<>\"]+$")] = None


class ActivityDecisionIn(BaseModel):
    """Whether an activity counts, with words for its holder."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    accepted: bool
    words: Words


class ActivityOut(BaseModel):
    """An activity, and what staff said to it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    title: str
    provider: str
    day: date
    credits: float
    link: str | None
    file_name: str | None
    noted_at: datetime
    decided_at: datetime | None
    accepted: bool | None
    words: str | None


class ProgressOut(BaseModel):
    """How far the renewal of a certificate has come. `renewed_as`: the certificate that took its place."""

    state: str
    needed: float
    collected: float
    waiting: float
    opens_at: datetime
    ends_at: datetime
    or_exam: bool
    renewed_as: UUID | None
    activities: list[ActivityOut]


class ErasureOut(BaseModel):
    """Our signed statement that a certificate was erased; its own numbers stay in the log and the status list."""

    id: UUID
    erased_at: datetime
    statement: dict[str, Any]
