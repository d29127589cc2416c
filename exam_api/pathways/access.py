"""Who may write programmes and maps of skills: authors and instructors; who may open a programme: who may issue certificates."""

from typing import Annotated

from fastapi import Depends, Path

from exam_api.accounts.access import Actor, MaybeActor, Role, require
from exam_api.db.models.pathways import Programme, SkillMapVersion
from exam_api.errors import NotFound
from exam_api.pathways import queries
from exam_api.web.deps import Session

STAFF = (Role.author, Role.instructor, Role.operator)
PathwayStaff = Annotated[Actor, Depends(require(*STAFF))]
SlugPath = Annotated[str, Path(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$")]


def is_staff(actor: Actor | None) -> bool:
    """Whether somebody sees what is not open yet."""
    return actor is not None and actor.may(*STAFF)


async def _shown(slug: SlugPath, actor: MaybeActor, session: Session) -> Programme:
    versions = await queries.versions_of(session, slug)
    counting = next((each for each in versions if each.opened_at is not None and each.closed_at is None), None)
    opened = next((each for each in versions if each.opened_at is not None), None)
    found = counting or opened or (versions[0] if versions and is_staff(actor) else None)
    if found is None:
        raise NotFound
    return found


async def _version(slug: SlugPath, number: int, actor: MaybeActor, session: Session) -> Programme:
    found = await queries.find_programme(session, slug, number) if 0 < number < 2**31 else None
    if found is None or (found.opened_at is None and not is_staff(actor)):
        raise NotFound
    return found


async def _newest(slug: SlugPath, _: PathwayStaff, session: Session) -> Programme:
    found = next(iter(await queries.versions_of(session, slug)), None)
    if found is None:
        raise NotFound
    return found


async def _newest_map(slug: SlugPath, session: Session) -> SkillMapVersion:
    found = next(iter(await queries.map_versions(session, slug)), None)
    if found is None:
        raise NotFound
    return found


ShownProgramme = Annotated[Programme, Depends(_shown)]
"""The version of a programme that counts; to staff the newest where none does."""
ProgrammeVersion = Annotated[Programme, Depends(_version)]
"""A version by its number: one that was ever opened is public for ever, because certificates name it."""
NewestProgramme = Annotated[Programme, Depends(_newest)]
"""The newest version, for staff."""
NewestMap = Annotated[SkillMapVersion, Depends(_newest_map)]
"""The newest version of a map."""
