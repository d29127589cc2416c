"""Settings as a tree of plain values, and as the XML property list that Safe Exam Browser reads (Apple plist 1.0).

`plistlib` refuses entity declarations, so no short file can grow while it is read; size and depth are bounded here.
"""

from __future__ import annotations

import math
import plistlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias
from xml.parsers.expat import ExpatError

from lockdown.errors import SettingsMalformed, SettingsTooLarge

MAX_BYTES = 4 * 2**20  # a client's full settings have some 50 kB
MAX_DEPTH = 20
INTEGERS = -(2**63), 2**64 - 1  # what a property list can hold

Value: TypeAlias = "bool | int | float | str | bytes | datetime | list[Value] | dict[str, Value]"
Settings: TypeAlias = "Mapping[str, Value]"

# What plistlib raises for XML that is no property list, or for a value that is not what its element says.
_NO_PLIST = (ExpatError, ValueError, TypeError, LookupError, AttributeError, OverflowError)


def read_plist(xml: bytes) -> dict[str, Value]:
    """The settings in `xml`. Raises `SettingsMalformed`, `SettingsTooLarge`."""
    if len(xml) > MAX_BYTES:
        raise SettingsTooLarge
    try:
        tree: Any = plistlib.loads(xml, fmt=plistlib.FMT_XML)
    except _NO_PLIST as error:
        raise SettingsMalformed from error
    if not isinstance(tree, dict):
        raise SettingsMalformed
    _check(tree, MAX_DEPTH)
    return tree


def write_plist(settings: Settings) -> bytes:
    """The settings as a property list that `read_plist` reads back; the same settings give the same bytes."""
    return plistlib.dumps(dict(settings), fmt=plistlib.FMT_XML, sort_keys=True)


def _check(value: Any, left: int) -> None:
    if not left:
        raise SettingsTooLarge
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingsMalformed
    if isinstance(value, int) and not INTEGERS[0] <= value <= INTEGERS[1]:
        raise SettingsMalformed
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise SettingsMalformed
            _check(inner, left - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, left - 1)
