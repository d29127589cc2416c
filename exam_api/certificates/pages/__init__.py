"""Pages about certificates: one by its address, any by its file, one's own, and taking one back."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, Request

from exam_api.certificates.pages import batches, checking, drafts, finding, many, own, public, revoking
from exam_api.web.context import checked_form


async def _checked(request: Request) -> AsyncIterator[None]:
    """Every form has its token; but a large upload is refused by its page, `verify_file`, before a byte of it is read."""
    try:
        if request.url.path != "/verify" or not checking.too_large(request):
            await checked_form(request)
        yield
    finally:
        await request.close()  # the upload's temporary file


router = APIRouter(include_in_schema=False, dependencies=[Depends(_checked)])
for part in (public, checking, many, finding, batches, drafts, own, revoking):
    router.include_router(part.router)
