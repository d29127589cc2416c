"""Pages about programmes and maps of skills."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, Request

from exam_api.pathways.pages import programmes, skills
from exam_api.web.context import checked_form


async def _checked(request: Request) -> AsyncIterator[None]:
    """Every form has its token."""
    try:
        await checked_form(request)
        yield
    finally:
        await request.close()  # an upload's temporary file


router = APIRouter(include_in_schema=False, dependencies=[Depends(_checked)])
router.include_router(programmes.router)
router.include_router(skills.router)
