"""Browser signals by HTTP, pictures and sounds by WebSocket, and what invigilators read."""

from fastapi import APIRouter

from exam_api.monitoring.api import clips, evidence, live, pieces

router = APIRouter()
for part in (live, evidence, clips, pieces):
    router.include_router(part.router)
