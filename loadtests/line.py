"""The candidate's side of the line that carries pictures and sound: what was sent and is not known to be kept.

No socket here, so that asyncio and gevent share it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from loadtests.pieces import Pieces

Kind = Literal["frame", "sound"]


@dataclass(frozen=True)
class Piece:
    """A picture or ten seconds of sound."""

    kind: Kind
    n: int
    taken_at: datetime
    body: bytes = field(repr=False)
    challenge: int | None = None


@dataclass
class Line:
    """One device's line in one attempt; `kept` is the highest number of each kind that the platform confirmed."""

    pieces: Pieces
    kept: dict[str, int] = field(default_factory=lambda: {"frame": 0, "sound": 0})
    waiting: list[Piece] = field(default_factory=list)
    relinked: int = 0

    def send(self, kind: Kind, body: bytes, taken_at: datetime, challenge: int | None = None) -> bytes:
        """The message of one more piece."""
        piece = Piece(kind, self.pieces.following[kind], taken_at, body, challenge)
        self.waiting.append(piece)
        return self._signed(piece)

    def ready(self, said: Mapping[str, Any]) -> list[bytes]:
        """Go on where the platform is (its `ready` or `relink`): what has to be sent again, signed anew from there on."""
        following = dict(self.pieces.following)
        self.pieces.learn(dict(said))
        for kind, n in said["next"].items():
            self.kept[kind] = max(self.kept[kind], n - 1)
            # Our own numbers go on: what the platform never saw is a gap, and gaps are allowed.
            self.pieces.following[kind] = max(n, following[kind])
        self._forget()
        return [self._signed(piece) for piece in self.waiting]

    def hear(self, said: Mapping[str, Any]) -> list[bytes]:
        """Take the platform's word on the line; what has to be sent again."""
        if "kept" in said:
            for kind, n in said["kept"].items():
                self.kept[kind] = max(self.kept[kind], n)
            self._forget()
        if "relink" in said:
            self.relinked += 1
            return self.ready(said["relink"])
        return []

    def _forget(self) -> None:
        self.waiting = [piece for piece in self.waiting if piece.n > self.kept[piece.kind]]

    def _signed(self, piece: Piece) -> bytes:
        following = self.pieces.following[piece.kind]
        message = self.pieces.message(piece.body, piece.kind, at=piece.taken_at, n=piece.n, challenge=piece.challenge)
        self.pieces.following[piece.kind] = max(following, piece.n + 1)
        return message
