"""The candidate's side of the line: one chain over both kinds, and nothing unconfirmed is forgotten."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from datetime import UTC, datetime
from typing import Any, Literal

import httpx
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from loadtests.device import Device, b64u, digest
from loadtests.line import Line
from loadtests.pieces import Pieces

KEY = ec.derive_private_key(7, ec.SECP256R1())
CLIENT = httpx.AsyncClient(verify=False)  # only its address would be used, and making it costs time
AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
ATTEMPT = "0c9a3a4e-6f0e-4f43-8a53-8b8a2f8f3a10"
GENESIS = b64u(hashlib.sha256(ATTEMPT.encode()).digest())
KINDS = st.lists(st.sampled_from(["frame", "sound"]), max_size=12)


def open_line() -> Line:
    return Line(Pieces(Device(CLIENT, ATTEMPT, KEY)))


def read(message: bytes) -> tuple[dict[str, Any], bytes]:
    (size,) = struct.unpack_from(">I", message)
    return json.loads(message[4 : 4 + size]), message[4 + size :]


def unsigned(header: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in header.items() if name != "signature"}


def check(messages: list[bytes], head: str) -> None:
    """Digest, chain and signature of every message, from `head` on."""
    for message in messages:
        header, body = read(message)
        assert header["previous"] == head
        assert header["digest"] == b64u(hashlib.sha256(body).digest())
        raw = base64.urlsafe_b64decode(header["signature"] + "==")
        signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        KEY.public_key().verify(signature, rfc8785.dumps(unsigned(header)), ec.ECDSA(SHA256()))
        head = digest(unsigned(header))


@given(KINDS)
def test_every_piece_names_the_one_before_it(kinds: list[Literal["frame", "sound"]]) -> None:
    line = open_line()
    messages = [line.send(kind, kind.encode() + bytes([number]), AT) for number, kind in enumerate(kinds)]
    check(messages, GENESIS)
    numbers = [(header["kind"], header["n"]) for header, _ in map(read, messages)]
    assert numbers == [(kind, kinds[: at + 1].count(kind)) for at, kind in enumerate(kinds)]


@given(KINDS, st.integers(0, 12), st.integers(0, 12))
def test_after_a_relink_everything_unconfirmed_comes_again_from_the_new_head(
    kinds: list[Literal["frame", "sound"]], frames: int, sounds: int
) -> None:
    line = open_line()
    for kind in kinds:
        line.send(kind, b"body", AT)
    head = digest({"n": 99})
    again = line.hear({"relink": {"next": {"frame": frames + 1, "sound": sounds + 1}, "head": head}})
    check(again, head)
    sent = [(header["kind"], header["n"]) for header, _ in map(read, again)]
    assert sent == [(piece.kind, piece.n) for piece in line.waiting]
    assert sent.count(("frame", frames + 1)) == (kinds.count("frame") > frames)
    assert line.pieces.following["frame"] == max(frames, kinds.count("frame")) + 1


def test_what_is_kept_is_forgotten_and_an_older_word_brings_nothing_back() -> None:
    line = open_line()
    for _ in range(3):
        line.send("frame", b"picture", AT, challenge=4)
    line.send("sound", b"voice", AT)
    assert line.hear({"kept": {"frame": 2, "sound": 0}}) == []
    assert [(piece.kind, piece.n) for piece in line.waiting] == [("frame", 3), ("sound", 1)]
    line.hear({"kept": {"frame": 1, "sound": 0}})
    assert line.kept == {"frame": 2, "sound": 0}
    (again, _) = line.ready({"next": {"frame": 3, "sound": 1}, "head": "x"})
    assert read(again)[0]["challenge"] == 4
