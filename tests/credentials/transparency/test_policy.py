"""Witness policies by c2sp.org/tlog-policy: what is read, what is refused, and whose word is enough."""

from __future__ import annotations

import pytest

from credentials.errors import Malformed, NotProven
from credentials.keys.ed25519 import SigningKey
from credentials.keys.mldsa import LatticeSigningKey
from credentials.transparency import log, notes, policy
from credentials.transparency.cosignatures import CosigningKey
from tests.credentials.samples import LOG_KEY, ORIGIN, OTHER

KEYS = {
    name: CosigningKey(f"{name}.example", SigningKey.generate(name.encode().ljust(32, b"-")))
    for name in ("X1", "X2", "X3", "Y1", "Y2")
}
KEYS["Y3"] = CosigningKey("Y3.example", LatticeSigningKey.generate(b"Y3".ljust(32, b"-")))
LOG = f"log {log.vkey(ORIGIN, LOG_KEY.public)} https://{ORIGIN}\n"
WITNESSES = "".join(f"witness {name} {key.public.vkey}\n" for name, key in KEYS.items())
GROUPS = "group X-witnesses 2 X1 X2 X3\n\ngroup Y-witnesses any Y1 Y2 Y3\n  # two institutions\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
TWO_LEVELS = LOG + WITNESSES + GROUPS
NOTE = log.checkpoint(ORIGIN, 3, bytes(32), LOG_KEY)
TEXT = notes.parse(NOTE).text


def cosigned(*names: str) -> str:
    return NOTE + "".join(KEYS[name].cosign(TEXT, 1_700_000_000 + at).line() for at, name in enumerate(names))


@pytest.mark.parametrize(
    ("names", "enough"),
    [
        (("X1", "X2", "Y1"), True),
        (("X3", "X1", "Y3"), True),
        (("X1", "X2", "X3", "Y1", "Y2", "Y3"), True),
        (("X1", "Y1", "Y2", "Y3"), False),
        (("X1", "X2", "X3"), False),
        (("X1", "X1", "Y1"), False),
        ((), False),
    ],
)
def test_the_two_levels_of_the_specification_s_example(names: tuple[str, ...], enough: bool) -> None:
    rules = policy.read(TWO_LEVELS.encode())
    assert rules.satisfied(names) == enough
    if enough:
        found = rules.check(cosigned(*names))
        assert (found.head.origin, found.head.size, set(found.witnesses)) == (ORIGIN, 3, set(names))
    else:
        with pytest.raises(NotProven, match="witnesses"):
            rules.check(cosigned(*names))


def test_without_a_quorum_the_log_s_own_signature_is_enough() -> None:
    rules = policy.read(f"{LOG}quorum none".encode())
    assert rules.check(NOTE).witnesses == {}
    assert rules.logs[0].url == f"https://{ORIGIN}"
    with pytest.raises(NotProven, match="no key that we trust"):
        rules.check(log.checkpoint(ORIGIN, 3, bytes(32), OTHER))


def test_the_log_s_key_may_be_known_from_elsewhere() -> None:
    rules = policy.read(f"{WITNESSES}quorum X1\n".encode())
    known = [notes.NoteKey(ORIGIN, LOG_KEY.public)]
    assert set(rules.check(cosigned("X1"), known).witnesses) == {"X1"}
    with pytest.raises(NotProven):
        rules.check(cosigned("X1"))


def test_a_wrong_witness_s_key_is_not_counted_and_a_forged_cosignature_refuses_all() -> None:
    rules = policy.read(f"{LOG}{WITNESSES}quorum X1\n".encode())
    impostor = CosigningKey("X1.example", SigningKey.generate(b"i am not X1 but i use that name!"))
    with pytest.raises(NotProven, match="only nobody cosigned"):
        rules.check(NOTE + impostor.cosign(TEXT, 1_700_000_000).line())
    forged = notes.Signature("X1.example", KEYS["X1"].public.key_id, impostor.cosign(TEXT, 1_700_000_000).data)
    with pytest.raises(NotProven, match="was not made over this checkpoint"):
        rules.check(NOTE + forged.line())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (WITNESSES, "quorum"),
        (WITNESSES + "quorum X1\nquorum X2\n", "exactly one"),
        ("quorum X1\n" + WITNESSES, "not defined"),
        (WITNESSES + "group none any X1\nquorum none\n", "taken"),
        (WITNESSES + "group X1 any X2\nquorum X1\n", "taken"),
        (WITNESSES + "group a any X1\ngroup b any X1\nquorum a\n", "member already"),
        (WITNESSES + "group a 2 X1\nquorum a\n", "cannot ask"),
        (WITNESSES + "group a 0 X1\nquorum a\n", "cannot ask"),
        (WITNESSES + "group a ٢ X1 X2\nquorum a\n", "cannot ask"),
        (WITNESSES + "group a any\nquorum none\n", "not a log"),
        (WITNESSES + "group a any none\nquorum a\n", "not defined"),
        (f"witness a {KEYS['X1'].public.vkey}\nwitness b {KEYS['X1'].public.vkey}\nquorum a\n", "already"),
        (f"witness a {log.vkey(ORIGIN, LOG_KEY.public)}\nquorum a\n", "cosignatures"),
        (LOG + LOG + "quorum none\n", "already"),
        ("log nonsense\nquorum none\n", "line 1"),
        ("quorum none\r\n", "control"),
        ("quorum\u00a0none\n", "not a log"),
    ],
)
def test_a_policy_is_read_strictly(text: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        policy.read(text.encode())


def test_names_are_bytes() -> None:
    vkey = KEYS["X1"].public.vkey.encode()
    rules = policy.read(
        b"witness \xe2\x84\xaa " + vkey + b"\nwitness \xff " + KEYS["X2"].public.vkey.encode() + b"\nquorum \xff\n"
    )
    assert not rules.satisfied({"K", "\u212a"})
    assert rules.satisfied({"\udcff"})


@pytest.mark.parametrize(
    "text",
    [
        "quorum none\n",
        WITNESSES + "group a 2 X1 X2\nquorum a\n",
        LOG + WITNESSES + "group a any X1\ngroup b all a X2\nquorum b\n",
    ],
)
def test_a_written_policy_is_the_same_policy(text: str) -> None:
    found = policy.read(text.encode())
    assert policy.read(policy.write(found).encode()) == found
