"""The key for certificates in a file of its own, a token or a cloud: the platform signs with it, and says when it cannot."""

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.errors import BadKey, SignerFailed
from credentials.issuance import proof
from credentials.keys import did
from credentials.keys.ed25519 import PublicKey, SigningKey
from credentials.keys.signers import pem
from exam_api.certificates import queries
from exam_api.certificates.service import keys, statuses
from exam_api.db.session import transaction
from exam_api.errors import IssuerKeyChanged
from exam_api.installation import Installation, open_issuer_key
from exam_api.keyring import KeyFileUnsafe, open_keyring
from exam_api.operations.change_key import change_to
from exam_api.settings import Settings
from tests.credentials.keys.signers.key_service import NAME, Service, running

NOW = datetime(2027, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Unplugged:
    """A token that was taken out."""

    public: PublicKey

    @property
    def kid(self) -> str:
        return self.public.multikey

    def sign(self, data: bytes) -> bytes:
        raise SignerFailed("the token 'exams' did not sign: DeviceRemoved")


async def test_the_key_moves_out_of_the_key_file(
    installation: Installation, settings: Settings, tmp_path: Path
) -> None:
    async with transaction(installation.sessions) as session:
        await keys.ensure(session, installation, NOW)
        await statuses.ensure(session, installation, NOW)
    pem.write_key(tmp_path / "issuer.pem", b"the key that is kept somewhere!!", "open sesame")
    (tmp_path / "pin").write_text("open sesame\n")
    (tmp_path / "pin").chmod(0o600)
    elsewhere = settings.model_copy(
        update={"issuer_key": f"file:{tmp_path / 'issuer.pem'}", "issuer_key_pin_file": tmp_path / "pin"}
    )
    key = open_issuer_key(elsewhere)
    assert key is not None
    done = await change_to(installation, key, NOW, None)
    assert (done.key, done.added, done.ended) == (key.kid, 2, 3)
    assert (await change_to(installation, key, NOW, None)).added is None  # a second time changes nothing
    ring = open_keyring(settings.key_file, os.urandom, key)
    assert (ring.issuer.kid, ring.log.kid) == (key.kid, installation.keyring.log.kid)
    moved = replace(installation, keyring=ring)
    async with transaction(installation.sessions) as session:
        await keys.ensure(session, moved, NOW)
        newest = await queries.newest_status(session)
        assert newest is not None
        proof.verify(newest.document, key.public)
        assert did.read(keys.did_document(moved, await keys.known(session, moved))).assertion
        with pytest.raises(IssuerKeyChanged):
            await keys.ensure(session, installation, NOW)


async def test_a_token_that_is_gone_leaves_nothing_half_done(installation: Installation) -> None:
    gone = Unplugged(SigningKey.generate(b"the key in a token that is gone!").public)
    without = replace(installation, keyring=replace(installation.keyring, issuer=gone))
    with pytest.raises(SignerFailed, match="did not sign"):
        async with transaction(without.sessions) as session:
            await keys.ensure(session, without, NOW)
    async with transaction(installation.sessions) as session:
        assert await queries.count_entries(session) == 0
        assert await queries.newest_status(session) is None


def test_exams_go_on_while_the_key_does_not_answer(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service()
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    own = settings.model_copy(update={"key_file": tmp_path / "keys.json"})
    with running(service) as address:
        moved = own.model_copy(update={"issuer_key": f"awskms:{NAME}?region=eu-central-1&endpoint={address}"})
        service.fail = (400, "AccessDeniedException")
        with pytest.raises(SignerFailed):
            open_issuer_key(moved)  # it never was there: nobody knows which key it is
        service.fail = None
        first = open_issuer_key(moved)
        assert first is not None
        service.fail = (400, "AccessDeniedException")
        later = open_issuer_key(moved)
        assert later is not None
        assert later.public == first.public
        with pytest.raises(SignerFailed):
            later.sign(b"data")
        service.fail = None
        first.public.verify(later.sign(b"data"), b"data")
        service.fail = (400, "AccessDeniedException")
        replaced = open_issuer_key(moved)
        assert replaced is not None
        service.fail, service.key = None, Ed25519PrivateKey.from_private_bytes(b"z" * 32)
        with pytest.raises(BadKey, match="another key now"):
            replaced.sign(b"data")


def test_a_pin_that_others_can_read_is_none(settings: Settings, tmp_path: Path) -> None:
    pem.write_key(tmp_path / "issuer.pem", b"the key that is kept somewhere!!", None)
    (tmp_path / "pin").write_text("1234")
    (tmp_path / "pin").chmod(0o644)
    update = {"issuer_key": f"file:{tmp_path / 'issuer.pem'}", "issuer_key_pin_file": tmp_path / "pin"}
    with pytest.raises(KeyFileUnsafe):
        open_issuer_key(settings.model_copy(update=update))
    assert open_issuer_key(settings) is None
    with pytest.raises(BadKey, match="begins with one of"):
        open_issuer_key(settings.model_copy(update={"issuer_key": "vault:x"}))
