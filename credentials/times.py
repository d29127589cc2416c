"""Moments as credentials write them: XML Schema dateTime in UTC, `2027-03-01T10:42:07Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from credentials.errors import Malformed

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)

_ZONED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,12})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def stamp(moment: datetime) -> str:
    """Whole seconds, UTC, Z. Raises Malformed for a moment without a time zone."""
    if moment.tzinfo is None:
        raise Malformed("a moment needs its time zone")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def moment(text: Any) -> datetime:
    """Read a stamp. Raises Malformed."""
    if not isinstance(text, str) or not _FORM.fullmatch(text):
        raise Malformed("a time must look like 2027-03-01T10:42:07Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as reason:
        raise Malformed(f"{text} is no moment of any calendar") from reason


def foreign_moment(text: Any) -> datetime:
    """Read a moment as other issuers write it: with a zone of any kind (VC Data Model 2.0 section 2.1). Raises Malformed."""
    found = _ZONED.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise Malformed("a time must look like 2027-03-01T10:42:07Z or 2027-03-01T10:42:07+01:00")
    try:
        return datetime.fromisoformat(f"{found[1]}{(found[2] or '')[:7]}{found[3]}").astimezone(UTC)
    except (ValueError, OverflowError) as reason:
        raise Malformed(f"{found[0]} is no moment of any calendar") from reason


def from_seconds(seconds: int) -> datetime:
    """So many seconds after the beginning of 1970, UTC. Raises Malformed beyond what a calendar holds."""
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError) as reason:
        raise Malformed(f"{seconds} seconds after 1970 is no moment of any calendar") from reason
