"""`invigil change-key`: whenever it is cut off, running it again finishes it, and the old key signs nothing meanwhile."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exam_api.certificates.service import keys, statuses
from exam_api.db.session import transaction
from exam_api.errors import Invalid, IssuerKeyChanged
from exam_api.installation import Installation
from exam_api.keyring import next_key, open_keyring, prepare
from exam_api.operations.change_key import change_key
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
