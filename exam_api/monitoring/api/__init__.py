"""Browser signals by HTTP, pictures and sounds by WebSocket, and what invigilators read."""

from fastapi import APIRouter

from exam_api.monitoring.api import calibration, check_in, clips, evidence, live, on_device, pieces

router = APIRouter()
for part in (on_device, live, calibration, check_in, evidence, clips, pieces):
    router.include_router(part.router)
