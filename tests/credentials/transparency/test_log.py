"""The log's mathematics by RFC 6962's published trees, its texts by the C2SP specifications, and every proof by property."""

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import CredentialError, Malformed, NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.transparency import log, notes
from credentials.transparency.notes import NoteKey
from tests.credentials.samples import KEY, LOG_KEY, ORIGIN, OTHER, SALT, issued

# The test tree that Certificate Transparency implementations share: eight entries and the root of each beginning.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [log.leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]

trees = st.integers(1, 70).map(lambda size: [log.leaf_hash(b"%d" % number) for number in range(size)])


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    assert log.root(LEAVES[:size]).hex() == ROOTS[size]


def test_published_inclusion_proof() -> None:
    """RFC 6962 section 2.1.3: in a tree of seven, the path of d0 is b, h, l and that of d6 is i, k."""
    pairs = [log.node_hash(LEAVES[i], LEAVES[i + 1]) for i in (0, 2, 4)]
    quad = log.node_hash(pairs[0], pairs[1])
    assert log.inclusion_proof(LEAVES[:7], 0) == [LEAVES[1], pairs[1], log.node_hash(pairs[2], LEAVES[6])]
    assert log.inclusion_proof(LEAVES[:7], 6) == [pairs[2], quad]


def test_published_consistency_proofs() -> None:
    """RFC 6962 section 2.1.3: PROOF(3, D[7]) = c, d, g, l; PROOF(4, D[7]) = l; PROOF(6, D[7]) = i, j, k."""
    pairs = [log.node_hash(LEAVES[i], LEAVES[i + 1]) for i in (0, 2, 4)]
    last = log.node_hash(pairs[2], LEAVES[6])
    assert log.consistency_proof(LEAVES[:7], 3) == [LEAVES[2], LEAVES[3], pairs[0], last]
    assert log.consistency_proof(LEAVES[:7], 4) == [last]
    assert log.consistency_proof(LEAVES[:7], 6) == [pairs[2], LEAVES[6], log.node_hash(pairs[0], pairs[1])]


@given(trees, st.data())
@settings(max_examples=50, deadline=None)
def test_every_entry_can_be_proven_and_nothing_else(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, root = log.inclusion_proof(leaves, index), log.root(leaves)
    log.verify_inclusion(leaves[index], index, len(leaves), path, root)
    refused = [
        (log.leaf_hash(b"never logged"), index, len(leaves), path, root),
        (leaves[index], index, len(leaves), path, log.leaf_hash(b"another root")),
        (leaves[index], index, len(leaves), [*path, root], root),
        (leaves[index], len(leaves), len(leaves), path, root),
        (leaves[index], -1, len(leaves), path, root),
    ]
    if path:
        refused.append((leaves[index], index, len(leaves), path[:-1], root))
        refused.append((leaves[index], index ^ 1, len(leaves), path, root))
    for attempt in refused:
        with pytest.raises(NotProven):
            log.verify_inclusion(*attempt)


@given(trees, st.data())
@settings(max_examples=50, deadline=None)
def test_growth_can_be_proven_and_rewriting_cannot(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    path, before, after = log.consistency_proof(leaves, old), log.root(leaves[:old]), log.root(leaves)
    log.verify_consistency(old, len(leaves), path, before, after)
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*leaves[:changed], log.leaf_hash(b"rewritten"), *leaves[changed + 1 :]]
    for attempt in [
        (old, len(leaves), path, before, log.root(rewritten)),
        (old, len(leaves), log.consistency_proof(rewritten, old), before, log.root(rewritten)),
        (old, len(leaves), [*path, before], before, after),
        (0, len(leaves), path, before, after),
        (len(leaves) + 1, len(leaves), path, before, after),
    ]:
        with pytest.raises(NotProven):
            log.verify_consistency(*attempt)


def test_an_empty_consistency_proof_proves_no_growth() -> None:
    with pytest.raises(NotProven):
        log.verify_consistency(3, 7, [], log.root(LEAVES[:3]), log.root(LEAVES[:7]))


@pytest.mark.parametrize("index", [-1, 8])
def test_there_is_no_proof_of_what_is_not_there(index: int) -> None:
    with pytest.raises(Malformed):
        log.inclusion_proof(LEAVES, index)
    with pytest.raises(Malformed):
        log.consistency_proof(LEAVES, index + 1 if index > 0 else index)


VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
NOTE_KEY = PublicKey(base64.b64decode(VKEY.rsplit("+", 1)[1])[1:])


def test_the_note_of_the_signed_note_specification() -> None:
    assert log.vkey("example.com/foo", NOTE_KEY) == VKEY
    assert notes.open_note(NOTE, [NoteKey("example.com/foo", NOTE_KEY)])[0] == "This is an example message.\n"


def test_signatures_of_others_are_passed_over_and_bad_ones_refuse_the_note() -> None:
    stranger = notes.sign("This is an example message.\n", "witness.example", OTHER).split("\n\n")[1]
    known = NoteKey("example.com/foo", NOTE_KEY)
    assert notes.open_note(NOTE + stranger, [known])[1] == [known]
    with pytest.raises(NotProven):
        notes.open_note(NOTE.replace("example message", "exemple message"), [known])
    with pytest.raises(NotProven, match="no key that we trust"):
        notes.open_note(NOTE, [NoteKey("example.com/foo", KEY.public)])


@given(st.integers(0, 2**40), st.binary(min_size=32, max_size=32))
@settings(max_examples=50, deadline=None)
def test_a_checkpoint_comes_back(size: int, root: bytes) -> None:
    text = log.checkpoint(ORIGIN, size, root, LOG_KEY)
    assert text.startswith(f"{ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n\n— {ORIGIN} ")
    found = log.open_checkpoint(text, [LOG_KEY.public], ORIGIN)
    assert (found.origin, found.size, found.root, found.signers) == (ORIGIN, size, root, (LOG_KEY.kid,))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n11\n", "\n12\n"),
        ("\n11\n", "\n011\n"),
        (ORIGIN, "exams.example/log2"),
        ("— ", "- "),
        ("\n\n", "\n"),
        ("=\n\n", "=\nmore\n\n"),
    ],
)
def test_no_line_of_a_checkpoint_can_change(old: str, new: str) -> None:
    text = log.checkpoint(ORIGIN, 11, bytes(32), LOG_KEY)
    assert old in text
    with pytest.raises(CredentialError):
        log.open_checkpoint(text.replace(old, new), [LOG_KEY.public], ORIGIN)


@pytest.mark.parametrize("body", ["a\n1\n", "a\nx\nAAAA\n", "a\n1\nAAAA\n", "a\n1\n!\n", "a\n\nb\n"])
def test_a_signed_text_need_not_be_a_checkpoint(body: str) -> None:
    with pytest.raises(Malformed):
        log.open_checkpoint(notes.sign(body, "a", LOG_KEY), [LOG_KEY.public])


@pytest.mark.parametrize(
    ("text", "name"), [("no newline", "a"), ("tab\t\n", "a"), ("fine\n", "a b"), ("fine\n", "a+b"), ("fine\n", "")]
)
def test_a_note_that_nobody_could_read_is_not_signed(text: str, name: str) -> None:
    with pytest.raises(Malformed):
        notes.sign(text, name, LOG_KEY)


@given(trees, st.data(), st.none() | st.binary(max_size=40))
@settings(max_examples=50, deadline=None)
def test_a_tlog_proof_comes_back_and_proves(leaves: list[bytes], data: st.DataObject, extra: bytes | None) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    head = log.checkpoint(ORIGIN, len(leaves), log.root(leaves), LOG_KEY)
    found = log.parse_proof(log.format_proof(index, log.inclusion_proof(leaves, index), head, extra))
    assert (found.index, found.extra, found.checkpoint) == (index, extra, head)
    opened = log.open_checkpoint(found.checkpoint, [LOG_KEY.public])
    log.verify_inclusion(leaves[index], found.index, opened.size, found.path, opened.root)


PROOF = log.format_proof(2, [bytes(32)], log.checkpoint(ORIGIN, 3, bytes(32), LOG_KEY), b"extra")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("index 2", "index 02"),
        ("index 2", "index -1"),
        ("index 2\n", ""),
        ("index 2", "index ２"),  # a full-width digit is the point
        ("extra ZXh0cmE=", "extra ZXh0cmE"),
        ("AAA=\n\n", "AAA\n\n"),
        ("\n\n", "\n"),
        (PROOF, ""),
    ],
)
def test_a_tlog_proof_is_read_strictly(old: str, new: str) -> None:
    log.parse_proof(PROOF)
    assert old in PROOF
    with pytest.raises(Malformed):
        log.parse_proof(PROOF.replace(old, new, 1))


def test_a_leaf_names_nobody() -> None:
    credential = issued()
    leaf = log.certificate_leaf(credential, SALT)
    assert leaf.startswith(b"certificate")
    assert len(leaf) == len(b"certificate") + hashlib.sha256().digest_size
    assert leaf != log.certificate_leaf(credential, SALT + b"!")
    with pytest.raises(Malformed):
        log.certificate_leaf(credential, b"short")
