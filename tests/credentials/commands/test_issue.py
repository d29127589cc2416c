"""`issue` and `keys`: from an award file and a key to certificates that hold, and one sentence for each mistake."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from credentials.__main__ import PROVEN, UNUSABLE, main
from credentials.errors import Malformed
from credentials.issuance import award_file, certificate, proof
from credentials.keys.signers import open_signer
from tests.credentials.keys.signers.softhsm import PIN, needs_token, new_token

Output = pytest.CaptureFixture[str]
AT = ["--at", "2027-03-01T12:00:00Z"]
AWARD: dict[str, Any] = {
    "issuer": {"name": "Example University", "url": "https://exams.example"},
    "achievement": {
        "id": "https://exams.example/a/1",
        "name": "Analytical Engines",
        "description": "Programs engines.",
        "criteria": "Pass **the** exam.",
    },
    "recipient": {"name": "Ada Lovelace", "email": "ada@example.org"},
    "valid_from": "2027-03-01T12:00:00Z",
    "valid_until": "2029-03-01T12:00:00+01:00",
    "score": {"value": 87, "required": "60"},
    "evidence": {"name": "Sitting", "narrative": "Proctored.", "assurance": "monitored"},
    "skills": [{"name": "Algebra", "url": "https://case.example/1", "kind": "CFItem"}],
    "status": {"list": "https://exams.example/status/1", "index": 94567},
}
TABLE = "name,email,score,status_index\nEmmy Noether,emmy@example.org,91,5\nSofja Kowalewskaja,sofja@example.org,95,6\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a key, an award file, the same without a recipient, and a table."""
    assert main(["keys", "generate", str(tmp_path / "key.pem")]) == PROVEN
    (tmp_path / "award.yaml").write_text(yaml.safe_dump(AWARD))
    common = {name: value for name, value in AWARD.items() if name != "recipient"}
    (tmp_path / "common.json").write_text(json.dumps(common))
    (tmp_path / "people.csv").write_text(TABLE)
    return tmp_path


def test_one_certificate_from_a_file(place: Path, capsys: Output) -> None:
    out = place / "ada.json"
    assert main(["issue", str(place / "award.yaml"), "--key", str(place / "key.pem"), "--out", str(out), *AT]) == PROVEN
    document = json.loads(out.read_text())
    found = certificate.read(document)
    assert (found.recipient, found.assurance) == ("Ada Lovelace", "monitored")
    assert found.results == (("Score", "87"), ("Status", "Completed"))
    assert found.status == ("https://exams.example/status/1", 94_567)
    key = open_signer(f"file:{place / 'key.pem'}").public
    assert found.issuer_id == f"did:key:{key.multikey}"
    proof.verify(document, key)
    assert "ada@example.org" not in out.read_text()
    capsys.readouterr()
    assert main(["verify", str(out), *AT]) == PROVEN
    assert capsys.readouterr().out.startswith("PROVEN")
    assert main(["issue", str(place / "award.yaml"), "--key", str(place / "key.pem"), "--out", str(out)]) == UNUSABLE
    assert "never written over" in capsys.readouterr().err


def test_without_out_the_certificate_is_printed(place: Path, capsys: Output) -> None:
    capsys.readouterr()
    assert main(["issue", str(place / "award.yaml"), "--key", f"file:{place / 'key.pem'}", *AT]) == PROVEN
    assert json.loads(capsys.readouterr().out)["proof"]["created"] == "2027-03-01T12:00:00Z"


def test_many_certificates_from_a_table(place: Path, capsys: Output) -> None:
    out = place / "many"
    arguments = [
        "issue",
        str(place / "common.json"),
        "--key",
        str(place / "key.pem"),
        "--people",
        str(place / "people.csv"),
    ]
    capsys.readouterr()
    assert main([*arguments, "--out", str(out), "--json", *AT]) == PROVEN
    told = json.loads(capsys.readouterr().out)["issued"]
    documents = [json.loads(Path(each["file"]).read_text()) for each in told]
    assert [certificate.read(each).recipient for each in documents] == ["Emmy Noether", "Sofja Kowalewskaja"]
    assert [certificate.read(each).status for each in documents] == [
        ("https://exams.example/status/1", 5),
        ("https://exams.example/status/1", 6),
    ]
    assert len({each["id"] for each in documents}) == 2
    with (out / "issued.csv").open() as file:
        assert [row["email"] for row in csv.DictReader(file)] == ["emmy@example.org", "sofja@example.org"]
    assert (out / "issued.csv").stat().st_mode & 0o777 == 0o600
    assert main([*arguments, "--out", str(out)]) == UNUSABLE
    assert "is not empty" in capsys.readouterr().err
    assert main(arguments) == UNUSABLE
    assert "need a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("name,email\n,a@b.c\n", "line 2 has no name"),
        ("name,email\nundefined undefined,a@b.c\n", "line 2 has no name"),
        ("name,email\nA,nobody\n", "line 2 has no e-mail address"),
        ("name,email\nA,a@b.c\nB,A@b.c\n", "line 3 has the address of line 2"),
        ("name,email,id\nA,a@b.c,urn:x\nB,b@b.c,urn:x\n", "line 3 has the id of line 2"),
        ("name,email,status_index\nA,a@b.c,1\nB,b@b.c,1\n", "line 3 has the index of line 2"),
        ("name,email,grade\nA,a@b.c,1\n", "a column 'grade'"),
        ("name\nA\n", "needs a heading"),
        ("", "needs a heading"),
        ("name,email\n" + ",\n" * 6, "and 7 more"),
        ('name,email\n"A,a@b.c\n', "not CSV"),
        ("name,email,name\nA,a@b.c,B\n", "two columns 'name'"),
    ],
)
def test_nothing_is_issued_where_a_row_is_wrong(place: Path, capsys: Output, table: str, reason: str) -> None:
    (place / "people.csv").write_text(table)
    out = place / "many"
    arguments = [
        "issue",
        str(place / "common.json"),
        "--key",
        str(place / "key.pem"),
        "--people",
        str(place / "people.csv"),
    ]
    assert main([*arguments, "--out", str(out)]) == UNUSABLE
    assert reason in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"issuer": None}, "needs issuer: an object"),
        ({"issuer": {"name": "x"}}, "the issuer's url is not a text"),
        ({"colour": "red"}, "has no 'colour'"),
        ({"achievement": {**AWARD["achievement"], "grade": 1}}, "achievement has no 'grade'"),
        ({"achievement": {**AWARD["achievement"], "kind": "Medal"}}, "Certification, a MicroCredential"),
        ({"valid_from": "yesterday"}, "valid_from: a time must look like"),
        ({"valid_until": "2020-01-01T00:00:00Z"}, "cannot end before it begins"),
        ({"status": {"list": "https://x.example/1"}}, "a number from 0 on"),
        ({"status": {"list": "https://x.example/1", "index": True}}, "a number from 0 on"),
        ({"score": {"maximum": "5"}}, "the score has no value"),
        ({"score": {"value": "5", "kind": "Stars"}}, "RawScore or a Percent"),
        ({"evidence": {"name": "x", "narrative": "y", "assurance": "perfect"}}, "evidence.assurance is one of"),
        ({"skills": {"name": "x"}}, "skills is a list"),
        ({"skills": [{"name": "x"}]}, "its full address"),
        ({"skills": [{"name": 5, "url": "https://x.example"}]}, "the skill's name is not a text"),
        ({"skills": [{"name": "x", "url": "https://x.example", "code": [1]}]}, "the skill's code is not a text"),
        ({"skills": [{"name": "x", "url": "https://x.example", "kind": "Medal"}]}, "a skill's kind is one of"),
        ({"score": {"value": "5", "maximum": {"a": 1}}}, "the score has no maximum"),
        ({"recipient": {"name": " ", "email": "a@b.c"}}, "recipient's name is not a text"),
        ({"id": 7}, "the id is not a text"),
    ],
)
def test_a_mistake_in_the_file_is_said_in_one_sentence(
    place: Path, capsys: Output, change: dict[str, Any], reason: str
) -> None:
    (place / "award.yaml").write_text(yaml.safe_dump(AWARD | change))
    assert main(["issue", str(place / "award.yaml"), "--key", str(place / "key.pem"), "--json"]) == UNUSABLE
    said = capsys.readouterr()
    assert reason in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert json.loads(said.out[said.out.rindex("{") :])["verdict"] == "unusable"


BROKEN_TAGS = [b'id: !!int ""', b"id: !!bool x", b"id: !!float x", b"id: !!timestamp x", b"id: " + b"9" * 5000]


@pytest.mark.parametrize(
    "content", [b"", b"- 1", b"\xff", b"a: b: c", b"!!python/object:os.system x", b"[" * 5000, *BROKEN_TAGS]
)
def test_what_is_no_award_file(content: bytes) -> None:
    with pytest.raises(Malformed):
        award_file.read(content)


def test_a_name_stands_once() -> None:
    """Of two recipients YAML takes the last, and whoever reads the file sees the first."""
    with pytest.raises(Malformed, match="'recipient' twice, in line 2"):
        award_file.read(b"recipient: {name: Ada}\nrecipient: {name: Eve}\n")
    with pytest.raises(Malformed, match="'value' twice, in line 1"):
        award_file.read(b'{"score": {"value": "40", "value": "99"}}')


def test_a_table_and_a_recipient_contradict_each_other(place: Path, capsys: Output) -> None:
    arguments = ["--key", str(place / "key.pem"), "--people", str(place / "people.csv"), "--out", str(place / "many")]
    assert main(["issue", str(place / "award.yaml"), *arguments]) == UNUSABLE
    assert "names one recipient or id" in capsys.readouterr().err


@needs_token
def test_a_token_issues_too(place: Path, capsys: Output) -> None:
    (place / "hsm").mkdir()
    token = new_token(place / "hsm")
    (place / "pin").write_text(f"{PIN}\n")
    issue = ["-m", "credentials", "issue", str(place / "award.yaml"), "--key", token.address]
    done = token.run(*issue, "--pin-file", str(place / "pin"), "--out", str(place / "ada.json"))
    assert done.returncode == PROVEN, done.stderr
    assert main(["verify", str(place / "ada.json"), *AT]) == PROVEN
    (place / "pin").write_text("wrong")
    refused = token.run(*issue, "--pin-file", str(place / "pin"), "--out", str(place / "other.json"))
    assert (refused.returncode, (place / "other.json").exists()) == (UNUSABLE, False)
    assert "the PIN is not that of the token" in refused.stderr
    assert "wrong" not in refused.stderr.replace("a few wrong ones", "")


def test_keys_are_shown_by_all_their_names(place: Path, capsys: Output) -> None:
    capsys.readouterr()
    names = ["--did", "did:web:exams.example", "--name", "exams.example/log"]
    assert main(["keys", "show", f"file:{place / 'key.pem'}", *names, "--json"]) == PROVEN
    found = json.loads(capsys.readouterr().out)
    assert found["did_key"] == f"did:key:{found['multikey']}"
    assert found["did_document"]["assertionMethod"] == [f"did:web:exams.example#{found['multikey']}"]
    assert found["published_at"] == "https://exams.example/.well-known/did.json"
    assert found["vkey"].startswith("exams.example/log+")
    assert main(["keys", "show", found["multikey"]]) == PROVEN
    assert found["did_key"] in capsys.readouterr().out
    assert main(["keys", "generate", str(place / "key.pem")]) == UNUSABLE
    assert main(["keys", "show", "file:/nowhere.pem"]) == UNUSABLE
    assert "/nowhere.pem cannot be read" in capsys.readouterr().err


COMMANDS = ("verify", "receipts", "issue", "bundle", "keys", "log", "witness", "mirror")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str, capsys: Output) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "usage: python -m credentials" in capsys.readouterr().out
    with pytest.raises(SystemExit) as misused:
        main([command, "--no-such-option"])
    assert misused.value.code == 2


def test_an_interruption_has_its_own_status(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    from credentials.commands import verify_command

    monkeypatch.setattr(verify_command, "run", interrupted)
    assert main(["verify", "-"]) == 130
