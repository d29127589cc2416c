"""Pages about a certificate's later life: another name, keeping it valid, erasing it."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, Request

from exam_api.upkeep.pages import activities, erasing, keeping, names
from exam_api.web.context import checked_form


async def _checked(request: Request) -> AsyncIterator[None]:
    """Every form has its token; the temporary file of an upload is closed when the answer is made."""
    try:
        await checked_form(request)
        yield
    finally:
        await request.close()


router = APIRouter(include_in_schema=False, dependencies=[Depends(_checked)])
for part in (names, keeping, activities, erasing):
    router.include_router(part.router)

__all__ = ["router"]
