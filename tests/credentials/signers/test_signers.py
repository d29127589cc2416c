"""Keys in files, tokens and clouds: one interface, the same certificates, and each failure with a sentence."""

from __future__ import annotations

import gc
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from credentials import certificate, did, entries, log, proof, verify
from credentials.errors import BadKey, SignerFailed
from credentials.keys import SigningKey
from credentials.signers import Signer, open_signer, pem
from credentials.signers.token import Address
from credentials.trust import Trust
from tests.credentials.samples import ISSUED, NOW, award
from tests.credentials.signers.key_service import NAME, SEED, Service, running

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")
MODULE = next((path for path in MODULES if Path(path).exists()), None)
needs_token = pytest.mark.skipif(
    MODULE is None or shutil.which("softhsm2-util") is None, reason="no SoftHSM here; Debian: apt-get install softhsm2"
)
PIN = "5678-and-nobody-knows"


def keeps_its_promises(key: Signer) -> None:
    """Whatever keeps the key: certificates, checkpoints and entries of the log are made with it and hold."""
    assert isinstance(key, Signer)
    assert key.kid == key.public.multikey
    key.public.verify(key.sign(b"data"), b"data")
    assert key.sign(b"data") == key.sign(b"data")  # Ed25519 knows no chance
    method = did.method_id(award().issuer_id, key.public)
    document = certificate.issue(certificate.build(award()), key, method, ISSUED)
    proof.verify(document, key.public)
    assert verify.verify(document, Trust((key.public,)), NOW).verdict == "proven"
    note = log.checkpoint("exams.example/log", 1, bytes(32), key)
    assert log.open_checkpoint(note, (key.public,)).size == 1
    entries.check_possession(entries.add_key(key, "issuer", key.kid, 0))


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
    path.chmod(0o600)
    path.write_text("no key")
    with pytest.raises(BadKey, match="holds no key"):
        open_signer(f"file:{path}")


@pytest.mark.parametrize("address", ["", "issuer.pem", "https://keys.example/1", "vault:secret"])
def test_an_address_of_another_kind(address: str) -> None:
    with pytest.raises(BadKey, match="begins with one of file:, pkcs11:, awskms:"):
        open_signer(address)


# --- a token ---


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh SoftHSM token with one Ed25519 key `issuer`, one P-256 key `wallet` and two keys `twice`; its address."""
    import pkcs11

    assert MODULE is not None
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path}/tokens\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    util = shutil.which("softhsm2-util")
    assert util is not None
    name = f"exams-{tmp_path.name[-12:]}"
    arguments = ["--init-token", "--free", "--label", name, "--so-pin", "12345678", "--pin", PIN]
    subprocess.run([util, *arguments], check=True, capture_output=True)
    _restart()
    library = pkcs11.lib(MODULE)
    with library.get_token(token_label=name).open(rw=True, user_pin=PIN) as session:
        kinds = [
            ("issuer", pkcs11.KeyType.EC_EDWARDS, pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN, "06032b6570"),
            ("wallet", pkcs11.KeyType.EC, pkcs11.Mechanism.EC_KEY_PAIR_GEN, "06082a8648ce3d030107"),
            ("twice", pkcs11.KeyType.EC_EDWARDS, pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN, "06032b6570"),
            ("twice", pkcs11.KeyType.EC_EDWARDS, pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN, "06032b6570"),
        ]
        for label, kind, how, curve in kinds:
            parameters = session.create_domain_parameters(
                kind, {pkcs11.Attribute.EC_PARAMS: bytes.fromhex(curve)}, local=True
            )
            parameters.generate_keypair(mechanism=how, store=True, label=label, id=label.encode())
    return f"pkcs11:token={name};object=issuer;type=private?module-path={MODULE}"


def _restart() -> None:
    """Let the module read its settings anew. Nothing may hold a session then: freeing one later would crash the module."""
    import pkcs11

    gc.collect()
    pkcs11.lib(MODULE).reinitialize()


@needs_token
def test_a_key_in_a_token(token: str) -> None:
    key = open_signer(token, PIN)
    keeps_its_promises(key)
    assert PIN not in repr(key)
    assert open_signer(token.replace("object=issuer", "id=%69%73suer"), PIN).public == key.public


@needs_token
def test_a_session_that_broke_is_opened_again(token: str) -> None:
    from credentials.signers.token import TokenKey

    key = open_signer(token, PIN)
    assert isinstance(key, TokenKey)
    key._session.close()
    key.public.verify(key.sign(b"data"), b"data")


@needs_token
def test_a_token_that_is_gone_fails_with_a_sentence_and_comes_back(token: str, tmp_path: Path) -> None:
    from credentials.signers.token import TokenKey

    key = open_signer(token, PIN)
    assert isinstance(key, TokenKey)
    key._forget()
    (tmp_path / "tokens").rename(tmp_path / "drawer")
    (tmp_path / "tokens").mkdir()
    _restart()
    with pytest.raises(SignerFailed, match="did not sign") as failed:
        key.sign(b"data")
    assert PIN not in str(failed.value)
    (tmp_path / "tokens").rmdir()
    (tmp_path / "drawer").rename(tmp_path / "tokens")
    _restart()
    key.public.verify(key.sign(b"data"), b"data")


@needs_token
def test_what_never_will_sign_is_said_at_once(token: str) -> None:
    for changed, reason in (
        (token.replace("object=issuer", "object=nobody"), "has 0 public keys"),
        (token.replace("object=issuer", "object=twice"), "has 2 public keys"),
        (token.replace("object=issuer", "object=wallet"), "of another kind"),
    ):
        with pytest.raises(BadKey, match=reason):
            open_signer(changed, PIN)
    with pytest.raises(BadKey, match="the PIN is not that of"):
        open_signer(token, "wrong")
    with pytest.raises(SignerFailed, match="cannot be used"):
        open_signer(token.replace("token=exams", "token=other"), PIN)
    with pytest.raises(SignerFailed, match="cannot be used"):
        open_signer("pkcs11:object=issuer?module-path=/nowhere/module.so", PIN)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("object=issuer", "needs \\?module-path="),
        ("token=a?module-path=/m.so", "names no key"),
        ("object=a;type=cert?module-path=/m.so", "something else than a private key"),
        ("object=a?module-path=/m.so&pin-value=1234", "a PIN does not belong"),
        ("object=a;object=b?module-path=/m.so", "says it twice"),
        ("object=a;colour=red?module-path=/m.so", "'colour', which we do not know"),
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
