"""The `.seb` file: gzip of four letters and what they announce (Safe Exam Browser, "SEB File Format").

`plnd`: the gzipped property list. `pswd`: the same, sealed with the exam's password; `pwcc` too, but it configures the
client for good, so nobody should hand it to candidates. `pkhs` and `phsk` are sealed for a certificate. A bare property list is
accepted as well.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

from lockdown import rncryptor
from lockdown.errors import CertificateNeeded, PasswordNeeded, SettingsMalformed, SettingsTooLarge
from lockdown.plist import MAX_BYTES, Settings, Value, read_plist, write_plist

PLAIN, SEALED, SEALED_FOR_CLIENT = b"plnd", b"pswd", b"pwcc"
FOR_CERTIFICATE = (b"pkhs", b"phsk")
GZIP = b"\x1f\x8b"


def read(data: bytes, password: str | None = None) -> dict[str, Value]:
    """The settings in a file. Raises `SettingsMalformed`, `SettingsTooLarge`, `PasswordNeeded`, `WrongPassword`,
    `CertificateNeeded`.
    """
    if len(data) > MAX_BYTES:
        raise SettingsTooLarge
    block = _unzipped(data)
    prefix, payload = block[:4], block[4:]
    if prefix in FOR_CERTIFICATE:
        raise CertificateNeeded
    if prefix in {SEALED, SEALED_FOR_CLIENT}:
        if not password:
            raise PasswordNeeded
        payload = rncryptor.decrypt(payload, password)
    elif prefix != PLAIN:
        payload = block
    return read_plist(_unzipped(payload))


def wrap(settings: Settings) -> bytes:
    """The file that every client opens without a question. The same settings give the same bytes."""
    return _zipped(PLAIN + _zipped(write_plist(settings)))


def seal(settings: Settings, password: str, chance: Callable[[int], bytes]) -> bytes:
    """The file that a client opens with the exam's password."""
    return _zipped(SEALED + rncryptor.encrypt(_zipped(write_plist(settings)), password, chance))


def _zipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _unzipped(data: bytes) -> bytes:
    """What is in a gzip stream, never more than the limit of it; anything else as it is."""
    if not data.startswith(GZIP):
        return data
    stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        plain = stream.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise SettingsMalformed from error
    if len(plain) > MAX_BYTES:
        raise SettingsTooLarge
    if not stream.eof or stream.unused_data:
        raise SettingsMalformed
    return plain
