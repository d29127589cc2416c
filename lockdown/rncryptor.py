"""RNCryptor's file format with a password, as Safe Exam Browser uses it (data format versions 2 and 3).

    version 1 byte · options 1 · encryption salt 8 · HMAC salt 8 · IV 16 · ciphertext · HMAC-SHA256 32

Both keys are PBKDF2-HMAC-SHA1 of the password with 10,000 rounds; AES-256-CBC with PKCS#7; the HMAC covers all before it.
The rounds are few for our time: a password that people choose can be found by trying. It is what the clients read.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from lockdown.errors import PasswordNeeded, SettingsMalformed, WrongPassword

VERSIONS = (2, 3)  # the clients' own files say 2, those of SEB Server 3; the layout is the same
WITH_PASSWORD = 1
ROUNDS = 10_000
SALT, IV, TAG, BLOCK = 8, 16, 32, 16
HEADER = 2 + 2 * SALT + IV


def encrypt(plain: bytes, password: str, chance: Callable[[int], bytes]) -> bytes:
    """`plain` sealed with a password. Raises `PasswordNeeded` for an empty one: it would seal nothing."""
    if not password:
        raise PasswordNeeded
    encryption_salt, mac_salt, iv = chance(SALT), chance(SALT), chance(IV)
    padder = PKCS7(BLOCK * 8).padder()
    encryptor = Cipher(AES256(_key(password, encryption_salt)), CBC(iv)).encryptor()
    ciphertext = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    message = bytes([VERSIONS[0], WITH_PASSWORD]) + encryption_salt + mac_salt + iv + ciphertext
    return message + hmac.digest(_key(password, mac_salt), message, "sha256")


def decrypt(sealed: bytes, password: str) -> bytes:
    """What `encrypt` was given. Raises `WrongPassword`, `SettingsMalformed`."""
    length = len(sealed) - HEADER - TAG
    if length < BLOCK or length % BLOCK or sealed[0] not in VERSIONS or sealed[1] != WITH_PASSWORD:
        raise SettingsMalformed
    message, tag = sealed[:-TAG], sealed[-TAG:]
    encryption_salt, mac_salt = sealed[2 : 2 + SALT], sealed[2 + SALT : 2 + 2 * SALT]
    if not hmac.compare_digest(tag, hmac.digest(_key(password, mac_salt), message, "sha256")):
        raise WrongPassword
    decryptor = Cipher(AES256(_key(password, encryption_salt)), CBC(sealed[HEADER - IV : HEADER])).decryptor()
    padded = decryptor.update(message[HEADER:]) + decryptor.finalize()
    unpadder = PKCS7(BLOCK * 8).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise SettingsMalformed from error


def _key(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha1", password.encode(), salt, ROUNDS, 32)
