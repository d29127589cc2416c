"""Accounts as pages."""

from fastapi import APIRouter, Depends

from exam_api.accounts.pages import machinery, me, password, people, sign_in
from exam_api.web.context import checked_form

router = APIRouter(include_in_schema=False, dependencies=[Depends(checked_form)])
for part in (sign_in, me, password, people, machinery):
    router.include_router(part.router)
