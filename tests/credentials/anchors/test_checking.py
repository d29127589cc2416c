"""What holds for anchors of every kind: a changed byte proves nothing else, and noise is refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.anchors.anchor import Anchored, AnchorTrust
from credentials.anchors.checking import KINDS, check
from credentials.anchors.evm import keccak
from credentials.anchors.evm_node import Chain
from credentials.anchors.ots import Calendars
from credentials.anchors.rfc3161 import TimeStamps
from credentials.canonical import b64u, b64u_decode
from credentials.errors import CredentialError
from tests.credentials.anchors.authority import Authority
from tests.credentials.anchors.calendar import HEIGHT, URL, Calendar
from tests.credentials.anchors.chain import SECRET, chain, mine
from tests.credentials.anchors.heads import OLDER, TEXT, Inside

Made = tuple[dict[str, Any], AnchorTrust]


@cache
def stamped() -> Made:
    authority = Authority()
    way = Inside(lambda _, body: authority.answer(body))
    found = TimeStamps("https://tsa.example", way, (authority.root,)).submit(TEXT)
    return found.as_json(), AnchorTrust(authorities=(authority.root,))


@cache
def in_bitcoin() -> Made:
    calendar = Calendar()
    calendars = Calendars((URL,), Inside(calendar.post, calendar.get))
    pending = calendars.submit(TEXT)
    header = calendar.mine()
    return calendars.upgrade(TEXT, pending).as_json(), AnchorTrust(bitcoin={HEIGHT: header})


@cache
def in_a_chain() -> Made:
    web3 = chain()
    ours = Chain(web3, SECRET, 1)
    pending = ours.submit(TEXT)
    mine(web3)
    found = ours.upgrade(TEXT, pending).as_json()
    block = keccak(b64u_decode(found["header"]))
    return found, AnchorTrust(evm={found["chain"]: frozenset({block})})


MADE: dict[str, Callable[[], Made]] = {"rfc3161": stamped, "opentimestamps": in_bitcoin, "evm": in_a_chain}


def texts(found: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the binary parts stand. The roots in a time stamp are claims, which a known root replaces."""
    if isinstance(found, str):
        return [] if at[0] in {"kind", "transaction", "roots"} else [at]
    pairs = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    return [place for name, each in pairs for place in texts(each, (*at, name))]


def changed(found: Any, at: tuple[Any, ...], value: str) -> Any:
    """The same with another text there."""
    if not at:
        return value
    copied = dict(found) if isinstance(found, dict) else list(found)
    copied[at[0]] = changed(found[at[0]], at[1:], value)
    return copied


def test_every_kind_is_tried_here() -> None:
    assert set(MADE) == set(KINDS)


@pytest.mark.parametrize("kind", MADE)
def test_an_anchor_proves_its_head_and_no_other(kind: str) -> None:
    found, known = MADE[kind]()
    assert check(found, TEXT, known).pinned
    with pytest.raises(CredentialError):
        check(found, OLDER, known)


@pytest.mark.parametrize("kind", MADE)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_changed_byte_never_proves_anything_else(kind: str, data: st.DataObject) -> None:
    found, known = MADE[kind]()
    proven: Anchored = check(found, TEXT, known)
    at = data.draw(st.sampled_from(texts(found)))
    whole: Any = found
    for step in at:
        whole = whole[step]
    content = bytearray(b64u_decode(whole))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        again = check(changed(found, at, b64u(bytes(content))), TEXT, known)
    except CredentialError:
        return
    assert (again.at, again.pinned) == (
        proven.at,
        proven.pinned,
    )  # a byte that nobody signed, such as a calendar's address


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.binary(max_size=60).map(b64u),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["token", "roots", "proof", "chain", "header", "index", "path", "transaction", "raw"])


@given(st.sampled_from([*KINDS, "sundial"]), st.dictionaries(names, json_values))
@settings(deadline=None)
def test_noise_is_refused_with_a_sentence(kind: str, parts: dict[str, Any]) -> None:
    with pytest.raises(CredentialError) as refused:
        check({**parts, "kind": kind}, TEXT, AnchorTrust())
    assert str(refused.value)
