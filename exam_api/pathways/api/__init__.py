"""Programmes and maps of skills for programs."""

from fastapi import APIRouter

from exam_api.pathways.api import programmes, skills

router = APIRouter()
router.include_router(programmes.router)
router.include_router(skills.router)

__all__ = ["router"]
