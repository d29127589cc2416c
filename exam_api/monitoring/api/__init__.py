"""Browser signals by HTTP, pictures and sounds by WebSocket, and what invigilators read."""

from fastapi import APIRouter

from exam_api.monitoring.api import evidence, live, pieces

router = APIRouter()
for part in (live, evidence, pieces):
    router.include_router(part.router)
