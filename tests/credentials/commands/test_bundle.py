"""`bundle`, `keys history`, and `verify` of other issuers' files: with the server gone, a copy of the log and a file are enough."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from credentials.__main__ import NOT_PROVEN, PROVEN, UNUSABLE, main
from credentials.canonical import b64u
from credentials.forms import png
from credentials.transparency import cosignatures
from credentials.transparency.notes import NoteKey
from credentials.verification.verify import FORMAT
from tests.credentials import other_issuers as other
from tests.credentials.forms.test_baking import PICTURE
from tests.credentials.logs import rotated, stolen, usual, write
from tests.credentials.samples import KEY, LOG_KEY, ORIGIN, SALT, document, full_bundle, issued, status_list

Output = pytest.CaptureFixture[str]
AT = ["--at", "2027-06-01T00:00:00Z"]
VKEY = ["--log", NoteKey(ORIGIN, LOG_KEY.public).vkey]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A copy of the log, whom to trust, and the certificate with what belongs to it."""
    write(tmp_path / "log", usual())
    trust = {"issuer_keys": [KEY.kid], "log_keys": [LOG_KEY.kid], "origin": ORIGIN}
    files = {"trust": trust, "ada": issued(), "issuer": document(), "status": status_list(), "bundle": full_bundle()}
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    (tmp_path / "jsonld.js").write_text("/* the library */")
    return tmp_path


def anew(place: Path) -> list[str]:
    names = {"--mirror": "log", "--trust": "trust.json", "--issuer": "issuer.json", "--status": "status.json"}
    return [text for option, name in names.items() for text in (option, str(place / name))]


def test_a_bare_certificate_and_a_copy_of_the_log_make_a_whole_folder(place: Path, capsys: Output) -> None:
    out = place / "stick"
    arguments = ["bundle", str(place / "ada.json"), "--salt", b64u(SALT), *anew(place), "--out", str(out)]
    assert main([*arguments, "--library", str(place / "jsonld.js"), "--json"]) == PROVEN
    packed = json.loads(capsys.readouterr().out)["packed"]
    assert {"READ-ME.txt", "check.html", "certificate.bundle.json", "log-proof.txt", "keys.json"} <= set(packed)
    shutil.rmtree(place / "log")  # the server and its log are gone
    checked = ["verify", str(out / "certificate.bundle.json"), "--trust", str(place / "trust.json"), *AT, "--json"]
    assert main(checked) == PROVEN
    report = json.loads(capsys.readouterr().out)
    assert (report["log"]["index"], report["keys"]["outcome"], report["status"]["outcome"]) == (2, "proven", "valid")


def test_a_bundle_is_packed_as_it_is_or_under_the_newest_head(place: Path, capsys: Output) -> None:
    assert main(["bundle", str(place / "bundle.json"), "--out", str(place / "as-it-is.zip")]) == PROVEN
    assert "without --library there is no page" in capsys.readouterr().out
    with zipfile.ZipFile(place / "as-it-is.zip") as archive:
        assert "as-it-is/certificate.bundle.json" in archive.namelist()
        assert "as-it-is/check.html" not in archive.namelist()
    write(place / "log", rotated())
    assert main(["bundle", str(place / "bundle.json"), *anew(place), "--out", str(place / "anew")]) == PROVEN
    capsys.readouterr()
    assert (
        main(["verify", str(place / "anew/certificate.bundle.json"), "--trust", str(place / "trust.json"), *AT])
        == PROVEN
    )
    assert "3 keys       proven      the key was the issuer's at entry 2" in capsys.readouterr().out


def test_a_bundle_tells_of_a_theft_that_the_log_tells_of(place: Path) -> None:
    write(place / "log", stolen(1))
    assert main(["bundle", str(place / "bundle.json"), *anew(place), "--out", str(place / "anew")]) == PROVEN
    checked = ["verify", str(place / "anew/certificate.bundle.json"), "--trust", str(place / "trust.json"), *AT]
    assert main(checked) == NOT_PROVEN


def test_what_is_missing_is_said(place: Path, capsys: Output) -> None:
    out = ["--out", str(place / "x")]
    for arguments, reason, status in (
        ([str(place / "ada.json")], "give --mirror, --salt and --issuer", UNUSABLE),
        ([str(place / "ada.json"), *anew(place)], "found by --salt", UNUSABLE),
        ([str(place / "ada.json"), "--salt", b64u(b"x" * 16), *anew(place)], "its salt is another", NOT_PROVEN),
        ([str(place / "bundle.json"), "--mirror", str(place / "log")], "needs the log's key", UNUSABLE),
        ([str(place / "trust.json")], "give --mirror", UNUSABLE),
    ):
        assert main(["bundle", *arguments, *out]) == status
        assert reason in "".join(capsys.readouterr())
        assert not (place / "x").exists()
    (place / "hollow.json").write_text(json.dumps({"format": FORMAT}))
    (place / "picture").write_bytes(b"\xff\xfe")
    salted = ["--salt", b64u(SALT), *out]
    for arguments, reason in (
        ([str(place / "hollow.json"), *anew(place), *salted], "the bundle holds no certificate"),
        ([str(place / "bundle.json"), "--library", str(place / "picture"), *out], "not a script in UTF-8"),
        ([str(place / "bundle.json"), *anew(place), "--mirror", "http://[x", *out], "is not an address"),
        ([str(place / "bundle.json"), *anew(place), "--mirror", "\0", *out], "not the name of a folder"),
    ):
        assert main(["bundle", *arguments]) == UNUSABLE
        assert reason in capsys.readouterr().err
    (place / "token").write_text(other.token())
    assert main(["bundle", str(place / "token"), *out]) == UNUSABLE
    assert "stands for itself" in capsys.readouterr().err


def test_the_history_of_the_keys(place: Path, capsys: Output) -> None:
    write(place / "log", rotated())
    assert main(["keys", "history", str(place / "log"), *VKEY]) == PROVEN
    said = capsys.readouterr().out
    assert f"issuer   {KEY.kid} from entry 0, retired in entry 9" in said
    assert main(["keys", "history", str(place / "log"), *VKEY, "--json"]) == PROVEN
    assert json.loads(capsys.readouterr().out)["size"] == len(rotated())
    assert cosignatures.verifier(VKEY[1]).name == ORIGIN


# --- other issuers, from the command line ---


def test_a_badge_of_another_issuer_in_a_picture(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "badge.png").write_bytes(png.bake(PICTURE, json.dumps(other.signed(other.badge()))))
    assert main(["verify", str(tmp_path / "badge.png"), *AT]) == PROVEN
    said = capsys.readouterr().out
    assert "recipient    Emmy Noether" in said
    assert "form         Open Badges 3.0, VC Data Model 2.0; embedded proof, eddsa-rdfc-2022" in said
    assert "7 domain     none" in said


def test_documents_that_one_has_are_given_along(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "badge.jwt").write_text(other.token("RS256", other.DID_WEB, kid=f"{other.DID_WEB}#rs256"))
    (tmp_path / "did.json").write_text(json.dumps(other.document()))
    assert main(["verify", str(tmp_path / "badge.jwt"), *AT]) == NOT_PROVEN
    address = "https://college.example/.well-known/did.json"
    assert f"--given {address}=FILE" in capsys.readouterr().out
    given = ["--given", f"{address}={tmp_path / 'did.json'}"]
    assert main(["verify", str(tmp_path / "badge.jwt"), *given, *AT, "--json"]) == PROVEN
    assert json.loads(capsys.readouterr().out)["domain"]["outcome"] == "claimed"
    assert main(["verify", str(tmp_path / "badge.jwt"), "--given", "did.json"]) == UNUSABLE
    (tmp_path / "did.json").write_text("{")
    assert main(["verify", str(tmp_path / "badge.jwt"), *given]) == UNUSABLE
    assert "neither JSON nor a token" in capsys.readouterr().err


def test_a_record_tells_what_it_holds(tmp_path: Path, capsys: Output) -> None:
    whole = other.signed(other.record(other.signed(other.badge())))
    (tmp_path / "clr.json").write_text(json.dumps(whole))
    assert main(["verify", str(tmp_path / "clr.json"), *AT]) == PROVEN
    said = capsys.readouterr().out
    assert "holds        Bachelor of Arts: in the record" in said
    assert "holds        Rings and Ideals by Distant College: proven" in said
