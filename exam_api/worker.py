"""The worker process: takes events from the ledger and does what follows from them."""

import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import numpy as np
import uvloop
from numpy.typing import NDArray
from pgqueuer import Job, PgQueuer, RetryRequested
from pgqueuer.models import Schedule
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts import tasks as accounts
from exam_api.attempts import tasks as attempts
from exam_api.certificates import tasks as certificates
from exam_api.db import ledger
from exam_api.db.jobs import EVENT, Later, enqueue
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.news import carried, open_redis
from exam_api.db.session import open_engine, transaction
from exam_api.event import Event
from exam_api.events import (
    EVENTS,
    AttemptGraded,
    AttemptOpened,
    AttemptStarted,
    AttemptSubmitted,
    BatchApproved,
    BrowserSignalled,
    CalibrationSent,
    CertificateErased,
    CertificateIssued,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuspended,
    CheckInSignSent,
    DecisionMade,
    ExamCheckAsked,
    FramesArrived,
    GradesReleased,
    ProgrammeOpened,
    ReceiptsCopyAsked,
    RecoveryTaken,
    ReferenceSent,
    RegradeAsked,
    RosterChanged,
    SittingPlanned,
    SoundsArrived,
    TimeChanged,
    TrialAsked,
)
from exam_api.exams import tasks as exams
from exam_api.findings import tasks as findings
from exam_api.grades import tasks as grades
from exam_api.installation import NotYet, Task, Workshop, open_installation
from exam_api.monitoring import service as monitoring_service
from exam_api.monitoring import tasks as monitoring
from exam_api.pathways import tasks as pathways
from exam_api.settings import Settings
from exam_api.turns import Turns
from exam_api.upkeep import tasks as upkeep
from grading.embedding import MiniLM
from grading.errors import ModelError
from sandbox.building import Building, with_command
from sandbox.engines.docker import DockerEngine
from sandbox.errors import SandboxFailure
from sandbox.guard import Guarded
from sandbox.hostile import quick
from sandbox.job import Result, Work
from sandbox.run import run as run_in_sandbox

if TYPE_CHECKING:  # MediaPipe takes two seconds to load
    from proctor.audio.listener import SoundAnalyser
    from proctor.vision.analyser import FrameAnalyser

log = logging.getLogger("exam_api.worker")
TRIES = 5
SOON = 10
MAKER = Path(__file__).resolve().parents[1] / "deploy" / "runner_image.py"
NICE = 5  # on a machine that we share with web processes, an answer that is being saved comes first


@dataclass(frozen=True)
class Follow:
    """One thing that follows from an event. `key` joins waiting jobs of one subject; `after` lets a burst settle; `at` names
    the field that says when; `priority` lets it go before others that wait.
    """

    task: Task
    key: Callable[[dict[str, Any]], str] | None = None
    after: timedelta = timedelta(0)
    at: str | None = None
    priority: int = 0

    def wait(self, data: dict[str, Any], now: datetime) -> timedelta:
        """How long after the event the job may run."""
        return self.after if self.at is None else max(datetime.fromisoformat(data[self.at]) - now, self.after)


def by_attempt(data: dict[str, Any]) -> str:
    """Joins the waiting jobs of one attempt into one."""
    return str(data["attempt_id"])


def by_sitting(data: dict[str, Any]) -> str:
    """Joins the waiting jobs of one sitting into one."""
    return str(data["sitting_id"])


def all_together(_: dict[str, Any]) -> str:
    """Joins all waiting jobs of a task into one, which does everything that waits."""
    return "all"


# What follows from what happens: the one table.
AFTER: dict[type[Event], list[Follow]] = {
    AttemptStarted: [Follow(attempts.close_when_due, at="ends_at")],
    TimeChanged: [Follow(attempts.close_when_due, at="ends_at")],
    RosterChanged: [Follow(attempts.carry_time)],
    SittingPlanned: [Follow(attempts.carry_time)],
    TrialAsked: [Follow(attempts.run_trial, priority=SOON)],  # somebody sits and waits
    ReferenceSent: [Follow(monitoring.check_reference)],
    CalibrationSent: [Follow(monitoring.calibrate)],
    CheckInSignSent: [Follow(monitoring.judge_check_in)],
    FramesArrived: [Follow(monitoring.analyse_frames)],
    SoundsArrived: [Follow(monitoring.analyse_sounds)],
    BrowserSignalled: [Follow(monitoring.raise_flags, key=by_attempt, after=timedelta(seconds=1))],
    AttemptSubmitted: [
        Follow(monitoring.judge_whole, after=timedelta(seconds=3)),  # when the last pieces are looked at
        Follow(grades.grade_attempt),
        Follow(certificates.log_heads, key=all_together, after=timedelta(seconds=1)),
        Follow(findings.study_cohort, key=by_sitting, after=timedelta(seconds=3)),
    ],
    AttemptGraded: [Follow(attempts.forget_trials)],
    ReceiptsCopyAsked: [Follow(attempts.mail_copy, after=timedelta(seconds=3))],  # by then the seal is in the log
    RecoveryTaken: [
        Follow(grades.grade_again),
        Follow(findings.study_cohort, key=by_sitting, after=timedelta(seconds=3)),
    ],
    RegradeAsked: [Follow(grades.grade_again)],
    ExamCheckAsked: [Follow(exams.check_references)],
    GradesReleased: [Follow(certificates.issue_if_earned)],
    DecisionMade: [Follow(certificates.revoke_if_voided)],
    CertificateIssued: [Follow(pathways.stack_if_earned), Follow(upkeep.join_exam)],
    CertificateRevoked: [
        Follow(pathways.follow_parts),
        Follow(upkeep.follow_revocation),
        Follow(certificates.forget_listing),
    ],
    CertificateErased: [Follow(certificates.forget_listing), Follow(certificates.forget_name)],
    CertificateSuspended: [Follow(pathways.follow_parts)],
    CertificateReinstated: [Follow(pathways.follow_parts), Follow(pathways.stack_if_earned)],
    ProgrammeOpened: [Follow(pathways.stack_for_all)],
    BatchApproved: [Follow(certificates.issue_batch)],
}

# What a task hands on to.
LATER: list[Task] = [monitoring.catch_up, certificates.ask_witnesses, upkeep.delete_files]

# What shows in the live view of a sitting but is not told by whoever does it, because a start has to be quick.
SEEN = {AttemptOpened.tag, AttemptStarted.tag}

# What happens by the clock (cron, minutes).
EACH: dict[str, list[Task]] = {
    "* * * * *": [
        attempts.close_overdue,
        attempts.prepare_coming,
        attempts.run_trials_left,
        exams.check_references_left,
        grades.grade_waiting,
        findings.study_outdated,
        monitoring.look_again,
        monitoring.notice_silence,
        monitoring.judge_life,
        certificates.log_heads,  # what was submitted while the job above came to its end
        certificates.ask_witnesses,
        certificates.issue_batches_left,
    ],
    "*/5 * * * *": [certificates.anchor_heads],
    "17 * * * *": [accounts.sweep, monitoring.erase_faces, upkeep.renew_ready, upkeep.remind],
    "41 3 * * *": [monitoring.erase_old, attempts.erase_files, attempts.erase_trials],
    "7 5 * * *": [pathways.follow_ends],
    "23 4 * * *": [certificates.check_log],
}


def name_of(task: Task) -> str:
    """`grades.tasks.grade_attempt`: what a job says in the queue."""
    return f"{task.__module__.removeprefix('exam_api.')}.{task.__name__}"


def followers(line: LedgerLine, now: datetime) -> list[Later]:
    """The jobs that follow from one line of the ledger."""
    kind = EVENTS[line.tag]
    return [
        Later(
            task=name_of(follow.task),
            payload=line.data,
            after=follow.wait(line.data, now),
            key=f"{name_of(follow.task)}:{follow.key(line.data)}"
            if follow.key
            else f"{name_of(follow.task)}:{line.id}",
            priority=follow.priority,
        )
        for follow in AFTER.get(kind, [])
    ]


async def spread(session: AsyncSession, ids: Sequence[int], now: datetime) -> None:
    """Turn events into the jobs that follow from them; each then fails and retries on its own."""
    lines = await ledger.lines(session, ids)
    if jobs := [job for line in lines for job in followers(line, now)]:
        await enqueue(session, *jobs)
    if seen := {line.stream for line in lines if line.tag in SEEN}:
        await monitoring_service.tell_watchers(session, seen)


def register(queue: PgQueuer, workshop: Workshop) -> None:
    """Give the queue every task of the tables above."""

    @queue.entrypoint(EVENT, accepts_context=False)
    async def on_event(job: Job) -> None:
        async with transaction(workshop.here.sessions) as session:
            await spread(session, json.loads(job.payload or b"{}")["lines"], workshop.now())

    tasks = {name_of(follow.task): follow.task for follows in AFTER.values() for follow in follows}
    tasks |= {name_of(task): task for task in LATER}
    for name, task in tasks.items():
        queue.entrypoint(name, on_failure="hold", accepts_context=False)(patient(name, task, workshop))
    for cron, each in EACH.items():
        for task in each:
            queue.schedule(name_of(task), cron)(by_the_clock(task, workshop))


def patient(name: str, task: Task, workshop: Workshop) -> Callable[[Job], Any]:
    """Run a task; on failure try again later, and after the last try keep the job for the operator to see."""

    async def run(job: Job) -> None:
        try:
            await task(workshop, json.loads(job.payload or b"{}"))
        except NotYet as wait:
            raise RetryRequested(wait.delay, "not yet") from wait
        except NoConnection as wait:
            # Everybody wanted the database at once: that is no failure of this job, however often it happens.
            log.warning("%s waits: no connection to the database is free", name)
            raise RetryRequested(timedelta(seconds=2 ** min(job.attempts, 4)), "busy") from wait
        except Exception as error:
            log.exception("%s failed (try %d of %d)", name, job.attempts + 1, TRIES)
            if job.attempts + 1 >= TRIES:
                raise
            raise RetryRequested(timedelta(seconds=2**job.attempts), type(error).__name__) from error

    return run


def by_the_clock(task: Task, workshop: Workshop) -> Callable[[Schedule], Any]:
    """A scheduled task: it fails alone and comes again next time."""

    async def run(_: Schedule) -> None:
        await task(workshop, {})

    return run


def build(settings: Settings) -> Workshop:
    """Load what this machine has; say what it lacks."""
    engine = open_engine(settings.database_url or "", size=10)
    run_job = sandbox(settings)
    # A trial does not wait until every answer that was handed in at the same moment is graded.
    turns = Turns(run_job, os.cpu_count() or 1) if run_job else None
    return Workshop(
        here=open_installation(settings, engine),
        now=lambda: datetime.now(UTC),
        chance=os.urandom,
        run_job=turns.later if turns else None,
        run_soon=turns.soon if turns else None,
        embed=language_model(settings),
        analyser=analyser(settings),
        listener=listener(settings),
        recent=monitoring_service.Recent(),
    )


def sandbox(settings: Settings) -> Callable[[Work], Result] | None:
    """What runs candidates' code. Before the first job it has to hold a few hostile programs. An engine that does not
    answer now may answer later: each job asks again.
    """
    if settings.docker_host is None:
        log.warning("no Docker engine is set (INVIGIL_DOCKER_HOST): answers in code wait for one")
        return None
    engine = DockerEngine(
        settings.docker_host,
        keep=True,
        prefix=settings.runner_images,
        runtime=settings.sandbox_runtime,
        owner="invigil-" + sha256(str(settings.state_dir.resolve()).encode()).hexdigest()[:12],
    )
    try:
        info = engine.info("python")
        left = engine.sweep(running=False)
    except SandboxFailure as error:
        log.warning("answers in code wait: %s", error)
    else:
        log.info("candidates' code runs on Docker %s (%s); %d old containers removed", info.engine, info.runtime, left)
    maker = (sys.executable, str(MAKER), "--docker", settings.docker_host)
    building = Building(engine, with_command(maker, log.info))
    return partial(run_in_sandbox, engine=Guarded(building, quick))


def language_model(settings: Settings) -> Callable[[Sequence[str]], NDArray[np.float32]] | None:
    """What compares short answers."""
    try:
        return MiniLM.load(settings.models_dir / "minilm", cache=settings.state_dir / "cache")
    except ModelError as error:
        log.warning("short answers that need a comparison wait: %s", error)
        return None


def analyser(settings: Settings) -> "FrameAnalyser | None":
    """What looks at camera frames."""
    from proctor.errors import ModelMissing
    from proctor.vision.analyser import FrameAnalyser, Models

    try:
        return FrameAnalyser(Models.under(settings.models_dir))
    except ModelMissing as error:
        log.warning("camera frames wait: %s", error)
        return None


def listener(settings: Settings) -> "SoundAnalyser | None":
    """What listens to sounds."""
    from proctor.audio.listener import SoundAnalyser, SoundModels
    from proctor.errors import ModelMissing

    try:
        return SoundAnalyser(SoundModels.under(settings.models_dir))
    except ModelMissing as error:
        log.warning("sounds wait: %s", error)
        return None


async def work(settings: Settings) -> None:
    """Take jobs until told to stop. Loses the process, not the job, when the database goes away."""
    connection = await asyncpg.connect(settings.direct_url)
    queue = PgQueuer.from_asyncpg_connection(connection)
    workshop = build(settings)
    register(queue, workshop)
    log.info("the worker takes jobs")
    async with carried(open_redis(settings.redis_url), workshop.here.sessions):
        await queue.run(dequeue_timeout=timedelta(seconds=5), batch_size=4, shutdown_on_listener_failure=True)


def main() -> None:
    """`invigil work`."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    os.nice(NICE)
    uvloop.run(work(Settings()))
