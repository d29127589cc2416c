"""The Config Key: a hash of everything that a settings file says, the same in every client on every system.

Safe Exam Browser, developer documentation, "Config Key": the settings are written as JSON without any white space or escapes,
keys in an order that ignores case, without `originatorVersion` and without empty dictionaries; the key is the SHA-256 of that text.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

from lockdown.errors import NotPortable
from lockdown.plist import Settings, Value

# Who wrote the file is no setting. Moodle leaves the key out at every depth.
ORIGINATOR = "originatorVersion"


def config_key(settings: Settings) -> str:
    """64 lowercase hexadecimal digits."""
    return hashlib.sha256(seb_json(settings).encode()).hexdigest()


def seb_json(settings: Settings) -> str:
    """The text that is hashed. It is not always JSON: nothing in it is escaped."""
    kept = _kept(dict(settings))
    # Without any setting there is nothing to write; the published key is then that of an empty list.
    return _written(kept) if kept else "[]"


def check_portable(settings: Settings) -> None:
    """Raise `NotPortable` for what clients hash differently: texts that JSON would escape, keys that differ in case only."""
    _check(dict(settings))


def _kept(value: Value) -> Value:
    """The value without what is left out; a dictionary that this empties goes too."""
    if isinstance(value, dict):
        inner = {key: _kept(each) for key, each in value.items() if key != ORIGINATOR}
        return {key: each for key, each in inner.items() if each != {}}
    if isinstance(value, list):
        return [each for each in map(_kept, value) if each != {}]
    return value


def _written(value: Value) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f'"{key}":{_written(value[key])}' for key in sorted(value, key=_order)) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value).removesuffix(".0")
    return f'"{_text(value)}"'


def _text(value: str | bytes | datetime) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return _in_utc(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _in_utc(moment: datetime) -> datetime:
    """A property list's dates name no zone and are in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _order(key: str) -> tuple[str, str]:
    """Without regard to case; of two that differ in nothing else, small letters first (`allowWlan` before `allowWLAN`)."""
    return key.lower(), key.swapcase()


def _check(value: Value) -> None:
    if isinstance(value, str) and ('"' in value or any(ord(letter) < 0x20 or letter == "\x7f" for letter in value)):
        raise NotPortable(f"{NotPortable.__doc__} It says: {value[:60]!r}")
    if isinstance(value, dict):
        if len({key.lower() for key in value}) < len(value):
            raise NotPortable("Two settings have names that differ in case only; keep one of them.")
        for key, inner in value.items():
            _check(key)
            _check(inner)
    elif isinstance(value, list):
        for inner in value:
            _check(inner)
