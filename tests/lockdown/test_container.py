"""The `.seb` file: in every form that clients write, and everything that is no such file."""

from __future__ import annotations

import contextlib
import gzip
import hmac
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockdown import container, rncryptor
from lockdown.errors import (
    CertificateNeeded,
    LockdownError,
    PasswordNeeded,
    SettingsMalformed,
    SettingsTooLarge,
    WrongPassword,
)
from lockdown.key import config_key
from lockdown.plist import MAX_BYTES, Value, write_plist
from tests.lockdown.test_key import trees

SETTINGS: dict[str, Value] = {"startURL": "https://exam.example/sittings/1/start", "examKeySalt": bytes(32)}
XML = write_plist(SETTINGS)


def counted(count: int) -> bytes:
    """Bytes that a test can foresee."""
    return bytes(range(count))


@given(trees)
def test_what_is_written_is_read(tree: dict[str, Value]) -> None:
    assert container.read(container.wrap(tree)) == tree


@settings(max_examples=10)
@given(trees, st.text(min_size=1, max_size=20))
def test_what_is_sealed_opens_with_its_password(tree: dict[str, Value], password: str) -> None:
    assert container.read(container.seal(tree, password, os.urandom), password) == tree


def test_each_form_that_clients_write() -> None:
    inner = gzip.compress(XML)
    sealed = rncryptor.encrypt(inner, "123", os.urandom)
    forms = [XML, inner, b"plnd" + inner, gzip.compress(b"plnd" + inner), gzip.compress(b"plnd" + XML)]
    forms += [gzip.compress(b"pswd" + sealed), b"pwcc" + sealed]
    assert all(container.read(form, "123") == SETTINGS for form in forms)
    assert container.wrap(SETTINGS) == container.wrap(dict(reversed(SETTINGS.items())))


def test_version_3_is_read_too() -> None:
    """SEB Server writes 3 where clients write 2; the byte is under the HMAC."""
    sealed = bytearray(rncryptor.encrypt(b"text", "123", counted))
    assert sealed[:2] == b"\x02\x01"
    sealed[0] = 3
    with pytest.raises(WrongPassword):  # changed after it was sealed
        rncryptor.decrypt(bytes(sealed), "123")
    message = bytes(sealed[:-32])
    again = message + hmac.digest(rncryptor._key("123", message[10:18]), message, "sha256")
    assert rncryptor.decrypt(again, "123") == b"text"


@pytest.mark.parametrize("place", [1, 5, 12, 20, 40, -1])
def test_a_sealed_file_that_was_changed_does_not_open(place: int) -> None:
    sealed = bytearray(rncryptor.encrypt(b"some settings", "123", os.urandom))
    sealed[place] ^= 1
    with pytest.raises((WrongPassword, SettingsMalformed)):
        rncryptor.decrypt(bytes(sealed), "123")


def test_without_the_right_password() -> None:
    sealed = container.seal(SETTINGS, "123", os.urandom)
    with pytest.raises(PasswordNeeded):
        container.read(sealed)
    with pytest.raises(WrongPassword):
        container.read(sealed, "124")
    with pytest.raises(PasswordNeeded):
        container.seal(SETTINGS, "", os.urandom)


@pytest.mark.parametrize("prefix", [b"pkhs", b"phsk"])
def test_sealed_for_a_certificate(prefix: bytes) -> None:
    with pytest.raises(CertificateNeeded):
        container.read(gzip.compress(prefix + bytes(300)))


BOMB = b'<!DOCTYPE plist [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><plist><dict><key>k</key><string>&b;</string></dict></plist>'
FOREIGN = b'<!DOCTYPE plist [<!ENTITY a SYSTEM "file:///etc/passwd">]><plist><dict><key>k</key><string>&a;</string></dict></plist>'


@pytest.mark.parametrize(
    "data",
    [
        *(
            b"",
            b"plnd",
            b"pswd",
            b"abcd" + bytes(20),
            b"\x1f\x8b",
            gzip.compress(XML)[:-4],
            gzip.compress(XML) + b"more",
        ),
        *(
            b"<plist><array/></plist>",
            b"<plist/>",
            b"<plist><dict><key>a</key></dict></plist>",
            XML[:-9],
            BOMB,
            FOREIGN,
        ),
        b"<plist><dict><key>a</key><date>soon</date></dict></plist>",
        b"<plist><dict><key>a</key><real>nan</real></dict></plist>",
        b"<plist><dict><key>a</key><integer>" + b"9" * 10_000 + b"</integer></dict></plist>",
    ],
)
def test_what_is_no_settings_file(data: bytes) -> None:
    with pytest.raises(SettingsMalformed):
        container.read(data, "123")


def test_what_is_too_large_or_too_deep() -> None:
    bombs = [
        bytes(MAX_BYTES + 1),
        gzip.compress(bytes(2 * MAX_BYTES)),
        gzip.compress(b"plnd" + gzip.compress(bytes(2 * MAX_BYTES))),
    ]
    bombs.append(b"<plist><dict><key>a</key>" + b"<array>" * 25 + b"</array>" * 25 + b"</dict></plist>")
    for bomb in bombs:
        with pytest.raises(SettingsTooLarge):
            container.read(bomb)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for form in (data, b"plnd" + data, b"<plist>" + data, gzip.compress(data)):
        with contextlib.suppress(LockdownError):
            assert len(config_key(container.read(form, "x"))) == 64
