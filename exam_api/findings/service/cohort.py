"""From saved answers to what the statistics work on: one person per row under a short code, one choice item per column."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from exam_api.findings.queries import Saved
from grading.exam import Exam
from grading.kinds.choice import Choice
from integrity.cohort import Cohort

# Less than this on a whole question is a queue that was sent after an outage, not a person who read it.
LEAST_SECONDS = 1.0


def codes_of(attempts: Iterable[UUID]) -> dict[UUID, str]:
    """A short name per attempt, `#3fa9c1d2`: stored texts and pictures name nobody; pages put the names in."""
    ids = list(attempts)
    length = next(size for size in range(8, 33) if len({each.hex[:size] for each in ids}) == len(ids))
    return {each: f"#{each.hex[:length]}" for each in ids}


def choices_of(exam: Exam) -> list[Choice]:
    """The items with one right option: what two people can have in common is then one thing."""
    return [item for item in exam.items if isinstance(item, Choice) and not item.multiple]


def make_cohort(exam: Exam, started: Mapping[UUID, datetime | None], saves: Sequence[Saved]) -> Cohort:
    """The newest choice per person and item, and the seconds spent. Raises `TooSmall`."""
    codes = codes_of(started)
    items = choices_of(exam)
    wanted = {item.id for item in items}
    rows: dict[str, dict[str, str | None]] = {code: {} for code in codes.values()}
    for save in saves:
        if save.item in wanted and save.attempt_id in codes:
            picks = save.answer.get("choice") or [None]
            rows[codes[save.attempt_id]][save.item] = picks[0]
    return Cohort.of(
        rows,
        {item.id: item.correct[0] for item in items},
        options={item.id: len(item.options) for item in items},
        seconds={codes[attempt]: times for attempt, times in pace(started, saves).items()},
    )


def pace(started: Mapping[UUID, datetime | None], saves: Sequence[Saved]) -> dict[UUID, dict[str, float | None]]:
    """Seconds per person and item: the time up to each save counts for the item that was saved. By our clock."""
    last = dict(started)
    spent: dict[UUID, dict[str, float]] = {attempt: {} for attempt in started}
    for save in saves:
        before = last.get(save.attempt_id)
        if before is not None:
            own = spent[save.attempt_id]
            own[save.item] = own.get(save.item, 0.0) + (save.received_at - before).total_seconds()
        last[save.attempt_id] = save.received_at
    return {
        attempt: {item: seconds if seconds >= LEAST_SECONDS else None for item, seconds in own.items()}
        for attempt, own in spent.items()
    }
