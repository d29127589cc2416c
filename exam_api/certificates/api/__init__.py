"""Certificates for programs: under /api, and the public addresses that documents name."""

from fastapi import APIRouter

from exam_api.certificates.api import batches, certificates, checking, downloads, public, record, wallets

router = APIRouter()
router.include_router(certificates.router)
router.include_router(checking.router)
router.include_router(batches.router)
router.include_router(public.router)
router.include_router(record.router)
router.include_router(wallets.router)
router.include_router(downloads.router)  # after the JSON file, whose address is more exact

__all__ = ["router"]
