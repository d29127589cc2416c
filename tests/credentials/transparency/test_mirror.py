"""A mirror copies all of a log and refuses, each with its own reason, a log that is not one."""

from __future__ import annotations

import http.client
import shutil
import threading
from pathlib import Path

import pytest

from credentials.errors import CredentialError, Malformed, NotProven, Unreachable
from credentials.keys.ed25519 import SigningKey
from credentials.transparency import entries, layout, log, mirror, notes, serving, sources
from credentials.transparency.entries import Issued, KeyRetired, PolicySet
from credentials.transparency.notes import NoteKey
from credentials.transparency.policy import Log, Policy
from credentials.transparency.record import read
from credentials.transparency.sources import Address, Folder
from credentials.transparency.witness import origin_hash
from tests.credentials.logs import LATTICE, SEEN, TRUSTED, WITNESS, WITNESSED, rotated, stolen, usual, write
from tests.credentials.samples import LOG_KEY, ORIGIN, OTHER, issued


def many(count: int, changed: int | None = None) -> list[bytes]:
    """A long log; with entry `changed` rewritten."""
    found = usual() + [entries.encode(Issued(number.to_bytes(32))) for number in range(count - len(usual()))]
    if changed is not None:
        found[changed] = entries.encode(Issued(b"R" * 32))
    return found


def test_a_mirror_follows_a_log_as_it_grows(tmp_path: Path) -> None:
    folder, before = tmp_path / "mirror", 0
    for size in (5, 255, 256, 257, 600, 600, 1100):
        source = write(tmp_path / f"log{size}", many(max(size, 8))[:size])
        done = mirror.copy(Folder(source), folder, TRUSTED)
        assert (done.origin, done.before, done.size) == (ORIGIN, before, size)
        before = size
        record = read(Folder(folder), TRUSTED)
        assert record.head.size == size
        for resource in layout.resources(size):
            assert (folder / resource.path).read_bytes() == (source / resource.path).read_bytes()


def test_a_mirror_adds_its_own_word_once(tmp_path: Path) -> None:
    source, folder = write(tmp_path / "log", usual(), WITNESS), tmp_path / "mirror"
    for _ in range(2):
        mirror.copy(Folder(source), folder, WITNESSED, LATTICE, SEEN)
        note = notes.parse((folder / "checkpoint").read_text(encoding="utf-8"))
        assert [each.name for each in note.signatures] == [ORIGIN, WITNESS.name, LATTICE.name]
        assert set(read(Folder(folder), WITNESSED).witnesses) == {"w1", "w2"}


def refused(source: Path, folder: Path) -> NotProven:
    """Copying it is refused, and the copy is as it was."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".pending" not in str(path)}
    with pytest.raises(NotProven) as reason:
        mirror.copy(Folder(source), folder, TRUSTED)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".pending" not in str(path)}
    assert after == before
    return reason.value


@pytest.mark.parametrize("changed", [0, 255, 299])
@pytest.mark.parametrize("size", [300, 700])
def test_a_split_view_is_refused(tmp_path: Path, size: int, changed: int) -> None:
    folder = tmp_path / "mirror"
    mirror.copy(Folder(write(tmp_path / "log", many(300))), folder, TRUSTED)
    assert refused(write(tmp_path / "fork", many(size, changed)), folder).step == "split view"


def test_a_rolled_back_checkpoint_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    mirror.copy(Folder(write(tmp_path / "log", many(300))), folder, TRUSTED)
    assert refused(write(tmp_path / "old", many(299)), folder).step == "rolled back"


def test_a_forged_tile_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "log", many(600))
    for tile in ("tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"):
        folder = shutil.copytree(source, tmp_path / tile.replace("/", "-"))
        data = bytearray((folder / tile).read_bytes())
        data[33] ^= 1
        (folder / tile).write_bytes(data)
        assert refused(folder, tmp_path / "mirror").step == "forged tile"
        with pytest.raises(NotProven, match="forged tile"):
            read(Folder(folder), TRUSTED)


def test_a_rewritten_entry_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "log", many(300))
    bundle = source / "tile/entries/001.p/44"
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"!")
    assert refused(source, tmp_path / "mirror").step == "forged tile"
    whole = write(tmp_path / "other", many(300, 299))
    shutil.copy(tmp_path / "log/checkpoint", whole / "checkpoint")
    reason = refused(whole, tmp_path / "mirror")
    assert (reason.step, reason.reason) == ("public record", "the log's entries do not lead to the root that it signed")


@pytest.mark.parametrize("cut", [1, 30, 45])
def test_a_truncated_bundle_is_refused(tmp_path: Path, cut: int) -> None:
    source = write(tmp_path / "log", many(300))
    bundle = source / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes()[:-cut])
    for attempt in (
        lambda: mirror.copy(Folder(source), tmp_path / "mirror", TRUSTED),
        lambda: read(Folder(source), TRUSTED),
    ):
        with pytest.raises(Malformed, match=r"cut short|does not hold"):
            attempt()


def test_a_log_by_another_key_or_without_its_witness_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path / "log", usual(), key=OTHER), tmp_path / "mirror").step == "checkpoint"
    with pytest.raises(NotProven, match="witnesses"):
        mirror.copy(Folder(write(tmp_path / "log", usual())), tmp_path / "mirror", WITNESSED)


def test_a_missing_file_is_said_and_changes_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "log", many(300))
    (source / "tile/entries/000").unlink()
    with pytest.raises(Unreachable, match="tile/entries/000"):
        mirror.copy(Folder(source), tmp_path / "mirror", TRUSTED)
    assert not (tmp_path / "mirror/checkpoint").exists()
    with pytest.raises(Unreachable, match="no checkpoint"):
        mirror.copy(Folder(tmp_path / "nowhere"), tmp_path / "mirror", TRUSTED)


def test_partial_files_may_be_gone_where_the_full_one_is_there(tmp_path: Path) -> None:
    source = write(tmp_path / "log", many(600))
    then = write(tmp_path / "then", many(300))
    for kept in ("checkpoint", "tile/1/000.p/1"):  # the full tile of that level is not there yet
        shutil.copy(then / kept, source / kept)
    assert mirror.copy(Folder(source), tmp_path / "mirror", TRUSTED).size == 300


def test_what_was_left_of_a_killed_copy_does_not_matter(tmp_path: Path) -> None:
    source, folder = write(tmp_path / "log", many(300)), tmp_path / "mirror"
    left = folder / ".pending/tile/entries/000"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    mirror.copy(Folder(source), folder, TRUSTED)
    assert read(Folder(folder), TRUSTED).head.size == 300
    assert not left.exists()


def test_a_record_tells_the_history(tmp_path: Path) -> None:
    record = read(Folder(write(tmp_path / "log", stolen(5))), TRUSTED)
    assert dict(record.counts) == {"certificate": 6, "key-add": 2, "key-compromise": 1, "status-list": 1}
    assert [span.last_valid for span in record.histories["issuer"].spans.values()] == [5, None]
    assert record.newest_status() == 1
    unknown = read(Folder(write(tmp_path / "new", [*rotated(), b"a kind of the future"])), TRUSTED)
    assert unknown.counts["unknown"] == 1
    with pytest.raises(Malformed, match="entry 10"):
        read(Folder(write(tmp_path / "bad", [*rotated(), b"key-add{}"])), TRUSTED)


def test_a_mirror_serves_its_files_and_nothing_else(tmp_path: Path) -> None:
    folder = write(tmp_path / "log", many(300))
    (folder / "tile/0/002").write_bytes(b"not promised yet")
    (folder / "secret").write_bytes(b"not a file of the log")
    server = serving.mirror_server(folder, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        done = mirror.copy(sources.open_source(f"{url}/"), tmp_path / "mirror", TRUSTED)
        assert done.size == 300
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
        for path, status in [
            ("/checkpoint", 200),
            (f"/{origin_hash(ORIGIN)}/checkpoint", 200),
            (f"/{origin_hash(ORIGIN)}/tile/0/000", 200),
            ("/tile/0/002", 404),
            ("/secret", 404),
            ("/../secret", 404),
            ("/tile/0/../../secret", 404),
        ]:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            assert (path, answer.status) == (path, status)
        connection.request("HEAD", "/tile/0/000")
        answer = connection.getresponse()
        assert (answer.headers["Content-Length"], answer.headers["Content-Type"]) == (
            "8192",
            "application/octet-stream",
        )
        assert "immutable" in answer.headers["Cache-Control"]
        answer.read()
        connection.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    with pytest.raises(Unreachable):
        Address(url).read("checkpoint", 10)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    source = write(tmp_path / "log", usual())
    (source / "checkpoint").write_bytes(b"x" * (notes.MAX_NOTE + 1))
    with pytest.raises(Malformed, match="larger"):
        read(Folder(source), TRUSTED)
    (source / "checkpoint").write_bytes(b"\xff\xfe")
    with pytest.raises(CredentialError):
        read(Folder(source), TRUSTED)


def test_the_sample_is_what_it_says() -> None:
    assert log.leaf_hash(usual()[2]) == log.leaf_hash(
        log.certificate_leaf(issued(), b"sixteen bytes or more of chance")
    )


# --- the log's key changes, and its policy is an entry ---

LOG_2 = SigningKey.generate(b"the log's key that came after it")
ADDED = [*usual(), entries.encode(entries.add_log_key(LOG_2, LOG_KEY))]  # entry 8
RETIRED = [*ADDED, entries.encode(KeyRetired(LOG_KEY.public, "log"))]  # entry 9
LATER = [*RETIRED, entries.encode(Issued(b"L" * 32))]


def test_a_mirror_follows_a_log_to_its_next_key(tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    mirror.copy(Folder(write(tmp_path / "a", usual())), folder, TRUSTED)
    mirror.copy(Folder(write(tmp_path / "b", ADDED, key=LOG_2, former=LOG_KEY)), folder, TRUSTED)
    done = mirror.copy(Folder(write(tmp_path / "c", LATER, key=LOG_2)), folder, TRUSTED)
    assert (done.before, done.size) == (9, 11)
    (folder / "about-the-log.json").unlink()  # as an older version left it
    assert mirror.copy(Folder(tmp_path / "c"), folder, TRUSTED).size == 11


def test_a_retired_key_does_not_lead_a_mirror_on(tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    mirror.copy(Folder(write(tmp_path / "a", RETIRED, key=LOG_2, former=LOG_KEY)), folder, TRUSTED)
    reason = refused(write(tmp_path / "b", [*RETIRED, entries.encode(Issued(b"F" * 32))], key=LOG_KEY), folder)
    assert reason.step == "log key"
    assert "retired in entry 9" in reason.reason
    assert log.vkey(ORIGIN, LOG_2.public) in reason.reason


def test_a_reader_with_the_old_key_is_told_the_new_one(tmp_path: Path) -> None:
    source = write(tmp_path / "a", LATER, key=LOG_2, former=LOG_KEY)
    with pytest.raises(NotProven, match="by its own entries the log's key is now") as reason:
        read(Folder(source), TRUSTED)
    assert log.vkey(ORIGIN, LOG_2.public) in reason.value.reason
    found = read(Folder(source), Policy((Log(NoteKey(ORIGIN, LOG_2.public)),)))
    assert set(found.log_keys()) == {LOG_KEY.public, LOG_2.public}


def announcing(*rules: str) -> list[bytes]:
    """A log that says who its witnesses are, and once more."""
    return [*usual(), *(entries.encode(PolicySet(each, ("evm 1",))) for each in rules)]


ONE = f"witness w1 {WITNESS.public.vkey}\nquorum w1\n"
BOTH = f"witness w1 {WITNESS.public.vkey}\nwitness w2 {LATTICE.public.vkey}\ngroup all all w1 w2\nquorum all\n"


def test_the_policy_that_counted_is_the_last_one_below_a_head(tmp_path: Path) -> None:
    found = read(Folder(write(tmp_path / "a", announcing(ONE, BOTH))), TRUSTED)
    assert found.announced(8) is None
    assert found.announced(9) == (8, PolicySet(ONE, ("evm 1",)))
    assert found.announced(10) == (9, PolicySet(BOTH, ("evm 1",)))


@pytest.mark.parametrize(
    ("rules", "satisfied", "seen"),
    [((ONE,), True, ("w1",)), ((ONE, BOTH), False, ("w1",)), ((BOTH, ONE), True, ("w1",))],
)
def test_a_mirror_says_whether_the_log_keeps_its_own_policy(
    tmp_path: Path, rules: tuple[str, ...], satisfied: bool, seen: tuple[str, ...]
) -> None:
    done = mirror.copy(Folder(write(tmp_path / "a", announcing(*rules), WITNESS)), tmp_path / "mirror", TRUSTED)
    assert done.announced == mirror.Announced(7 + len(rules), seen, satisfied)


def test_a_policy_that_nobody_can_read_does_not_stop_a_mirror(tmp_path: Path) -> None:
    done = mirror.copy(Folder(write(tmp_path / "a", announcing("nonsense"))), tmp_path / "mirror", TRUSTED)
    assert (done.size, done.announced) == (9, None)
