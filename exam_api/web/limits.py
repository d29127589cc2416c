"""How much may be sent to us, and for how long: a body is refused before it fills the memory or holds a place for ever."""

import asyncio
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEGABYTE = 2**20
USUAL = 5 * MEGABYTE  # a reference photo has at most 4, an exam file 1.2 million characters
# Where strangers knock, and where whole course folders arrive.
BY_PATH: Mapping[str, int] = {
    "/api/sign-in": MEGABYTE // 8,
    "/sign-in": MEGABYTE // 8,
    "/api/activate": MEGABYTE // 8,
    "/activate": MEGABYTE // 8,
    "/api/courses": 24 * MEGABYTE,  # 10 MB of files, escaped as JSON
    "/courses": 12 * MEGABYTE,
}
PATIENCE = 60.0  # seconds for a whole body: 4 MB through a slow line


class BodyLimits:
    """Pure ASGI. The refusal is raised where the body is read, so it looks like every other refusal."""

    def __init__(self, app: ASGIApp, patience: float = PATIENCE) -> None:
        self.app = app
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.app(scope, _Counted(receive, allowed(scope["path"]), _announced(scope), self.patience), send)


def allowed(path: str) -> int:
    """Bytes that a body sent to this path may have."""
    if "/attachments/" in path and "/chunks/" in path:
        return MEGABYTE
    if "/clips/" in path and path.startswith("/api/attempts/"):
        return 8 * MEGABYTE
    return next((limit for start, limit in BY_PATH.items() if path == start or path.startswith(start + "/")), USUAL)


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


class _Counted:
    """A `receive` that counts, and looks at the clock, until the body is complete."""

    def __init__(self, receive: Receive, limit: int, announced: int, patience: float) -> None:
        self.receive = receive
        self.left = limit
        self.announced = announced
        self.deadline = asyncio.get_running_loop().time() + patience
        self.complete = False

    async def __call__(self) -> Message:
        if self.complete:  # what follows says only that the other side has gone
            return await self.receive()
        if self.announced > self.left:
            raise HTTPException(413)
        try:
            async with asyncio.timeout_at(self.deadline):
                message = await self.receive()
        except TimeoutError as error:
            raise HTTPException(408) from error
        if message["type"] == "http.request":
            size = len(message.get("body", b""))
            self.left -= size
            self.announced = max(0, self.announced - size)
            if self.left < 0:
                raise HTTPException(413)
            self.complete = not message.get("more_body", False)
        return message
