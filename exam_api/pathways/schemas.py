"""What travels about programmes and maps of skills."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

RESERVED = {"new", "notices", "import"}  # these follow /programmes/ and /skills/
Slug = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$", examples=["data-analyst"])]
Words = Annotated[str, Field(min_length=3, max_length=2_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
Text = Annotated[str, Field(min_length=1, max_length=200_000, pattern=r"^[^\x00]*$")]
Why = Literal["missing", "revoked", "suspended", "expired", "old", "level", "score"]


class NameIn(BaseModel):
    """A short name that somebody typed."""

    slug: Slug

    @field_validator("slug")
    @classmethod
    def _free(cls, slug: str) -> str:
        if slug in RESERVED:
            raise ValueError("this name is an address of ours")
        return slug


class SourceIn(BaseModel):
    """A file, written over version `number`; 0: it is the first one."""

    model_config = ConfigDict(extra="forbid")

    source: Text
    number: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class VersionOut(BaseModel):
    """What was written."""

    slug: str
    number: int
    title: str


class SettleIn(BaseModel):
    """A person looked at it, and lets the certificate stand; `words` say why."""

    model_config = ConfigDict(extra="forbid")

    words: Words


class PartOut(BaseModel):
    """A certificate that meets a part of a rule, or came nearest."""

    id: str
    url: str
    name: str
    issued_at: datetime
    valid_until: datetime | None


class NodeOut(BaseModel):
    """A part of a rule. `met` None: nobody's certificates were looked at. `label` is what a leaf asks for, in words."""

    kind: Literal["exam", "programme", "achievement", "skill", "all_of", "any_of", "at_least"]
    label: str = ""
    reference: str = ""
    least: int | None = None
    min_score: float | None = None
    level: int | None = None
    within_months: int | None = None
    met: bool | None = None
    why: Why | None = None
    by: PartOut | None = None
    done: int = 0
    of: list["NodeOut"] = []


class ProgrammeOut(BaseModel):
    """A version of a programme: what it takes, and what it earns."""

    slug: str
    number: int
    url: str
    title: str
    description: str
    open: bool
    opened_at: datetime | None
    follows: bool
    certificate: str
    earned_for: str
    criteria: str
    certificate_kind: Literal["certification", "micro-credential", "competency"]
    valid_years: int | None
    rule: NodeOut


class ProgressOut(BaseModel):
    """How far somebody is. `certificate_url`: theirs, once they have it."""

    programme: ProgrammeOut
    met: bool
    certificate_url: str | None


class NoticeOut(BaseModel):
    """Somebody's certificate of a programme whose rule they no longer meet."""

    id: UUID
    certificate_id: UUID
    certificate: str
    holder: str
    what: Why
    at: datetime
    suspended: bool


class ProofOut(BaseModel):
    """Something that says it proves a skill."""

    exam: str
    exam_id: UUID
    items: list[str]
    sections: list[str]
    level: int | None


class SkillOut(BaseModel):
    """One skill of a map; `items` counts the questions that prove it, in the newest version of each exam."""

    id: str
    name: str
    url: str
    statement: str
    code: str
    levels: list[int]
    part_of: list[str]
    requires: list[str]
    broader: list[str]
    items: int = 0
    proofs: list[ProofOut] = []
    gap: bool = False


class SkillMapOut(BaseModel):
    """A map of skills and what proves them."""

    slug: str
    number: int
    title: str
    description: str
    url: str
    skills: list[SkillOut]
    gaps: list[str]


class ProvenOut(BaseModel):
    """A skill that somebody has proven. No certificates: it follows from its parts."""

    id: str
    name: str
    level: int
    level_name: str
    certificates: list[PartOut]


class StepOut(BaseModel):
    """What can be shown next."""

    id: str
    name: str
    level: int
    level_name: str


class OwnMapOut(BaseModel):
    """What somebody has proven of a map, by certificates that are valid now."""

    slug: str
    title: str
    proven: list[ProvenOut]
    next: list[StepOut]
    missing: list[str]
