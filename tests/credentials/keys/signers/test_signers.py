"""Keys in files, tokens and clouds: one interface, the same certificates, and each failure with a sentence."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from credentials.errors import BadKey, SignerFailed
from credentials.issuance import certificate
from credentials.keys import did
from credentials.keys.ed25519 import SigningKey
from credentials.keys.signers import open_signer, pem
from credentials.keys.signers.token import Address
from tests.credentials.keys.signers.key_service import NAME, SEED, Service, running
from tests.credentials.keys.signers.promises import keeps_its_promises
from tests.credentials.keys.signers.softhsm import needs_token, new_token
from tests.credentials.samples import ISSUED, award

# --- a file ---


def test_a_key_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "issuer.pem"
    made = pem.write_key(path, b"s" * 32, None)
    key = open_signer(f"file:{path}")
    assert key.public == made.public == SigningKey.generate(b"s" * 32).public
    keeps_its_promises(key)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BadKey, match="never written over"):
        pem.write_key(path, b"t" * 32, None)


def test_a_passphrase_opens_it_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "issuer.pem"
    pem.write_key(path, b"s" * 32, "correct horse")
    assert open_signer(f"file:{path}", "correct horse").public == SigningKey.generate(b"s" * 32).public
    with pytest.raises(BadKey, match="the passphrase is wrong"):
        open_signer(f"file:{path}", "battery staple")
    with pytest.raises(BadKey, match="it is encrypted: give its passphrase"):
        open_signer(f"file:{path}")


def test_openssl_makes_such_a_key_too(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here")
    path = tmp_path / "issuer.pem"
    subprocess.run([openssl, "genpkey", "-algorithm", "ed25519", "-out", str(path)], check=True)
    path.chmod(0o600)
    keeps_its_promises(open_signer(f"file:{path}"))
    subprocess.run([openssl, "genpkey", "-algorithm", "x25519", "-out", str(path)], check=True)
    with pytest.raises(BadKey, match="of another kind"):
        open_signer(f"file:{path}")


def test_a_file_that_others_can_read_is_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "issuer.pem"
    pem.write_key(path, b"s" * 32, None)
    path.chmod(0o640)
    with pytest.raises(BadKey, match="can be read by others"):
        open_signer(f"file:{path}")
    with pytest.raises(BadKey, match="cannot be read"):
        open_signer(f"file:{tmp_path}/none.pem")
    with pytest.raises(BadKey, match="cannot be read"):
        open_signer("file:\0")
    path.chmod(0o600)
    path.write_text("no key")
    with pytest.raises(BadKey, match="holds no key"):
        open_signer(f"file:{path}")


@pytest.mark.parametrize("address", ["", "issuer.pem", "https://keys.example/1", "vault:secret"])
def test_an_address_of_another_kind(address: str) -> None:
    with pytest.raises(BadKey, match="begins with one of file:, pkcs11:, awskms:"):
        open_signer(address)


# --- a token ---


@needs_token
@pytest.mark.parametrize("case", ["key", "broken_session", "gone", "never"])
def test_a_key_in_a_token(case: str, tmp_path: Path) -> None:
    new_token(tmp_path).holds(case)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("object=issuer", "needs \\?module-path="),
        ("token=a?module-path=/m.so", "names no key"),
        ("object=a;type=cert?module-path=/m.so", "something else than a private key"),
        ("object=a?module-path=/m.so&pin-value=1234", "a PIN does not belong"),
        ("object=a;object=b?module-path=/m.so", "says it twice"),
        ("object=a;colour=red?module-path=/m.so", "'colour', which we do not know"),
        ("object=%ff?module-path=/m.so", "not in UTF-8"),
        ("object?module-path=/m.so", "'object', which we do not know"),
    ],
)
def test_an_address_is_read_strictly(text: str, reason: str) -> None:
    with pytest.raises(BadKey, match=reason):
        Address.read(text)


def test_an_address_may_escape_anything() -> None:
    found = Address.read("token=Exam%20keys;id=%01%FF;serial=7?module-path=/usr/lib/m%2Fo.so")
    assert found == Address("/usr/lib/m/o.so", "Exam keys", b"7", None, b"\x01\xff")


# --- a cloud ---


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Service, str]]:
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("EC2_METADATA_DISABLED", "true")):
        monkeypatch.setenv(f"AWS_{name}", value)
    found = Service()
    with running(found) as address:
        yield found, f"awskms:{NAME}?region=eu-central-1&endpoint={address}"


def test_a_key_in_a_cloud(service: tuple[Service, str]) -> None:
    found, address = service
    key = open_signer(address)
    assert key.public == SigningKey.generate(SEED).public
    keeps_its_promises(key)
    assert found.asked[0] == "TrentService.GetPublicKey"
    assert set(found.asked[1:]) == {"TrentService.Sign"}


def test_a_cloud_that_fails_issues_nothing_half(service: tuple[Service, str]) -> None:
    found, address = service
    key = open_signer(address)
    found.fail = (400, "AccessDeniedException")
    with pytest.raises(SignerFailed, match="refused to work with 'alias/exam-issuer': AccessDenied"):
        certificate.issue(certificate.build(award()), key, did.method_id(award().issuer_id, key.public), ISSUED)
    found.fail, found.wrong = None, True
    with pytest.raises(SignerFailed, match="does not hold under its own public key"):
        key.sign(b"data")
    found.wrong = False
    key.public.verify(key.sign(b"data"), b"data")
    with pytest.raises(SignerFailed, match="at most 4,096 bytes"):
        key.sign(bytes(4097))


def test_a_cloud_key_that_never_will_do(service: tuple[Service, str]) -> None:
    _, address = service
    with pytest.raises(BadKey, match="NotFoundException"):
        open_signer(address.replace("exam-issuer", "nobody"))
    with pytest.raises(BadKey, match="of another kind"):
        open_signer(address.replace("exam-issuer", "rsa"))
    with pytest.raises(BadKey, match="must be awskms:KEY"):
        open_signer("awskms:?region=eu-central-1")
    with pytest.raises(BadKey, match="must be awskms:KEY"):
        open_signer("awskms:alias/x?secret=1")


def test_a_cloud_that_does_not_answer(service: tuple[Service, str]) -> None:
    with pytest.raises(SignerFailed, match="does not answer: EndpointConnectionError"):
        open_signer("awskms:alias/exam-issuer?region=eu-central-1&endpoint=http://127.0.0.1:9")
