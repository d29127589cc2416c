"""Accounts over JSON."""

from fastapi import APIRouter

from exam_api.accounts.api import accounts, me, sign_in

router = APIRouter(prefix="/api", tags=["accounts"])
for part in (sign_in, me, accounts):
    router.include_router(part.router)
