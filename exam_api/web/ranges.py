"""Parts of a file that a browser asks for (RFC 9110, section 14): a player that jumps forward needs no more than those."""

import re

from exam_api.errors import RangeWrong

_ONE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def read_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for the whole file, which is also the answer to several parts at once.

    Raises `RangeWrong`.
    """
    asked = _ONE.fullmatch((header or "").replace(" ", ""))
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= end:
        raise RangeWrong(headers={"Content-Range": f"bytes */{size}"})
    return start, end
