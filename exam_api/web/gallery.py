"""The component gallery, in development only."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from exam_api.web.context import show
from exam_api.web.render import GalleryPage

router = APIRouter(include_in_schema=False)


@router.get("/_gallery")
async def gallery(request: Request) -> HTMLResponse:
    """Every component in every state."""
    return show(request, GalleryPage())
