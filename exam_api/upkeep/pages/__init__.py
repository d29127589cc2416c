"""Pages about a certificate's later life: another name, keeping it valid, erasing it."""

from fastapi import APIRouter, Depends

from exam_api.upkeep.pages import activities, erasing, keeping, names
from exam_api.web.context import checked_form

router = APIRouter(include_in_schema=False, dependencies=[Depends(checked_form)])
for part in (names, keeping, activities, erasing):
    router.include_router(part.router)

__all__ = ["router"]
