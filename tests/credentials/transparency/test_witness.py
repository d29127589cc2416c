"""A witness answers exactly as c2sp.org/tlog-witness lays down, and never cosigns two histories; over HTTP too."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import Malformed, Refused
from credentials.keys.ed25519 import SigningKey
from credentials.transparency import log, notes, serving, witness
from credentials.transparency.witness import Book, Witness, origin_hash, request
from tests.credentials.logs import LATTICE, LOG, SEEN, WITNESS
from tests.credentials.samples import LOG_KEY, ORIGIN, OTHER

LEAVES = [log.leaf_hash(b"entry %d" % number) for number in range(12)]
FORKED = [*LEAVES[:3], log.leaf_hash(b"rewritten"), *LEAVES[4:]]


def own(folder: Path) -> Witness:
    return Witness([LATTICE, WITNESS], {ORIGIN: [LOG]}, Book(folder))


def head(size: int, leaves: Sequence[bytes] = LEAVES, key: SigningKey = LOG_KEY, origin: str = ORIGIN) -> str:
    return log.checkpoint(origin, size, log.root(leaves[:size]), key)


def asked(old: int, size: int, leaves: Sequence[bytes] = LEAVES) -> bytes:
    path = log.consistency_proof(leaves[:size], old) if 0 < old <= size else []
    return request(old, path, head(size, leaves))


def refused(found: Witness, body: bytes) -> Refused:
    with pytest.raises(Refused) as reason:
        found.add_checkpoint(body, SEEN)
    return reason.value


def test_it_cosigns_what_grows(tmp_path: Path) -> None:
    found = own(tmp_path)
    for old, size in [(0, 0), (0, 3), (3, 3), (3, 7), (7, 12)]:
        lines = notes.parse_lines(found.add_checkpoint(asked(old, size), SEEN))
        text = notes.parse(head(size)).text
        keys = [LATTICE.public, WITNESS.public]
        assert notes.proven(notes.Note(text, lines), keys) == [(key, SEEN) for key in keys]
    kept = found.book.note(origin_hash(ORIGIN))
    assert kept is not None
    assert notes.open_note(kept, [LOG, LATTICE.public, WITNESS.public])[1] == [LOG, LATTICE.public, WITNESS.public]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"old 3\n\n", 400),
        (b"old 03\n\n" + head(7).encode(), 400),
        (b"old -1\n\n" + head(7).encode(), 400),
        (b"old 3\nAAAA\n\n" + head(7).encode(), 400),
        (b"\xff", 400),
        (request(3, [bytes(32)] * 64, head(7)), 400),
        (asked(3, 7).replace(b"\nexams", b"exams"), 400),
        (request(9, [], head(7)), 400),
        (request(0, [], head(7, origin="another.example/log")), 404),
        (request(3, [], head(7, key=OTHER)), 403),
        (asked(3, 7).replace(b"\n7\n", b"\n8\n"), 403),
        (asked(0, 7), 409),
        (asked(2, 7), 409),
        (asked(4, 7), 409),
        (request(3, [], head(7)), 422),
        (request(3, [bytes(32)] * 3, head(7)), 422),
        (asked(3, 7)[:-1], 400),
        (request(3, log.consistency_proof(FORKED[:7], 3), head(7)), 422),
        (request(3, [], head(3, [b"\1" * 32] * 3)), 422),
    ],
)
def test_it_refuses_as_the_protocol_says(tmp_path: Path, body: bytes, status: int) -> None:
    found = own(tmp_path)
    found.add_checkpoint(asked(0, 3), SEEN)
    reason = refused(found, body)
    assert (reason.status, reason.body) == (status, "3\n" if status == 409 else None)
    assert "200" not in str(reason)
    found.add_checkpoint(asked(3, 7), SEEN)  # nothing was kept of what was refused


def test_an_empty_log_has_the_root_of_nothing_and_a_first_proof_is_empty(tmp_path: Path) -> None:
    found = own(tmp_path)
    assert refused(found, request(0, [], log.checkpoint(ORIGIN, 0, bytes(32), LOG_KEY))).status == 422
    assert refused(found, request(0, [bytes(32)], head(3))).status == 422


def test_it_never_cosigns_a_split_view_nor_a_log_that_was_rolled_back(tmp_path: Path) -> None:
    found = own(tmp_path)
    found.add_checkpoint(asked(0, 7), SEEN)
    assert refused(found, asked(7, 7, FORKED)).status == 422
    assert refused(found, asked(7, 12, FORKED)).status == 422
    assert refused(found, asked(3, 5)).status == 409
    assert refused(found, request(7, [], head(5))).status == 400


def test_it_remembers_over_its_own_end_and_refuses_when_its_book_is_damaged(tmp_path: Path) -> None:
    own(tmp_path).add_checkpoint(asked(0, 7), SEEN)
    assert refused(own(tmp_path), asked(0, 3)).status == 409
    file = tmp_path / origin_hash(ORIGIN) / "checkpoint"
    file.write_text(file.read_text(encoding="utf-8")[:20], encoding="utf-8")
    with pytest.raises(Malformed):
        own(tmp_path).add_checkpoint(asked(7, 12), SEEN)


def test_two_requests_at_once_do_not_roll_each_other_back(tmp_path: Path) -> None:
    found = own(tmp_path)
    found.add_checkpoint(asked(0, 3), SEEN)
    sizes = [4, 5, 6, 7, 8, 9]
    done: list[int] = []
    refusals: list[int] = []

    def ask(size: int) -> None:
        try:
            found.add_checkpoint(asked(3, size), SEEN)
            done.append(size)
        except Refused as reason:
            refusals.append(reason.status)

    threads = [threading.Thread(target=ask, args=(size,)) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = found.book.last(ORIGIN)
    assert last is not None
    assert done == [last.size]
    assert refusals == [409] * (len(sizes) - 1)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.booleans()), max_size=12))
@settings(max_examples=25, deadline=None)
def test_whatever_is_asked_all_that_was_cosigned_is_one_history(
    tmp_path_factory: pytest.TempPathFactory, wishes: list[tuple[int, int, bool]]
) -> None:
    found, sizes, roots = own(tmp_path_factory.mktemp("witness")), [0], {}
    for old, size, forked in wishes:
        leaves = FORKED if forked else LEAVES
        try:
            found.add_checkpoint(asked(old, size, leaves), SEEN)
        except Refused:
            continue
        sizes.append(size)
        roots[size] = log.root(leaves[:size])
    assert sizes == sorted(sizes)
    assert any(all(log.root(leaves[:size]) == root for size, root in roots.items()) for leaves in (LEAVES, FORKED))


# --- over HTTP ---


@pytest.fixture
def served(tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    server = serving.witness_server(own(tmp_path), "127.0.0.1", 0, lambda: SEEN)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    yield connection
    connection.close()
    server.shutdown()
    thread.join()
    server.server_close()


def ask(served: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> tuple[int, str, str]:
    served.request(method, path, body)
    answer = served.getresponse()
    return answer.status, answer.headers["Content-Type"], answer.read().decode()


def test_a_log_asks_over_http(served: http.client.HTTPConnection) -> None:
    status, _, lines = ask(served, "POST", "/add-checkpoint", asked(0, 3))
    assert status == 200
    assert len(notes.parse_lines(lines)) == 2
    assert ask(served, "POST", "/add-checkpoint", asked(0, 7)) == (409, "text/x.tlog.size", "3\n")
    assert ask(served, "POST", "/add-checkpoint", request(3, [], head(7)))[0] == 422
    assert ask(served, "POST", "/add-checkpoint", request(3, [], head(7, key=OTHER)))[0] == 403
    assert ask(served, "POST", "/add-checkpoint", request(0, [], head(7, origin="x.example/log")))[0] == 404
    assert ask(served, "POST", "/add-checkpoint", b"?")[0] == 400
    status, kind, note = ask(served, "GET", f"/{origin_hash(ORIGIN)}/checkpoint")
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    assert note == head(3) + lines


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", f"/{origin_hash(ORIGIN)}/checkpoint"), ("GET", "/../keys.json"), ("POST", "/sign-subtree")],
)
def test_there_is_nothing_else(served: http.client.HTTPConnection, method: str, path: str) -> None:
    assert ask(served, method, path, b"" if method == "POST" else None)[0] == 404


def test_a_request_has_a_length_and_a_limit(served: http.client.HTTPConnection) -> None:
    served.putrequest("POST", "/add-checkpoint")
    served.putheader("Transfer-Encoding", "chunked")
    served.endheaders()
    answer = served.getresponse()
    assert (answer.status, answer.read() != b"") == (411, True)
    served.close()
    served.putrequest("POST", "/add-checkpoint")
    served.putheader("Content-Length", str(witness.MAX_REQUEST + 1))
    served.endheaders()
    assert served.getresponse().status == 413
