"""Certificates for other programs: the Open Badges 3.0 API with its OAuth 2.0, and the VC-API."""

from fastapi import APIRouter

from exam_api.badges.api import oauth, openbadges, vc

router = APIRouter()
router.include_router(openbadges.router)
router.include_router(oauth.router)
router.include_router(vc.router)

__all__ = ["router"]
