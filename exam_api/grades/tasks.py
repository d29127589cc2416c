"""What the worker does for grades: plan, run, grade. No transaction is open while a program runs."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from traceback import format_tb
from typing import Any
from uuid import UUID

from exam_api.attempts.queries import counting_answers, find_place, get_form
from exam_api.db.models.grades import Grade
from exam_api.db.session import transaction
from exam_api.grades import queries
from exam_api.grades.service import keeping
from exam_api.installation import Workshop
from exam_api.web.i18n import _
from grading import Tools, Ungraded, grade, plan
from grading.item import Item
from grading.mark import Grade as Mark
from sandbox.errors import EngineUnavailable, ImageMissing, SandboxFailure
from sandbox.job import Result

log = logging.getLogger("exam_api.grades")
NO_SANDBOX = _("The program has not been run: it waits for a sandbox.")
SANDBOX_FAILED = _("The sandbox failed while this program ran, so it will run again.")
WE_FAILED = _("We could not grade this answer. It counts neither as right nor as wrong, and will be tried again.")
AT_ONCE = 200
A_SWEEP = timedelta(seconds=45)


@dataclass(frozen=True)
class Script:
    """One submitted attempt, read: its items with the newest answers, and the grades so far."""

    items: tuple[Item, ...]
    answers: dict[str, Any]
    grades: dict[str, Grade]


async def grade_attempt(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Grade every answer that no person has graded. Running it twice changes nothing."""
    await _grade(workshop, UUID(payload["attempt_id"]))


async def grade_again(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Somebody asked: grade again and append, even where nothing changed."""
    await _grade(workshop, UUID(payload["attempt_id"]), again=True)


async def grade_waiting(workshop: Workshop, _payload: dict[str, Any]) -> None:
    """Each minute: try again what failed because of us. A tool that is still missing costs nothing."""
    until = workshop.now() + A_SWEEP
    async with transaction(workshop.here.sessions) as session:
        attempts = await queries.waiting_for_us(session, workshop.now(), AT_ONCE)
    for attempt_id in attempts:
        if workshop.now() > until:
            log.info("more answers wait than one minute can grade; the rest comes next minute")
            return
        await _grade(workshop, attempt_id, only_failed=True)


async def _grade(workshop: Workshop, attempt_id: UUID, *, again: bool = False, only_failed: bool = False) -> None:
    script = await _read(workshop, attempt_id)
    if script is None:
        return
    wanted = [item for item in script.items if _is_ours(script.grades.get(item.id), only_failed=only_failed)]
    marks = {item.id: await _mark(workshop, item, script.answers.get(item.id)) for item in wanted}
    async with transaction(workshop.here.sessions) as session:
        place = await find_place(session, attempt_id, lock=True)
        if place is not None and place.attempt.status == queries.SUBMITTED:
            await keeping.keep_marks(session, attempt_id, marks, workshop.now(), again=again)


def _is_ours(old: Grade | None, *, only_failed: bool) -> bool:
    """Whether a machine should look: never over a person's grade."""
    if old is None:
        return True
    if only_failed:
        return old.state == queries.UNGRADED and old.cause == "failure"
    return old.grader != queries.PERSON


async def _read(workshop: Workshop, attempt_id: UUID) -> Script | None:
    async with transaction(workshop.here.sessions) as session:
        place = await find_place(session, attempt_id)
        if place is None or place.attempt.status != queries.SUBMITTED:
            return None
        form = await get_form(session, workshop.here, place)
        answers = await counting_answers(session, attempt_id)
        return Script(form.items, answers, await queries.current_grades(session, attempt_id))


async def _mark(workshop: Workshop, item: Item, answer: Any) -> Mark:
    """One answer's grade. Whatever breaks on the way is our failure and never the candidate's zero."""
    try:
        results: list[Result] = []
        while works := await asyncio.to_thread(plan, item, answer, results):
            if workshop.run_job is None:
                return Ungraded(item.points, NO_SANDBOX, "failure")
            results += [await asyncio.to_thread(workshop.run_job, work) for work in works]
        return await asyncio.to_thread(grade, item, answer, results, Tools(embed=workshop.embed))
    except (EngineUnavailable, ImageMissing) as error:
        log.warning("item %s waits: %s", item.id, error)
        return Ungraded(item.points, NO_SANDBOX, "failure", {"error": type(error).__name__})
    except SandboxFailure as error:
        log.warning("item %s will run again: %s", item.id, error)
        return Ungraded(item.points, SANDBOX_FAILED, "failure", {"error": type(error).__name__})
    except Exception as error:  # noqa: BLE001, RUF100  (logged; this answer waits, and the others are graded)
        # Where it happened, not what the error says: its words could quote the answer.
        log.error("item %s: %s\n%s", item.id, type(error).__name__, "".join(format_tb(error.__traceback__)))  # noqa: TRY400
        return Ungraded(item.points, WE_FAILED, "failure", {"error": type(error).__name__})
