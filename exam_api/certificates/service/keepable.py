"""Answers that anyone may keep and ask again whether they still hold (RFC 9110 section 13)."""

import base64
import hashlib
import json
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from starlette.responses import Response

# Public proofs are made to be read by other people's pages and programs.
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def keepable(
    body: bytes,
    media_type: str,
    if_none_match: str | None,
    *,
    changed_at: datetime | None = None,
    seconds: int = 0,
    headers: dict[str, str] | None = None,
) -> Response:
    """The body, or 304 where the asker has it. `seconds`: how long it may be used without asking again."""
    etag = f'"{base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode()[:22]}"'
    control = f"public, max-age={seconds}" if seconds else "public, no-cache"
    kept = {"ETag": etag, "Cache-Control": control, **(headers or {})}
    if changed_at is not None:
        kept["Last-Modified"] = format_datetime(changed_at, usegmt=True)
    asked = {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")}
    if etag in asked or "*" in asked:
        return Response(status_code=304, headers=kept)
    return Response(body, media_type=media_type, headers=kept)


def keepable_json(document: Any, if_none_match: str | None, **more: Any) -> Response:
    """A JSON value, readable by every page."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    more = {"media_type": "application/json", **more}
    return keepable(body, if_none_match=if_none_match, headers={**OPEN, **more.pop("headers", {})}, **more)
