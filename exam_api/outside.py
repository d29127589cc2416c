"""The way outside for what the cores ask of it: short requests to addresses that the operator named."""

import urllib.error
import urllib.request
from dataclasses import dataclass

from credentials.errors import Unreachable

TIMEOUT = 15.0  # seconds without a byte
MOST = 256 * 1024  # bytes of an answer


@dataclass(frozen=True)
class Outside:
    """`credentials.anchors.anchor.Transport` over HTTP. Only for addresses in the operator's own settings."""

    def post(self, url: str, body: bytes, media_type: str) -> bytes:
        """The answer's body. Raises Unreachable."""
        return self._asked(urllib.request.Request(url, data=body, headers={"Content-Type": media_type}))  # noqa: S310

    def get(self, url: str) -> bytes | None:
        """The body, None where there is none (404). Raises Unreachable."""
        try:
            return self._asked(urllib.request.Request(url))  # noqa: S310
        except _Absent:
            return None

    def _asked(self, request: urllib.request.Request) -> bytes:
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                return bytes(answer.read(MOST))
        except urllib.error.HTTPError as refused:
            with refused:
                if refused.code == 404:
                    raise _Absent(f"{request.full_url} has no such thing") from refused
                raise Unreachable(f"{request.full_url} answers {refused.code}") from refused
        except (OSError, ValueError) as error:
            raise Unreachable(f"{request.full_url} cannot be reached: {error}") from error


class _Absent(Unreachable):
    """There is nothing at this address."""
