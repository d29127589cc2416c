"""The pages of exams and sittings, and the home page, which shows both."""

from fastapi import APIRouter, Depends

from exam_api.exams.pages import drafts, entry, home, items, policy, shown, sittings, versions
from exam_api.web.context import checked_form

router = APIRouter(include_in_schema=False, dependencies=[Depends(checked_form)])
for part in (home, drafts, items, versions, sittings, entry, policy, shown):
    router.include_router(part.router)
