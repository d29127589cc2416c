"""Browser signals by HTTP, pictures and sounds by WebSocket, and what invigilators read."""

from fastapi import APIRouter

from exam_api.monitoring.api import calibration, clips, evidence, live, pieces

router = APIRouter()
for part in (live, calibration, evidence, clips, pieces):
    router.include_router(part.router)
