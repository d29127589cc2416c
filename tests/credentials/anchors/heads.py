"""Heads to anchor, and ways outside that never leave the process."""

from __future__ import annotations

from collections.abc import Callable

from credentials.errors import Unreachable
from credentials.transparency import notes
from tests.credentials import logs

FOUND = logs.usual()
TEXT = notes.parse(logs.head(FOUND)).text
OLDER = notes.parse(logs.head(FOUND[:-1])).text


class Inside:
    """A transport into this very process; what it was asked is kept."""

    def __init__(
        self,
        posts: Callable[[str, bytes], bytes] | None = None,
        gets: Callable[[str], bytes | None] | None = None,
    ) -> None:
        self.posts, self.gets = posts, gets
        self.asked: list[str] = []

    def post(self, url: str, body: bytes, media_type: str) -> bytes:
        self.asked.append(f"{url} {media_type}")
        if self.posts is None:
            raise Unreachable(url)
        return self.posts(url, body)

    def get(self, url: str) -> bytes | None:
        self.asked.append(url)
        return None if self.gets is None else self.gets(url)
