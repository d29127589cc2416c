"""What a certificate tells of the exam's sections and skills, from the exam file and from what counts."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.achievement.content import Alignment, Framework, Section
from exam_api.attempts.queries import form_of
from exam_api.certificates.service.awarding import plain
from exam_api.db.models.attempts import Attempt
from exam_api.grades import queries as grades
from exam_api.grades.service.standing import Mine
from exam_api.installation import Installation
from grading.exam import Certificate as Terms
from grading.exam import Kind
from grading.parts import Part, averaged, parts
from grading.skills import Skill, Type
from grading.standing import Rule

KINDS: dict[Kind, str] = {
    "certification": "Certification",
    "micro-credential": "MicroCredential",
    "competency": "Competency",
}
TYPES: dict[Type, Framework] = {
    "CFItem": "CFItem",
    "ceasn:Competency": "ceasn:Competency",
    "CTDL": "CTDL",
    "ESCO": "ext:ESCO",
}


def alignments(skills: Sequence[Skill]) -> tuple[Alignment, ...]:
    """Skills as they stand in a certificate; their level is a word of their own framework."""
    return tuple(
        Alignment(
            name=plain(each.name),
            url=each.url,
            framework=plain(each.framework) or None,
            code=plain(each.code) or None,
            kind=TYPES[each.type],
            description=f"Level {each.level}" if each.level else None,
        )
        for each in skills
    )


async def sections_of(session: AsyncSession, here: Installation, mine: Mine, terms: Terms) -> tuple[Section, ...]:
    """The result of each section, in percent of its points, of the attempt that counts; of an average, the average."""
    finished = [each.attempt for each in mine.tried if each.result is not None]
    counting = finished if mine.sitting.counts == Rule.average else [each for each in finished if each is mine.stands]
    told = averaged([await _parts(session, here, mine, attempt) for attempt in counting])
    known = {skill.id: skill for skill in terms.skills}
    return tuple(
        Section(each.id, plain(each.title), said(each.percent), alignments([known[name] for name in each.skills]))
        for each in told
    )


async def _parts(session: AsyncSession, here: Installation, mine: Mine, attempt: Attempt) -> tuple[Part, ...]:
    form = form_of(here, mine.sitting.version_id, attempt.seed)
    rows = await grades.current_grades(session, attempt.id)
    return parts(form, {name: grades.mark_of(row) for name, row in rows.items()}, attempt.late_off)


def said(percent: float) -> str:
    """A percentage as certificates tell it: to a tenth."""
    return f"{round(percent, 1):g}"
