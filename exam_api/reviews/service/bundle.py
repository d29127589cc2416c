"""One attempt with everything that a decision needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts import queries as attempts
from exam_api.attempts.queries import Place
from exam_api.attempts.service import aside
from exam_api.db import ledger
from exam_api.db.models.attempts import Attempt, Consent
from exam_api.db.models.monitoring import Flag, Frame, Sound
from exam_api.findings.service import reading
from exam_api.grades.service import results
from exam_api.installation import Installation
from exam_api.monitoring import queries as monitoring
from exam_api.monitoring import service as watching
from exam_api.monitoring.schemas import ClipOut, FlagOut, LeftOutOut
from exam_api.monitoring.service import calibration
from exam_api.reviews import queries
from exam_api.reviews.schemas import (
    AnswerOut,
    BesideOut,
    ChainOut,
    ConsentOut,
    DecisionOut,
    FrameOut,
    LateOut,
    Outcome,
    ReviewFlag,
    ReviewOut,
)
from exam_api.reviews.service import cases, story
from grading.exam import Exam
from grading.item import Item
from grading.kinds.match import Match
from proctor import Signal, picture

BESIDE = timedelta(seconds=3)  # around a flag, in which a picture that a computer sent by itself belongs to it


@dataclass(frozen=True)
class Bundle:
    """A review, and its timeline as a picture (an SVG whose colours come from the page)."""

    review: ReviewOut
    svg: str


async def read(session: AsyncSession, here: Installation, place: Place) -> Bundle:
    """Read it all."""
    attempt, sitting = place.attempt, place.sitting
    exam = await attempts.get_exam(session, here, sitting.version_id)
    (case,) = await cases.read(session, here, sitting, [attempt.id])
    lines = await queries.list_lines(session, attempt.id)
    flags = await monitoring.flags_of(session, attempt.id)
    frames = await monitoring.all_frames(session, attempt.id)
    seen = [frame for frame in frames if frame.analysed_at is not None]
    heard = await monitoring.analysed_sounds(session, attempt.id)
    signals = await _signals(session, attempt.id, seen, heard)
    core_flags = [queries.core_flag(flag) for flag in flags]
    saves = await queries.count_saves(session, attempt.id)
    answers = await _answers(session, here, place)
    consent = await attempts.find_consent(session, attempt.id)
    found = (await reading.read(session, sitting.id)).found.findings
    review = ReviewOut(
        attempt_id=attempt.id,
        sitting_id=sitting.id,
        sitting=sitting.title,
        exam=exam.title,
        name=case.name,
        number=attempt.number,
        status=attempt.status,
        opened_at=attempt.opened_at,
        started_at=attempt.started_at,
        ends_at=attempt.ends_at,
        submitted_at=attempt.submitted_at,
        released_at=attempt.released_at,
        extra_minutes=place.extra_minutes,
        saves=saves.count,
        answered=sum(each.answer is not None for each in answers),
        questions=exam.count,
        hand_overs=max(0, attempt.generation - 1),
        frames=len(frames),
        analysed=len(seen),
        sounds=await queries.count_sounds(session, attempt.id),
        listened=len(heard),
        left_out=await _left_out(session, attempt.id),
        not_looked=_not_looked(seen),
        consent=_consent(consent) if consent else None,
        chain=_chain(lines, attempt),
        picture_words=picture.describe(signals, core_flags),
        timeline=story.tell(lines, saves, flags),
        flags=await _flags(session, attempt.id, flags),
        findings=[each for each in found if attempt.id in {person.attempt_id for person in each.people}],
        answers=answers,
        late=await _late(session, exam, place),
        aside=[
            BesideOut(**each.model_dump(), title=exam.item(each.item).title)
            for each in await aside.list_aside(session, place)
        ],
        result=results.shape_result(case.result),
        decisions=[shape(each) for each in await queries.list_decisions(session, attempt.id)],
        need=case.need,
        seen=case.seen,
    )
    return Bundle(review, picture.svg(signals, core_flags, ident=f"attempt-{attempt.id.hex[:8]}"))


async def _signals(
    session: AsyncSession, attempt_id: UUID, seen: Sequence[Frame], heard: Sequence[Sound]
) -> list[Signal]:
    return watching.signals(
        seen,
        await monitoring.browser_signals(session, attempt_id),
        heard,
        await monitoring.life_signs_of(session, attempt_id),
        await calibration.of_attempt(session, attempt_id),
        await monitoring.spots_of(session, attempt_id),
    )


async def _left_out(session: AsyncSession, attempt_id: UUID) -> list[LeftOutOut]:
    rows = await monitoring.left_out_of(session, attempt_id)
    return [LeftOutOut.model_validate(each, from_attributes=True) for each in rows]


def _chain(lines: Sequence[queries.Line], attempt: Attempt) -> ChainOut:
    return ChainOut(
        lines=len(lines),
        broken_at=ledger.broken_at([each.line for each in lines]),
        head=attempt.head,
        sealed=attempt.seal is not None,
    )


async def _late(session: AsyncSession, exam: Exam, place: Place) -> list[LateOut]:
    ends_at = place.attempt.ends_at
    if ends_at is None:
        return []
    return [
        LateOut(title=exam.item(row.item).title, written_at=row.written_at, received_at=row.received_at)
        for row in await queries.late_responses(session, place.attempt.id, ends_at)
    ]


async def _answers(session: AsyncSession, here: Installation, place: Place) -> list[AnswerOut]:
    form = await attempts.get_form(session, here, place)
    latest = await attempts.counting_answers(session, place.attempt.id)
    graded = await results.grades_of(session, here, place, None)
    return [
        AnswerOut(prompt=item.prompt, answer=latest.get(item.id), grade=grade, left=_rows(item))
        for grade in graded.grades
        for item in [form.item(grade.item)]
    ]


def _rows(item: Item) -> dict[str, str]:
    return {pair.id: pair.left for pair in item.pairs} if isinstance(item, Match) else {}


async def _flags(session: AsyncSession, attempt_id: UUID, flags: Sequence[Flag]) -> list[ReviewFlag]:
    every = [source for flag in flags for source in flag.evidence]
    told = await queries.told_frames(session, attempt_id, set(_numbers("frame", every)))
    beside = {
        flag.id: await queries.pictures_between(session, attempt_id, flag.started_at - BESIDE, flag.ended_at + BESIDE)
        for flag in flags
        if told & set(_numbers("frame", flag.evidence))
    }
    numbers = {*_numbers("frame", every), *(each for some in beside.values() for each in some)}
    kept = {
        "frame": await queries.kept_frames(session, attempt_id, numbers),
        "sound": await queries.kept_sounds(session, attempt_id, set(_numbers("sound", every))),
    }
    clips = {clip.flag_id: clip for clip in await monitoring.clips_of(session, attempt_id)}

    def pieces(kind: str, which: Iterable[int]) -> list[FrameOut]:
        return [
            FrameOut(number=each, url=f"/api/attempts/{attempt_id}/{kind}s/{each}", kept=each in kept[kind])
            for each in which
        ]

    def pictures(flag: Flag) -> list[FrameOut]:
        """Those that it names, and of a computer that looks itself those that left it at that time."""
        named = _numbers("frame", flag.evidence)
        return pieces("frame", sorted({*named, *beside[flag.id]} - told) if flag.id in beside else named)

    return [
        ReviewFlag(
            **FlagOut.model_validate(flag, from_attributes=True).model_dump(),
            frames=pictures(flag),
            sounds=pieces("sound", _numbers("sound", flag.evidence)),
            told=flag.id in beside,
            clip=ClipOut.of(clips[flag.id]) if flag.id in clips else None,
        )
        for flag in flags
    ]


def _numbers(kind: str, evidence: Sequence[str]) -> list[int]:
    """The numbers of these pieces among a flag's sources."""
    return [int(source.partition(":")[2]) for source in evidence if source.startswith(f"{kind}:")]


def _not_looked(seen: Sequence[Frame]) -> list[str]:
    """What this installation did not look for in any picture, so that nobody takes silence for an all-clear."""
    readings = [frame.reading for frame in seen if frame.reading is not None]
    return ["things"] if readings and all(reading.get("things") is None for reading in readings) else []


def _consent(row: Consent) -> ConsentOut:
    return ConsentOut(version=row.version, given_at=row.given_at, text=row.text.split("\n"))


def shape(each: queries.Decided) -> DecisionOut:
    """A decision for the wire."""
    decision = each.decision
    return DecisionOut(
        id=decision.id,
        outcome=Outcome(decision.outcome),
        reason=decision.reason,
        decided_by=each.name,
        decided_at=decision.decided_at,
    )
