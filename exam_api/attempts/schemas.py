"""What travels between the exam room and us."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from credentials.attempt.session import PROOF_AGE, Grant, Proof
from exam_api.exams.schemas import MAX_MINUTES, MAX_PERCENT, MAX_ROSTER, storable
from exam_api.web.i18n import _

Json = dict[str, Any]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300), AfterValidator(storable)
]
MAX_SEQ = 1_000_000
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def _in_utc(moment: datetime) -> datetime:
    """The same moment as the database can hold it; at the edge of the calendar another zone's time may have none in UTC."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return FIRST if moment.year == FIRST.year else LAST


DeviceTime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""When something happened by a device's clock, which may be set to anything."""
MAX_NUMBER = 100_000


class Wire(BaseModel):
    """Nothing unknown comes in."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Device:
    """A proven device: what its token grants, and the proof of its key for this very request."""

    attempt_id: UUID
    grant: Grant
    proof: Proof

    @property
    def candidate_id(self) -> UUID:
        return UUID(self.grant.candidate)

    @property
    def proof_expires_at(self) -> datetime:
        return self.proof.issued_at + 2 * PROOF_AGE


class ComeIn(Wire):
    """What somebody brings to the door: the sitting's password, where it asks for one, and which of their attempts this is.

    `number` left out: the one that they have, or the first. One more than they have: a further one. So the same request
    twice begins nothing twice.
    """

    password: str | None = Field(None, max_length=200)
    number: int | None = Field(None, ge=1, le=MAX_NUMBER)


class ConsentIn(Wire):
    """The terms that were shown, each accepted on its own."""

    version: Text
    terms: list[Text] = Field(max_length=20)


class ConsentTerms(BaseModel):
    """What the candidate is asked to accept."""

    version: str
    terms: list[str]
    text: list[str]


class ReferenceOut(BaseModel):
    """Where the reference photo stands."""

    state: Literal["none", "checking", "accepted", "refused"]
    reason: str | None = None


class ClockOut(BaseModel):
    """The server's time and the end: the only clock that decides.

    Since `paused_at` the clock stands; `ends_at` moves when it starts again. `seconds` is the working time in all, `note`
    why the end moved last, `generation` which device is the live one. `section_ends_at` is the end of the open part, where
    it has one of its own. From `late_from` on, what is written costs points.
    """

    now: datetime
    ends_at: datetime | None
    status: str
    paused_at: datetime | None = None
    seconds: int | None = None
    note: str | None = None
    generation: int = 0
    section_ends_at: datetime | None = None
    late_from: datetime | None = None


class AttemptOut(BaseModel):
    """One attempt, as its candidate sees it before, during and after."""

    id: UUID
    sitting_id: UUID
    number: int
    title: str
    status: str
    minutes: int
    opens_at: datetime
    closes_at: datetime
    camera: bool
    microphone: bool
    fullscreen: bool
    screen: bool
    on_device: bool
    sign_of_life: bool
    consent: ConsentTerms
    consented: bool
    reference: ReferenceOut
    clock: ClockOut
    seq: int


class StartOptions(BaseModel):
    """The statement to read, and the passkey request whose challenge is its digest."""

    id: UUID
    statement: Json
    options: Json


class AssertionIn(Wire):
    """A passkey's answer to `StartOptions`."""

    id: UUID
    credential: Json


class SignatureIn(Wire):
    """A passkey's answer that another device of the same person asked for."""

    credential: Json


class SignatureOut(BaseModel):
    """The same, for that device; null until it is there."""

    credential: Json | None


class TokenOut(BaseModel):
    """A short-lived token, useless without the device's key."""

    token: str
    token_type: Literal["DPoP"] = "DPoP"  # noqa: S105  (a scheme's name)
    expires_at: datetime
    now: datetime
    mark: Json
    generation: int
    jkt: str


class ResponseIn(Wire):
    """One answer to keep. `seq` counts the attempt's saves from 1; `previous` is the link of the last receipt.

    `previous` may be left out; with it, the save is one round trip to the database instead of four. `created_at` is when it
    was written, by the server's time at the last token and what the device has counted since; `mark` is our signed word
    about that time (from the token). Only with both a save that comes after the end can count as written before it.
    """

    seq: int = Field(ge=1, le=MAX_SEQ)
    previous: Annotated[str, Field(max_length=100)] | None = None
    item: Text
    answer: Json
    created_at: DeviceTime | None = None
    mark: Json | None = None


class AsideIn(Wire):
    """An answer that this device wrote before the attempt moved on. `place` counts in its own journal; `base` is the last
    number of the chain that it knew.
    """

    place: int = Field(ge=0, le=2**31 - 1)
    item: Text
    answer: Json
    created_at: DeviceTime
    base: int = Field(ge=0, le=MAX_SEQ)


class AsideOut(BaseModel):
    """An answer beside the chain. `counts`: a person took it in from a recovery file."""

    id: UUID
    source: str
    jkt: str
    item: str
    base: int
    answer: Json
    created_at: datetime
    received_at: datetime
    counts: bool
    taken_by: UUID | None
    reason: str | None


class AttachmentIn(Wire):
    """A file that will come. `size` None: it is being recorded, so nobody knows yet. `created_at`: when it was chosen, by
    the device's clock.
    """

    item: Text
    name: str = Field(max_length=2_000)
    size: int | None = Field(None, ge=1, le=2**31 - 1)
    created_at: DeviceTime | None = None


class FinishIn(Wire):
    """The whole file as the device has it."""

    size: int = Field(ge=1, le=2**31 - 1)
    sha256: str = Field(min_length=43, max_length=43, pattern=r"^[A-Za-z0-9_-]+$")


class AttachmentOut(BaseModel):
    """A file on its way, or here. `held`: the bytes that have come; the next part starts there. Finished once `sha256` is
    set: then an answer can name it by these very values. `refused` says why it is not taken.
    """

    id: UUID
    item: str
    name: str
    media_type: str
    size: int | None
    held: int
    sha256: str | None
    refused: str | None


class TrialIn(Wire):
    """A program to try. `stdin` left out: on the sample tests; else on this input (at most 64 KiB)."""

    item: Text
    response: Json
    stdin: str | None = Field(None, max_length=65_536)


class TrialAccepted(BaseModel):
    """The trial waits for its turn."""

    id: UUID


class TrialTest(BaseModel):
    """What the program did with one input. `verdict` says it in words; `passed` is None where nothing is known: for an input of
    one's own (its name is empty), or where the output is judged after the exam.

    `cpu_seconds`, `wall_seconds` and `peak_bytes` are what it used; texts are cut after 8,000 characters.
    """

    name: str
    passed: bool | None
    verdict: str
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    stdin: str
    expected: str
    printed: str
    stderr: str


class TrialOut(BaseModel):
    """A trial, as its candidate sees it. `failed`: we could not run it, and `reason` says why. Only the newest keeps its tests.

    `remarks`: what the program uses although the question asks not to.
    """

    id: UUID
    item: str
    own_input: bool
    state: Literal["waiting", "done", "failed"]
    asked_at: datetime
    reason: str | None
    compiled: bool
    compile_log: str
    remarks: list[str]
    tests: list[TrialTest]


class SavedAnswer(BaseModel):
    """The newest answer to an item."""

    seq: int
    answer: Json
    received_at: datetime
    jkt: str


class Paper(BaseModel):
    """The exam as the candidate may see it, with everything saved so far."""

    attempt_id: UUID
    exam: Json
    answers: dict[str, SavedAnswer]
    seq: int
    head: str
    clock: ClockOut
    receipt_key: str
    receipt_jwk: dict[str, str]
    recovery_jwk: dict[str, str]
    jkt: str
    generation: int


class TimeIn(Wire):
    """A change of the time of `people` (left out: everybody on the roster), and why; the candidate reads the reason.

    `amount` is minutes for `extra` (extra time) and `incident` (time given back), a share of the sitting's minutes for
    `percent`, and nothing for `pause` and `resume`. It comes on top of what each person has.
    """

    change: Literal["extra", "percent", "incident", "pause", "resume"]
    amount: int = Field(0, ge=0, le=MAX_MINUTES)
    reason: Reason
    people: Annotated[list[UUID], Field(min_length=1, max_length=MAX_ROSTER)] | None = None

    @model_validator(mode="after")
    def _amount_fits(self) -> Self:
        stands = self.change in {"pause", "resume"}
        if stands and self.amount:
            raise ValueError(_("A break has no length beforehand: it lasts until the clock starts again."))
        if not stands and not self.amount:
            raise ValueError(_("Say how much time is given."))
        if self.change == "percent" and self.amount > MAX_PERCENT:
            raise ValueError(_("More than 300 percent is more than anybody can have."))
        return self


class TimeOut(BaseModel):
    """How many people were reached, how many of them are at work, and who was left out."""

    people: int
    running: int
    left_out: list[str]


class BrowserCheckIn(Wire):
    """What the page of Safe Exam Browser says of itself: the hashes for its own address, `/attempts/…/{page}?check=…`.

    They may be left out: the headers of the request can hold them too.
    """

    check: str = Field(max_length=60)
    page: Literal["browser", "check-in", "room"]
    config_key: Annotated[str, Field(max_length=100)] | None = None
    exam_key: Annotated[str, Field(max_length=100)] | None = None
    client: Annotated[str, Field(max_length=200), AfterValidator(storable)] = ""


class BrowserCheckOut(BaseModel):
    """How the check ended; `again`: it had run out. `check` is the next one."""

    state: Literal["proven", "excused", "refused", "again"]
    check: str


class SectionIn(Wire):
    """Go on to this part of the exam."""

    number: int = Field(ge=1, le=100)


class SubmitIn(Wire):
    """Close the attempt at this sequence number: what the candidate's own chain says."""

    seq: int = Field(ge=0, le=MAX_SEQ)
    head: str = Field(max_length=100)
