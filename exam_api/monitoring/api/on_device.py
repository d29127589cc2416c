"""What a page looks at faces with, where an exam's pictures stay on the candidate's computer."""

from fastapi import APIRouter
from fastapi.responses import Response

from exam_api.errors import NotFound
from exam_api.web.deps import Here

router = APIRouter(tags=["monitoring"], include_in_schema=False)


@router.get("/watching/{name}")
async def face_model(name: str, here: Here) -> Response:
    """The model under the name that holds its hash; a browser keeps it for ever."""
    if here.face_model is None or name != here.face_model.name:
        raise NotFound
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(here.face_model.data, media_type="application/octet-stream", headers=kept)
