"""Certificates for other programs: the Open Badges 3.0 API with its OAuth 2.0, and the VC-API."""

from fastapi import APIRouter

from exam_api.badges.api import vc

router = APIRouter()
router.include_router(vc.router)

__all__ = ["router"]
