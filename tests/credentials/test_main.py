"""The command line: what it says, its exit status, and that no input whatsoever makes it fall over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from credentials.__main__ import NOT_PROVEN, PROVEN, UNUSABLE, main
from tests.credentials.samples import KEY, NOW, OTHER, chain, full_bundle, issued

VECTORS = Path(__file__).parent.parent / "vectors" / "credentials"
AT = ["--at", "2027-06-01T00:00:00Z"]
VERDICTS = {"proven": "proven", "revoked": "revoked"}  # every other folder: not proven

Output = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    "path",
    sorted(VECTORS.glob("[!r]*/*.json")) + sorted(VECTORS.glob("revoked/*.json")),
    ids=lambda p: f"{p.parent.name}/{p.stem}",
)
def test_the_folder_names_the_verdict(path: Path, capsys: Output) -> None:
    status = main(["verify", str(path), "--trust", str(VECTORS / "trust.json"), *AT, "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == VERDICTS.get(path.parent.name, "not proven")
    assert status == (PROVEN if report["verdict"] == "proven" else NOT_PROVEN)
    failing = {"bad-signature": "signature", "injected-term": "signature", "not-in-ledger": "log", "revoked": "status"}
    if part := failing.get(path.parent.name):
        assert report[part]["outcome"] in {"failed", "not proven", "revoked"}


# chain, seal, start and log, by their first letter: proven, absent, not proven
RECEIPT_FACTS = {
    "proven": "p p p a",
    "reordered": "n u p a",
    "truncated": "p n p a",
    "logged": "p p p p",
    "logged-wrong-leaf": "p p p n",
    "logged-other-checkpoint": "p p p n",
    "logged-forged-path": "p p p n",
    "logged-another-attempts-head": "p p p n",
    "logged-truncated": "p n p p",
    "logged-truncated-without-seal": "p a p n",
    "logged-truncated-and-sealed-again": "p p p n",
}


@pytest.mark.parametrize("path", sorted((VECTORS / "receipts").glob("*.json")), ids=lambda path: path.stem)
def test_receipt_vectors(path: Path, capsys: Output) -> None:
    """Each fact stands for itself: what is wrong with one does not make another look proven or forged."""
    expected = RECEIPT_FACTS[path.stem]
    status = PROVEN if "n" not in expected else NOT_PROVEN
    assert main(["receipts", str(path), "--trust", str(VECTORS / "trust.json")]) == status
    said = capsys.readouterr().out
    assert said.startswith("PROVEN  3 receipts" if status == PROVEN else "NOT PROVEN  ")
    assert "No trusted key" not in said
    assert main(["receipts", str(path), "--trust", str(VECTORS / "trust.json"), "--json"]) == status
    report = json.loads(capsys.readouterr().out)
    assert " ".join(report[name]["outcome"][0] for name in ("chain", "seal", "start", "log")) == expected
    assert report["verdict"] == ("proven" if status == PROVEN else "not proven")


def test_a_person_reads_where_in_the_log(capsys: Output) -> None:
    logged = str(VECTORS / "receipts" / "logged.json")
    assert main(["receipts", logged, "--key", KEY.kid]) == PROVEN
    said = capsys.readouterr().out
    assert "4 log    proven      entry 5 of the 11 that exams.example/log had signed" in said
    assert "Only the file itself says that this log is the institution's" in said
    assert main(["receipts", str(VECTORS / "receipts" / "proven.json")]) == PROVEN
    assert "not logged yet" in capsys.readouterr().out
    cut = str(VECTORS / "receipts" / "logged-truncated.json")
    assert main(["receipts", cut, "--trust", str(VECTORS / "trust.json")]) == NOT_PROVEN
    assert capsys.readouterr().out.startswith(
        "NOT PROVEN  seal: its number of receipts is 3, but that of this file is 2"
    )


def test_a_person_reads_five_facts(capsys: Output) -> None:
    assert main(["verify", str(VECTORS / "revoked" / "bundle.json"), *AT]) == NOT_PROVEN
    said = capsys.readouterr().out
    assert said.startswith("REVOKED  The signature holds, but the certificate does not")
    for line in (
        "1 signature  proven",
        "2 log        proven",
        "3 keys       absent",
        "4 status     revoked",
        "5 dates      valid",
    ):
        assert line in said
    assert f"The file claims {KEY.kid} as the issuer's" in said
    assert "Ada" in said


def test_nothing_is_shown_of_an_unproven_certificate(capsys: Output) -> None:
    assert main(["verify", str(VECTORS / "bad-signature" / "changed-score.json"), *AT]) == NOT_PROVEN
    assert "Ada" not in capsys.readouterr().out


def test_without_a_key_the_receipts_say_who_vouches_for_them(tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / "receipts.json"
    path.write_text(json.dumps(chain([{"a": 1}], sealed=False, key=OTHER)))
    assert main(["receipts", str(path)]) == PROVEN
    said = capsys.readouterr().out
    assert "Only the file itself says" in said
    assert "later answers may exist" in said
    assert main(["receipts", str(path), "--key", KEY.kid]) == NOT_PROVEN


def test_a_file_cannot_steer_the_terminal(tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / "receipts.json"
    hostile = chain([{"a": 1}]) | {"answers": {"\x1b[2J\x9b31m": 1}}
    path.write_text(json.dumps(hostile))
    assert main(["receipts", str(path)]) == NOT_PROVEN
    said = capsys.readouterr().out
    assert said.replace("\n", "").isprintable()


WHOLE = json.dumps(full_bundle()).encode()
RECEIPTS = json.dumps(chain([{"a": 1}])).encode()
UNREADABLE: dict[str, bytes] = {
    "empty": b"",
    "truncated": WHOLE[: len(WHOLE) // 2],
    "truncated receipts": RECEIPTS[: len(RECEIPTS) // 2],
    "garbage": bytes(range(256)) * 10,
    "not an object": b"[1, 2]",
    "huge": b'{"format":"' + b"x" * 6_000_000 + b'"}',
    "deep": b'{"format":' * 100_000,
    "deep list": b"[" * 1_000_000,
    "huge integer": b'{"format":' + b"9" * 100_000 + b"}",
    "other": b'{"format":"other"}',
}


@pytest.mark.parametrize("command", ["verify", "receipts"])
@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_unusable_input_is_one_sentence(command: str, content: bytes, tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    assert main([command, str(path)]) == UNUSABLE
    said = capsys.readouterr()
    assert not said.out
    assert said.err.startswith(str(path))
    assert said.err.count("\n") == 1
    assert len(said.err) < 400


@pytest.mark.parametrize(
    "arguments",
    [["--at", "soon"], ["--trust", "EMPTY"], ["--trust", "BADKEY"], ["--trust", "/nowhere"], ["--trust", "."]],
)
def test_unusable_options(arguments: list[str], tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "EMPTY").write_text("{}")
    (tmp_path / "BADKEY").write_text('{"issuer_keys": ["z6Mk"]}')
    named = [str(tmp_path / text) if text.isupper() else text for text in arguments]
    assert main(["verify", str(VECTORS / "proven" / "bundle.json"), *named]) == UNUSABLE
    assert capsys.readouterr().err
    assert main(["receipts", str(VECTORS / "receipts" / "proven.json"), "--key", "z6Mk"]) == UNUSABLE
    assert main(["verify", str(tmp_path / "missing.json")]) == UNUSABLE


def _bare(tmp_path: Path) -> tuple[list[str], bytes | None]:
    path = tmp_path / "bare.json"
    path.write_text(json.dumps(issued()))
    return [str(path)], None


def _piped(_tmp_path: Path) -> tuple[list[str], bytes | None]:
    return ["-"], WHOLE


@pytest.mark.parametrize("given", [_bare, _piped])
def test_as_a_program_from_a_file_or_a_pipe(given: Any, tmp_path: Path) -> None:
    arguments, content = given(tmp_path)
    command = [sys.executable, "-m", "credentials", "verify", *arguments, "--at", NOW.strftime("%Y-%m-%dT%H:%M:%SZ")]
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    root = VECTORS.parents[2]
    done = subprocess.run(
        command, input=content, capture_output=True, check=False, cwd=root, timeout=60, env=ascii_only
    )
    assert (done.returncode, done.stderr) == (PROVEN, b"")
    assert done.stdout.startswith(b"PROVEN  ")
