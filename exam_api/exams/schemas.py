"""Exams and sittings: shapes on the wire."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from exam_api.accounts.schemas import Email, PersonName
from exam_api.web.i18n import _
from grading.standing import Rule

MAX_ROSTER = 5_000
MAX_MINUTES = 1_440
MAX_PERCENT = 300
MAX_DELAY = 60 * 24 * 60  # 60 days
# The reader refuses more than 1 MB with a sentence of its own; this bound only keeps memory in hand.
MAX_SOURCE = 1_200_000

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _in_our_time(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError(_("The year must lie between 2000 and 2200."))
    return moment.astimezone(UTC)


def storable(text: str) -> str:
    """The text, if PostgreSQL can hold it."""
    if "\0" in text:
        raise ValueError(_("There is an invisible character (NUL) in this text; delete it."))
    return text


Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(storable)]
Minutes = Annotated[int, Field(ge=1, le=MAX_MINUTES)]
Attempts = Annotated[int, Field(ge=1, le=100)]
DelayMinutes = Annotated[int, Field(ge=0, le=MAX_DELAY)]
LateMinutes = Annotated[int, Field(ge=0, le=MAX_MINUTES)]
LatePercent = Annotated[int, Field(ge=0, le=100)]
GraceMinutes = Annotated[int, Field(ge=0, le=60)]
ExtraMinutes = Annotated[int, Field(ge=0, le=MAX_MINUTES)]
Accommodation = Literal["no_gaze", "breaks", "screen_reader", "second_person", "tics", "medical_sounds"]
ExtraPercent = Annotated[int, Field(ge=0, le=MAX_PERCENT)]
Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]
SourceText = Annotated[str, StringConstraints(max_length=MAX_SOURCE)]
Search = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


class Shape(BaseModel):
    """An unknown field is a mistake, said at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- exams ---


class ExamIn(Shape):
    """An exam file, and perhaps the course it belongs to."""

    source: SourceText
    course: Slug | None = None


class ExamEdit(Shape):
    """A changed exam file; `revision` is the one the author started from."""

    source: SourceText
    revision: Revision


class CheckIn(Shape):
    source: SourceText


class ProblemOut(Shape):
    """One mistake: `path` is where the file's data has it (`items[3].points`), `line` counts from 1."""

    line: int
    path: str
    message: str


class OutlineItem(Shape):
    id: str
    kind: str
    title: str
    points: float
    line: int


class OutlineOut(Shape):
    title: str
    duration_minutes: int
    pass_percent: float
    max_points: float
    items: list[OutlineItem]


class CheckOut(Shape):
    """What is wrong, or what the file says; never both."""

    problems: list[ProblemOut]
    outline: OutlineOut | None


class ExamSaved(Shape):
    id: UUID
    revision: int
    title: str


class ExamRow(Shape):
    """One line of the list of exams. `version` is the number of the newest published version."""

    id: UUID
    title: str
    revision: int
    updated_at: datetime
    owner: str
    course: str | None
    version: int | None


class ExamOut(ExamRow):
    source: str


class VersionRow(Shape):
    id: UUID
    number: int
    digest: str
    published_at: datetime
    published_by: str


class VersionOut(VersionRow):
    exam_id: UUID
    definition: dict[str, Any]


class PublishIn(Shape):
    """`untried`: publish also what has no reference solution, or what no sandbox could try. `again`: try once more what failed."""

    untried: bool = False
    again: bool = False


class FailedReference(Shape):
    """What stands in the way of publishing a question."""

    item: str
    title: str
    message: str


class ExamCheckOut(Shape):
    """Where the trying of reference solutions stands, for the draft as it is now.

    `none`: nobody asked; `running`: it is published once they pass; `trying`: they run, and nothing is published; `failed`:
    `problems` says what to mend; `unable`: no sandbox answered, so it can only be published untried; `passed`: published, or
    ready to be.
    """

    state: Literal["none", "running", "trying", "failed", "unable", "passed"]
    problems: list[FailedReference] = []


# --- sittings ---


class RosterRowIn(Shape):
    """One person: `name` is used only where the e-mail address has no account yet."""

    email: Email
    name: PersonName | None = None
    extra_minutes: ExtraMinutes = 0
    extra_percent: ExtraPercent = 0


class Window(Shape):
    """When a sitting may be taken, how often and for how long by each person, and what happens after the end.

    `attempts` None: as many as the window allows. `delay_minutes` lie between handing in and the next attempt; `counts` says
    which attempt's result is the person's.
    For `late_minutes` one may go on at the price of `late_percent` of the points for each begun minute. `grace_minutes` is how
    long answers that were written in time may be on their way; left out: as the installation says.
    """

    title: Title
    opens_at: Moment
    closes_at: Moment
    minutes: Minutes
    attempts: Attempts | None = 1
    delay_minutes: DelayMinutes = 0
    counts: Rule = Rule.best
    late_minutes: LateMinutes = 0
    late_percent: LatePercent = 0
    grace_minutes: GraceMinutes | None = None


class SittingIn(Window):
    """Either a frozen version, or an exam, whose newest version is then taken."""

    exam_id: UUID | None = None
    version_id: UUID | None = None
    roster: Annotated[list[RosterRowIn], Field(max_length=MAX_ROSTER)] = []

    @model_validator(mode="after")
    def _one_exam(self) -> Self:
        if (self.exam_id is None) == (self.version_id is None):
            raise ValueError("Give either exam_id or version_id.")
        return self


class RosterIn(Shape):
    rows: Annotated[list[RosterRowIn], Field(min_length=1, max_length=MAX_ROSTER)]


class EntryIn(Shape):
    """Rules of entry. `password` None keeps what is set, an empty one takes it away. `networks` are addresses or CIDR ranges."""

    password: Annotated[str, StringConstraints(max_length=200), AfterValidator(storable)] | None = None
    networks: Annotated[list[Annotated[str, StringConstraints(max_length=60)]], Field(max_length=100)] = []
    lessons: bool = False
    link: bool = False


class EntryOut(Shape):
    """Rules of entry as staff see them."""

    has_password: bool
    networks: list[str]
    lessons: bool
    link: str | None


When = Literal["never", "submitted", "released", "closed"]


class ShownIn(Shape):
    """When the candidate sees what: `submitted` at once, `released` when a person has released the result, `closed` then
    too, but not while others may still be writing.
    """

    points: When = "released"
    feedback: When = "released"
    answers: When = "released"
    solutions: When = "never"
    flags: When = "never"


class JoinedOut(Shape):
    sitting_id: UUID


JoinLink = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{24}$")]


class ExtraTimeIn(Shape):
    """All the extra time a person has: minutes, and a percentage of the sitting's minutes."""

    extra_minutes: ExtraMinutes
    extra_percent: ExtraPercent = 0


class AccommodationsIn(Shape):
    """Everything that is agreed with a person about being watched; nothing else is."""

    accommodations: Annotated[list[Accommodation], Field(max_length=6)]


class RosterRowOut(Shape):
    """One person on a roster. `started` and `submitted` say how far their attempt is."""

    user_id: UUID
    email: str
    name: str
    extra_minutes: int
    extra_percent: int
    incident_minutes: int
    accommodations: list[str]
    started: bool
    submitted: bool


class RosterAdded(Shape):
    """What became of one row. `activation_code` is shown this once: it lets a new person set up their sign-in."""

    user_id: UUID
    email: str
    name: str
    extra_minutes: int
    extra_percent: int
    created: bool
    activation_code: str | None = None
    activation_link: str | None = None


class SittingSaved(Shape):
    id: UUID
    version_id: UUID
    roster: list[RosterAdded]


class SittingRow(Shape):
    id: UUID
    title: str
    exam_id: UUID
    exam_title: str
    version: int
    opens_at: datetime
    closes_at: datetime
    minutes: int
    attempts: int | None
    delay_minutes: int
    counts: Rule
    late_minutes: int
    late_percent: int
    grace_minutes: int | None
    people: int
    started: int
    submitted: int


class SittingOut(SittingRow):
    version_id: UUID
    roster: list[RosterRowOut]


class MySitting(Shape):
    """A sitting as its candidate sees it; `minutes` includes the extra time.

    `again`: something was handed in, and a further attempt may begin `next_from`. `attempts` None: no limit.
    """

    id: UUID
    title: str
    exam_title: str
    opens_at: datetime
    closes_at: datetime
    minutes: int
    extra_minutes: int
    state: Literal["planned", "open", "running", "again", "submitted", "released", "missed"]
    submitted_at: datetime | None = None
    attempts: int | None = 1
    used: int = 0
    next_from: datetime | None = None
