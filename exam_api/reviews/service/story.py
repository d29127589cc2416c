"""What happened in an attempt, line by line, from the ledger."""

from collections.abc import Sequence
from typing import Any

from exam_api.db.models.monitoring import Flag
from exam_api.event import Event
from exam_api.events import (
    AnswerSetAside,
    AttemptGraded,
    AttemptOpened,
    AttemptStarted,
    AttemptSubmitted,
    CheckInSignEnded,
    ConsentGiven,
    DecisionMade,
    DeviceChanged,
    GradeGiven,
    GradesReleased,
    RecoveryTaken,
    ReferenceSent,
    RegradeAsked,
    TimeChanged,
)
from exam_api.reviews.queries import Line, Saves
from exam_api.reviews.schemas import MomentOut
from exam_api.web.i18n import _

# Frames and browser signals come in batches of seconds: the picture shows them, a list would drown the rest.
TITLES: dict[type[Event], str] = {
    AttemptOpened: _("Came to the door"),
    ConsentGiven: _("Accepted what is recorded"),
    ReferenceSent: _("Sent a reference photo"),
    CheckInSignEnded: _("A short check before the start"),
    AttemptStarted: _("Started, signed with a passkey"),
    DeviceChanged: _("Moved to another device, signed with the passkey"),
    AnswerSetAside: _("A replaced device still held an answer; it lies beside the chain"),
    RecoveryTaken: _("A recovery file was taken in by a person"),
    TimeChanged: _("The end of the time was moved"),
    AttemptSubmitted: _("Submitted"),
    AttemptGraded: _("Graded by the program"),
    GradeGiven: _("An answer was graded by a person"),
    RegradeAsked: _("The graders were asked to look again"),
    DecisionMade: _("A person decided"),
    GradesReleased: _("The result was released"),
}
BY_TAG = {kind.tag: title for kind, title in TITLES.items()}
CLOSED = _("Closed by the clock when the time was over")
FIRST_SAVE, LAST_SAVE = _("First answer saved"), _("Last answer saved")
BREAKS = {"pause": _("A break: the clock was stopped"), "resume": _("The break was over: the clock went on")}
SIGNS = {
    "shown": _("The short check before the start: somebody was there"),
    "not_shown": _("The short check before the start: the program did not see what it asked for"),
    "unclear": _("The short check before the start: the pictures did not show enough to say"),
    "declined": _("The short check before the start was left out by the candidate"),
    "spared": _("The short check before the start was left out, as agreed"),
}
TONES = {"high": "problem", "medium": "attention", "low": "info", "quality": "neutral"}
NEEDS_EYES = {
    AnswerSetAside.tag: "attention",
    RecoveryTaken.tag: "attention",
    DeviceChanged.tag: "attention",
    TimeChanged.tag: "info",
    DecisionMade.tag: "info",
}


def tell(lines: Sequence[Line], saves: Saves, flags: Sequence[Flag]) -> list[MomentOut]:
    """Everything in order of time."""
    moments = [_moment(each) for each in lines if each.line.tag in BY_TAG]
    if saves.first is not None and saves.last is not None:
        moments.append(MomentOut(at=saves.first, kind="save", title=FIRST_SAVE))
        moments.append(MomentOut(at=saves.last, kind="save", title=LAST_SAVE))
    moments += [
        MomentOut(at=flag.started_at, kind="flag", title=flag.reason, tone=TONES.get(flag.severity, "neutral"))
        for flag in flags
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _moment(each: Line) -> MomentOut:
    line = each.line
    by_clock = line.tag == AttemptSubmitted.tag and line.data.get("by") != "candidate"
    return MomentOut(
        at=line.at,
        kind=line.tag,
        title=CLOSED if by_clock else _title(line.tag, line.data),
        text=_text(line.tag, line.data),
        tone=NEEDS_EYES.get(line.tag, "neutral"),
        by=each.actor,
    )


def _title(tag: str, data: dict[str, Any]) -> str:
    if tag == CheckInSignEnded.tag:
        return SIGNS.get(data["how"], BY_TAG[tag])
    return BREAKS.get(data.get("change", ""), BY_TAG[tag])


def _text(tag: str, data: dict[str, Any]) -> str | None:
    """The part of an event that a person wrote."""
    written = {DecisionMade.tag, GradeGiven.tag, TimeChanged.tag, RecoveryTaken.tag}
    return (str(data.get("reason", "")) or None) if tag in written else None
