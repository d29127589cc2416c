"""Which questions, sections and certificates prove which skills of a map; and what one person has proven of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.achievement.competency import Claim, SkillMap, claimed, gaps, proven, upcoming
from credentials.achievement.stacking import Held
from exam_api.db.models.exams import ExamVersion
from exam_api.db.models.pathways import SkillMapVersion
from exam_api.exams.service.drafts import frozen_exam
from exam_api.installation import Installation
from exam_api.pathways import queries
from exam_api.pathways.schemas import OwnMapOut, ProofOut, ProvenOut, SkillMapOut, SkillOut, StepOut
from exam_api.pathways.service import holdings
from exam_api.pathways.service.programmes import part
from grading.parts import evidence, proven_by
from grading.skills import Skill as Named


@dataclass(frozen=True)
class Proves:
    """One skill of one exam's certificate, and where the exam shows it."""

    claim: Claim
    proof: ProofOut


def of_exam(version: ExamVersion, title: str) -> list[Proves]:
    """What an exam says that it proves."""
    exam = frozen_exam(version)
    items = evidence(exam)
    skills = exam.certificate.skills if exam.certificate else ()

    def one(skill: Named) -> Proves:
        sections = [each.title for each in exam.sections if skill.id in proven_by(exam, each)]
        proof = ProofOut(
            exam=title, exam_id=version.exam_id, items=list(items[skill.id]), sections=sections, level=skill.level
        )
        return Proves(Claim(skill.url, skill.level, str(version.exam_id)), proof)

    return [one(skill) for skill in skills]


async def all_exams(session: AsyncSession) -> list[Proves]:
    """What the newest version of each exam says that it proves by a question or a section."""
    found = [each for version, title in await queries.newest_versions(session) for each in of_exam(version, title)]
    return [each for each in found if each.proof.items or each.proof.sections]


async def covered(session: AsyncSession, row: SkillMapVersion, found: SkillMap) -> SkillMapOut:
    """The map with what proves each skill, and its gaps."""
    known = await all_exams(session)
    claims = [each.claim for each in known]
    by_url: dict[str, list[ProofOut]] = {}
    for each in known:
        by_url.setdefault(each.claim.url, []).append(each.proof)
    empty = gaps(found, claims)
    return SkillMapOut(
        slug=row.slug,
        number=row.number,
        title=found.title,
        description=found.description,
        url=found.url,
        skills=[
            SkillOut(
                id=skill.id,
                name=skill.name,
                url=skill.url,
                statement=skill.statement,
                code=skill.code,
                levels=list(found.scale(skill)),
                part_of=list(skill.part_of),
                requires=[each.skill + (f"@{each.level}" if each.level else "") for each in skill.requires],
                broader=list(skill.broader),
                items=sum(len(each.items) for each in by_url.get(skill.url, ())),
                proofs=by_url.get(skill.url, []),
                gap=skill.id in empty,
            )
            for skill in found.skills
        ],
        gaps=list(empty),
    )


async def own(
    session: AsyncSession, here: Installation, user_id: UUID, row: SkillMapVersion, found: SkillMap, now: datetime
) -> OwnMapOut:
    """What somebody's certificates prove of a map, those that are valid now alone."""
    held, rows = await holdings.of_person(session, here, user_id)
    counting = [each for each in held if _counts(each, now)]
    claims = holdings.claims(counting)
    levels, listed = proven(found, claims), claimed(found, claims)
    known = {skill.id: skill for skill in found.skills}
    return OwnMapOut(
        slug=row.slug,
        title=found.title,
        proven=[
            ProvenOut(
                id=skill.id,
                name=skill.name,
                level=levels[skill.id],
                level_name=found.step(skill, levels[skill.id]).name,
                certificates=[part(here, rows[name]) for name in dict.fromkeys(each.by for each in listed[skill.id])],
            )
            for skill in found.skills
            if skill.id in levels
        ],
        next=[
            StepOut(id=name, name=known[name].name, level=level, level_name=found.step(known[name], level).name)
            for name, level in upcoming(found, levels)
        ],
        missing=[skill.id for skill in found.skills if skill.id not in levels],
    )


def _counts(held: Held, now: datetime) -> bool:
    return held.state == "valid" and held.issued <= now and (held.until is None or held.until > now)
