"""Security headers on every answer, and the refusal of changes that another site asks for."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# The thread that looks at pictures on a candidate's computer runs WebAssembly. Its own answer allows that, no page's does:
# a thread lives by the policy of its file.
LOOKS = "/static/js/room/device/worker.js"
LOOKING_CSP = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
# Camera and microphone are refused everywhere; the pages that need one say so in their own Permissions-Policy header.
PERMISSIONS = "camera=(), microphone=(), display-capture=(), geolocation=(), payment=(), usb=()"
SAFE = {"GET", "HEAD", "OPTIONS"}


def permissions(*, camera: bool, microphone: bool, screen: bool = False) -> str:
    """The policy of a page that needs some of them, or none."""
    asked = PERMISSIONS
    for name, needed in (("camera", camera), ("microphone", microphone), ("display-capture", screen)):
        asked = asked.replace(f"{name}=()", f"{name}=(self)") if needed else asked
    return asked


class SecurityHeaders:
    """Pure ASGI, so that it costs microseconds and never buffers a body."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self.app = app
        self.origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        if self._from_elsewhere(scope):
            await _refuse(scope, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", LOOKING_CSP if scope["path"] == LOOKS else CSP)
                headers.setdefault("Permissions-Policy", PERMISSIONS)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
                headers.setdefault("Cache-Control", _caching(scope))
                if self.origin.startswith("https://"):
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _from_elsewhere(self, scope: Scope) -> bool:
        """Whether a browser says that another site caused this change (Fetch Metadata, else Origin).

        A client that is no browser sends neither header, and carries no cookie that it did not fetch itself.
        """
        if scope["type"] == "http" and scope["method"] in SAFE:
            return False
        headers = {
            name: value.decode("latin-1") for name, value in scope["headers"] if name in {b"origin", b"sec-fetch-site"}
        }
        site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
        if site is not None and site not in {"same-origin", "none"}:
            return True
        return origin is not None and origin != self.origin


def _caching(scope: Scope) -> str:
    """Pages are never kept. Static files are: for ever where the address holds the content's hash."""
    if scope["type"] != "http" or not scope["path"].startswith("/static/"):
        return "no-store"
    return "public, max-age=31536000, immutable" if scope["query_string"].startswith(b"v=") else "no-cache"


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "another site"})
        return
    body = (
        b'{"type":"about:blank","title":"This change was asked for by another site; nothing was changed.",'
        b'"status":403,"code":"forged-form"}'
    )
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
