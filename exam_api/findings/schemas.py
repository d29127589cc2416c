"""What travels about findings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class PersonOut(BaseModel):
    """Somebody that a finding is about."""

    attempt_id: UUID
    name: str


class FindingOut(BaseModel):
    """Something unusual that a person should look at: evidence with numbers, never a verdict.

    `p_value`: how often chance alone does this at least as strongly, for these people; `p_adjusted`: for anyone in the
    cohort. `innocent` lists other reasons, `assumptions` what the number rests on.
    """

    id: UUID
    detector: str
    people: list[PersonOut]
    p_value: float
    p_adjusted: float
    statistic: float
    expected: float
    explanation: str
    innocent: list[str]
    assumptions: list[str]
    evidence: dict[str, Any]


class StrongestOut(BaseModel):
    """The pair whose answers agree most unusually, whether or not it is a finding."""

    people: list[PersonOut]
    p_value: float
    p_adjusted: float
    explanation: str


class FindingsOut(BaseModel):
    """The last look at a sitting's answers. `made_at` None: nobody has looked yet. `reason`: why nothing could be said."""

    sitting_id: UUID
    made_at: datetime | None
    people: int
    items: int
    pairs: int
    alpha: float
    reason: str | None
    strongest: StrongestOut | None
    findings: list[FindingOut]
