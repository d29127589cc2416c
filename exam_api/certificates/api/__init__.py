"""Certificates for programs: under /api, and the public addresses that documents name."""

from fastapi import APIRouter

from exam_api.certificates.api import certificates, public

router = APIRouter()
router.include_router(certificates.router)
router.include_router(public.router)

__all__ = ["router"]
