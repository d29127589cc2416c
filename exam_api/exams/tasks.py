"""What the worker does for exams: it tries their reference solutions, and publishes those that pass."""

import asyncio
import logging
from typing import Any
from uuid import UUID

from exam_api.db.session import transaction
from exam_api.exams.schemas import FailedReference
from exam_api.exams.service import publishing
from exam_api.exams.service.publishing import Begun, Found
from exam_api.installation import Workshop
from grading.kinds.code.reference import check_reference, read_reference
from sandbox.errors import SandboxFailure
from sandbox.job import Result

log = logging.getLogger("exam_api.exams")


async def check_references(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Try the reference solutions of a draft that somebody wants to publish. No transaction is open meanwhile."""
    async with transaction(workshop.here.sessions) as session:
        begun = await publishing.begun(session, UUID(payload["exam_id"]), payload["digest"])
    if begun is None:
        return
    found = await _try(workshop, begun)
    async with transaction(workshop.here.sessions) as session:
        await publishing.finish(session, begun, found, workshop.now())


async def _try(workshop: Workshop, begun: Begun) -> Found:
    if (run_job := workshop.run_job) is None:
        return Found(able=False)
    problems: list[FailedReference] = []
    try:
        for item in begun.programs:
            results: list[Result] = []
            while works := check_reference(item, results):
                results += [await asyncio.to_thread(run_job, work) for work in works]
            said = read_reference(item, results)
            problems += (FailedReference(item=item.id, title=item.title, message=each) for each in said)
    except SandboxFailure as error:  # it says nothing about the solution
        log.warning("a reference solution cannot be tried: %s", error)
        return Found(able=False)
    except Exception:  # noqa: BLE001, RUF100  (a mistake of ours: the author hears at once that nothing was tried)
        log.exception("the reference solutions of exam %s cannot be tried", begun.exam_id)
        return Found(able=False)
    return Found(tuple(problems))


async def check_references_left(workshop: Workshop, _: dict[str, Any]) -> None:
    """Each minute: checks whose worker was killed."""
    async with transaction(workshop.here.sessions) as session:
        left = await publishing.left(session, workshop.now())
    for payload in left:
        await check_references(workshop, payload)
