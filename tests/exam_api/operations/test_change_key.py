"""`invigil change-key`: whenever it is cut off, running it again finishes it, and the old key signs nothing meanwhile."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from credentials.errors import NotProven
from credentials.keys.ed25519 import SigningKey
from credentials.transparency import layout, log
from credentials.transparency.notes import NoteKey
from credentials.transparency.policy import Log, Policy
from credentials.transparency.record import Record, read
from exam_api.certificates import queries
from exam_api.certificates.api.record import public_file
from exam_api.certificates.service import checking, institution, keys, proving, publishing, statuses
from exam_api.db.models.certificates import Checkpoint
from exam_api.db.session import transaction
from exam_api.errors import Invalid, IssuerKeyChanged
from exam_api.installation import Installation
from exam_api.keyring import next_key, open_keyring, prepare
from exam_api.operations.change_key import change_key, finish_log
from exam_api.settings import Settings

NOW = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture
async def key_file(installation: Installation, settings: Settings) -> Path:
    """An installation that has signed something."""
    async with transaction(installation.sessions) as session:
        await keys.ensure(session, installation, NOW)
        await statuses.ensure(session, installation, NOW)
    return settings.key_file


def secrets(path: Path) -> dict[str, str]:
    """What the key file holds; nobody else may read it."""
    assert path.stat().st_mode & 0o077 == 0
    found: dict[str, str] = json.loads(path.read_text())
    return found


async def signs(here: Installation) -> str:
    """The key that the log lets sign now."""
    async with transaction(here.sessions) as session:
        return (await keys.known(session, here)).current.multikey


async def test_another_key_signs_and_every_other_secret_stays(installation: Installation, key_file: Path) -> None:
    before = secrets(key_file)
    done = await change_key(installation, key_file, NOW, os.urandom, None)
    after = secrets(key_file)
    assert (done.added, done.ended) == (2, 3)
    assert {name for name in before if before[name] != after[name]} == {"issuer"}
    assert open_keyring(key_file, os.urandom).issuer.kid == done.key == await signs(installation)
    assert next_key(key_file, "issuer") is None
    with pytest.raises(IssuerKeyChanged):
        await change_key(installation, key_file, NOW, os.urandom, None)  # this process still has the old key


async def test_what_is_refused_changes_nothing(installation: Installation, key_file: Path) -> None:
    before = secrets(key_file)
    with pytest.raises(Invalid):
        await change_key(installation, key_file, NOW, os.urandom, 99)
    assert secrets(key_file) == before
    assert await signs(installation) == installation.keyring.issuer.kid
    done = await change_key(installation, key_file, NOW, os.urandom, 1)
    assert await signs(installation) == done.key


async def test_cut_off_before_the_log_names_the_key(installation: Installation, key_file: Path) -> None:
    forgotten = prepare(key_file, "issuer", os.urandom)
    done = await change_key(installation, key_file, NOW, os.urandom, None)
    assert done.key != forgotten.kid
    assert open_keyring(key_file, os.urandom).issuer.kid == done.key == await signs(installation)


async def test_cut_off_after_the_log_names_the_key(installation: Installation, key_file: Path) -> None:
    prepared = prepare(key_file, "issuer", os.urandom)
    async with transaction(installation.sessions) as session:
        await keys.change(session, installation, prepared, NOW, None)
    done = await change_key(installation, key_file, NOW, os.urandom, None)
    assert (done.key, done.added) == (prepared.kid, None)
    assert open_keyring(key_file, os.urandom).issuer.kid == prepared.kid == await signs(installation)
    assert next_key(key_file, "issuer") is None


# --- the keys for receipts and of the log ---


def again(here: Installation, key_file: Path) -> Installation:
    """The installation after a restart."""
    return replace(here, keyring=open_keyring(key_file, os.urandom))


async def grown(here: Installation, entry: bytes = b"certificate" + bytes(32)) -> Checkpoint:
    """One entry more; the head that was signed."""
    async with transaction(here.sessions) as session:
        await publishing.append(session, here, "certificate", entry, NOW)
        head = await queries.newest_checkpoint(session)
        assert head is not None
        return head


def signers(head: Checkpoint, here: Installation) -> set[str]:
    return set(log.open_checkpoint(head.note, here.keyring.log_keys).signers)


async def histories(here: Installation, *known: SigningKey) -> Record:
    """All of the log, read as somebody who knows these keys of it."""
    origin = institution.log_origin(here)
    async with transaction(here.sessions) as session:
        head = await proving.newest(session)
        files = {each.path: await public_file(session, each) for each in layout.resources(head.size)}

    class Served:
        name = "here"

        def read(self, path: str, _: int) -> bytes | None:
            return head.signed.encode() if path == layout.CHECKPOINT else files.get(path)

    return read(Served(), Policy(tuple(Log(NoteKey(origin, key.public)) for key in known)))


async def test_another_key_signs_receipts_and_the_old_one_keeps_its_name(
    installation: Installation, key_file: Path
) -> None:
    old = installation.keyring.receipt
    done = await change_key(installation, key_file, NOW, os.urandom, None, "receipt")
    assert (done.added, done.ended) == (3, 4)  # entry 2 names the old one, from the beginning on
    after = again(installation, key_file)
    assert after.keyring.receipt.kid == done.key
    assert after.keyring.receipt_keys == (after.keyring.receipt.public, old.public)
    history = (await histories(after, after.keyring.log)).histories["receipt"]
    assert history.current() == (after.keyring.receipt.public,)
    history.check(old.public, 0)
    async with transaction(after.sessions) as session:
        told = keys.trust_file(after, await keys.known(session, after))
    assert told.receipt_keys == [done.key, old.kid]
    assert old.seed.hex() not in str(secrets(key_file))


async def test_a_stolen_key_for_receipts_is_named_no_more(installation: Installation, key_file: Path) -> None:
    old = installation.keyring.receipt
    await change_key(installation, key_file, NOW, os.urandom, 1, "receipt")
    after = again(installation, key_file)
    async with transaction(after.sessions) as session:
        assert old.kid not in keys.trust_file(after, await keys.known(session, after)).receipt_keys
    assert old.public not in after.keyring.time_keys
    assert old.public in after.keyring.receipt_keys  # old files still say whose receipts they hold
    with pytest.raises(NotProven, match="somebody else had the key"):
        (await histories(after, after.keyring.log)).histories["receipt"].check(old.public, 2)


async def test_the_logs_key_follows_another_and_both_sign_until_it_is_finished(
    installation: Installation, key_file: Path
) -> None:
    old = installation.keyring.log
    done = await change_key(installation, key_file, NOW, os.urandom, None, "log")
    assert (done.added, done.ended) == (2, None)
    with pytest.raises(IssuerKeyChanged):
        await grown(installation)  # a process that still has the old key file
    between = again(installation, key_file)
    new = between.keyring.log
    assert signers(await grown(between), between) == {old.kid, new.kid}
    for known in (old, new):  # whoever knows either follows
        assert (await histories(between, known)).histories["log"].current() == (old.public, new.public)
    with pytest.raises(Invalid, match="still signs"):
        await change_key(between, key_file, NOW, os.urandom, None, "log")

    ended = await finish_log(between, key_file, NOW)
    after = again(installation, key_file)
    assert signers(await grown(after), after) == {new.kid}
    assert old.seed.hex() not in str(secrets(key_file))
    assert old.public in after.keyring.log_keys
    found = await histories(after, new)
    assert found.histories["log"].current() == (new.public,)
    assert found.histories["issuer"].current() == (after.keyring.issuer.public,)
    with pytest.raises(NotProven, match="no key that we trust"):
        await histories(after, old)
    assert ended == 4
    with pytest.raises(Invalid, match="waits for its end"):
        await finish_log(after, key_file, NOW)
    async with transaction(after.sessions) as session:
        assert await checking.check(session, after) == 6
        told = keys.trust_file(after, await keys.known(session, after))
    assert told.log_keys == [new.kid, old.kid]


async def test_a_stolen_key_of_the_log_signs_no_further_head(installation: Installation, key_file: Path) -> None:
    old = installation.keyring.log
    done = await change_key(installation, key_file, NOW, os.urandom, 1, "log")
    assert (done.added, done.ended) == (2, 3)
    after = again(installation, key_file)
    assert signers(await grown(after), after) == {after.keyring.log.kid}
    assert old.seed.hex() not in str(secrets(key_file))
    async with transaction(after.sessions) as session:
        assert keys.trust_file(after, await keys.known(session, after)).log_keys == [after.keyring.log.kid]
        assert await checking.check(session, after) == 5


async def test_a_change_that_was_cut_off_is_finished_before_another_begins(
    installation: Installation, key_file: Path
) -> None:
    prepared = prepare(key_file, "receipt", os.urandom)
    async with transaction(installation.sessions) as session:
        await keys.change_receipts(session, installation, prepared, NOW, None)
    with pytest.raises(Invalid, match="Give this command again"):
        await change_key(installation, key_file, NOW, os.urandom, None)
    assert open_keyring(key_file, os.urandom).receipt.kid == prepared.kid
    done = await change_key(again(installation, key_file), key_file, NOW, os.urandom, None)
    assert open_keyring(key_file, os.urandom).issuer.kid == done.key


async def test_a_finish_that_was_cut_off_finishes(installation: Installation, key_file: Path) -> None:
    await change_key(installation, key_file, NOW, os.urandom, None, "log")
    between = again(installation, key_file)
    async with transaction(between.sessions) as session:
        ended = await keys.finish_log(session, between, NOW)
    assert await finish_log(between, key_file, NOW) == ended  # the key file had not followed
    assert open_keyring(key_file, os.urandom).log_former is None
