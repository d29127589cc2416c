"""The exam API for candidates: JSON in, JSON out; the bytes of files in and out."""

from fastapi import APIRouter

from exam_api.attempts.api import attachments, exam, lockdown, signatures, trials

# Routes are tried in this order; the save comes each second from each candidate.
router = APIRouter()
for part in (exam, trials, attachments, lockdown, signatures):
    router.include_router(part.router)
