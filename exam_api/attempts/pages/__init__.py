"""The pages of attempts: the candidate's way through the exam, and the proof of it."""

from fastapi import APIRouter, Depends

from exam_api.attempts.pages import exam, lockdown, proof, signing
from exam_api.web.context import checked_form

router = APIRouter(include_in_schema=False, dependencies=[Depends(checked_form)])
for part in (exam, proof, lockdown, signing):
    router.include_router(part.router)
