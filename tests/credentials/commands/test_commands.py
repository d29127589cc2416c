"""`python -m credentials log|witness|mirror`: what they say, their exit status, and two of them running as servers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from credentials.__main__ import NOT_PROVEN, PROVEN, UNUSABLE, main
from credentials.commands.witness_command import make_keys, open_keys
from credentials.errors import BadKey
from credentials.transparency import log, notes
from credentials.transparency.cosignatures import Cosigner, verifier
from credentials.transparency.witness import request
from tests.credentials import logs
from tests.credentials.logs import WITNESS, rotated, stolen, usual, write
from tests.credentials.samples import LOG_KEY, ORIGIN, OTHER

Output = pytest.CaptureFixture[str]
VKEY = ["--log", logs.LOG.vkey]


def said(capsys: Output) -> Any:
    return json.loads(capsys.readouterr().out)


# --- log ---


def test_a_log_is_shown_and_all_of_it_checked(tmp_path: Path, capsys: Output) -> None:
    folder = write(tmp_path, stolen(5), WITNESS)
    assert main(["log", str(folder), *VKEY, "--json"]) == PROVEN
    found = said(capsys)
    assert (found["origin"], found["size"], found["newest_status_list"]) == (ORIGIN, 10, 1)
    assert found["entries"] == {"certificate": 6, "key-add": 2, "key-compromise": 1, "status-list": 1}
    assert [each["last_valid"] for each in found["keys"]["issuer"]] == [5, None]
    rules = tmp_path / "rules"
    rules.write_text(f"log {logs.LOG.vkey}\nwitness w1 {WITNESS.public.vkey}\nquorum w1\n")
    assert main(["log", str(folder), "--policy", str(rules)]) == PROVEN
    text = capsys.readouterr().out
    assert text.startswith("PROVEN  10 entries of exams.example/log")
    assert "witnesses  w1 at 2027-03-01T12:00:00Z" in text
    assert "stolen: counts up to entry 5" in text


def test_an_entry_with_its_proof(tmp_path: Path, capsys: Output) -> None:
    folder = write(tmp_path, usual())
    assert main(["log", str(folder), *VKEY, "--entry", "2"]) == PROVEN
    text = capsys.readouterr().out
    assert log.prove_entry(usual()[2], text, (LOG_KEY.public,))[0] == 2
    assert main(["log", str(folder), *VKEY, "--entry", "2", "--json"]) == PROVEN
    assert bytes.fromhex(said(capsys)["hex"]) == usual()[2]
    assert main(["log", str(folder), *VKEY, "--entry", "8"]) == UNUSABLE
    assert "no entry 8" in capsys.readouterr().err


def test_a_log_continues_an_older_checkpoint_or_not(tmp_path: Path, capsys: Output) -> None:
    folder = write(tmp_path / "log", rotated())
    older = tmp_path / "older"
    older.write_text(logs.head(usual()))
    assert main(["log", str(folder), *VKEY, "--since", str(older)]) == PROVEN
    assert f"continues  {older}" in capsys.readouterr().out
    for checkpoint, step in [
        (logs.head([*usual()[:-1], usual()[3]]), "split view"),
        (logs.head([*rotated(), usual()[3]]), "rolled back"),
        (logs.head(usual(), OTHER), "checkpoint"),
    ]:
        older.write_text(checkpoint)
        assert main(["log", str(folder), *VKEY, "--since", str(older), "--json"]) == NOT_PROVEN
        assert said(capsys)["step"] == step


@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        ([], UNUSABLE, "name the log that you trust"),
        (["--log", "nonsense"], UNUSABLE, "name+id+base64"),
        (["--policy", "/nowhere"], UNUSABLE, "cannot be read"),
        (["--log", log.vkey(ORIGIN, OTHER.public)], NOT_PROVEN, "no key that we trust"),
    ],
)
def test_whom_to_trust_must_be_said(
    tmp_path: Path, capsys: Output, arguments: list[str], status: int, why: str
) -> None:
    assert main(["log", str(write(tmp_path, usual())), *arguments]) == status
    out = capsys.readouterr()
    assert why in out.out + out.err


def test_there_is_no_log_there(tmp_path: Path, capsys: Output) -> None:
    for source in (str(tmp_path), "http://127.0.0.1:9/log"):
        assert main(["log", source, *VKEY]) == UNUSABLE
        assert source in capsys.readouterr().err


# --- witness ---


def test_a_witness_is_made_once(tmp_path: Path, capsys: Output) -> None:
    folder = tmp_path / "witness"
    assert main(["witness", "init", str(folder), "--name", "witness.example/w1", "--json"]) == PROVEN
    found = said(capsys)
    kinds = [verifier(vkey) for vkey in found["vkeys"]]
    assert all(isinstance(each, Cosigner) for each in kinds)
    assert (folder / "keys.json").stat().st_mode & 0o077 == 0
    assert main(["witness", "init", str(folder), "--name", "witness.example/w1"]) == UNUSABLE
    assert main(["witness", "follow", str(folder), logs.LOG.vkey, "--json"]) == PROVEN
    assert main(["witness", "follow", str(folder), logs.LOG.vkey]) == PROVEN
    assert (folder / "logs").read_text() == f"{logs.LOG.vkey}\n"
    assert main(["witness", "follow", str(folder), found["vkeys"][0]]) == UNUSABLE
    capsys.readouterr()
    assert main(["witness", "show", str(folder), "--json"]) == PROVEN
    assert said(capsys)["logs"] == {ORIGIN: 0}
    assert main(["witness", "show", str(folder)]) == PROVEN
    assert capsys.readouterr().out.startswith(f"witness witness.example/w1 {found['vkeys'][0]}\n")


def test_a_witness_s_keys_are_nobody_else_s_to_read(tmp_path: Path, capsys: Output) -> None:
    make_keys(tmp_path, "witness.example/w1", lambda count: b"k" * count)
    (tmp_path / "keys.json").chmod(0o640)
    assert main(["witness", "show", str(tmp_path)]) == UNUSABLE
    assert "can be read by others" in capsys.readouterr().err
    (tmp_path / "keys.json").chmod(0o600)
    (tmp_path / "keys.json").write_text('{"name": "x"}')
    with pytest.raises(BadKey):
        open_keys(tmp_path)


@pytest.mark.parametrize("listen", ["here", "127.0.0.1:", "127.0.0.1:99999"])
def test_an_address_to_listen_at(tmp_path: Path, capsys: Output, listen: str) -> None:
    assert main(["mirror", "serve", str(tmp_path), "--listen", listen]) == UNUSABLE
    assert "HOST:PORT" in capsys.readouterr().err


def test_a_witness_that_follows_nothing_does_not_start(tmp_path: Path, capsys: Output) -> None:
    make_keys(tmp_path, "witness.example/w1", lambda count: b"k" * count)
    assert main(["witness", "serve", str(tmp_path)]) == UNUSABLE
    assert "follows no log yet" in capsys.readouterr().err


# --- as servers ---


@contextmanager
def running(*arguments: str) -> Iterator[str]:
    """The command in a process of its own; its address."""
    command = [sys.executable, "-m", "credentials", *arguments, "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            yield said if said.startswith("{") else said.split()[-1]
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == PROVEN


def test_a_witness_and_a_mirror_run_and_end(tmp_path: Path, capsys: Output) -> None:
    folder = tmp_path / "witness"
    make_keys(folder, "witness.example/w1", os.urandom)
    main(["witness", "follow", str(folder), logs.LOG.vkey])
    source = write(tmp_path / "log", usual())
    with running("witness", "serve", str(folder)) as url:
        body = request(0, [], (source / "checkpoint").read_text(encoding="utf-8"))
        with urllib.request.urlopen(f"{url}/add-checkpoint", data=body, timeout=60) as answer:
            lines = answer.read().decode()
    assert len(notes.parse_lines(lines)) == 2
    with running("mirror", "serve", str(source), "--json") as said:
        url = json.loads(said)["listening"]
        assert main(["mirror", "copy", url, str(tmp_path / "mirror"), *VKEY, "--keys", str(folder)]) == PROVEN
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url}/keys.json", timeout=60)
    capsys.readouterr()
    assert main(["log", str(tmp_path / "mirror"), *VKEY]) == PROVEN
    assert main(["witness", "show", str(folder), "--json"]) == PROVEN
