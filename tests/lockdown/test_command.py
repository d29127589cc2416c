"""`python -m lockdown`: the key of a file, and a file sealed with a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockdown import config_key, wrap
from lockdown.__main__ import main
from tests.lockdown.test_key import MOODLE, MOODLES


def test_the_key_of_a_file_and_of_its_sealed_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain, sealed, word = tmp_path / "exam.seb", tmp_path / "sealed.seb", tmp_path / "password"
    plain.write_bytes(wrap(MOODLE))
    word.write_text("a long password\n")
    assert main(["key", str(plain)]) == 0
    assert main(["seal", str(plain), str(sealed), "--password-file", str(word)]) == 0
    assert main(["key", str(sealed), "--password-file", str(word)]) == 0
    assert capsys.readouterr().out.split() == [MOODLES, config_key(MOODLE)]
    assert main(["key", str(sealed)]) == 1
    assert "sealed with a password" in capsys.readouterr().err


def test_what_cannot_be_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.seb").write_bytes(b"no settings")
    assert main(["key", str(tmp_path / "x.seb")]) == 1
    assert "no settings file" in capsys.readouterr().err
    assert main(["key", str(tmp_path / "absent.seb")]) == 1


@pytest.mark.parametrize("number", ["0x" + "f" * 5_000, "9" * 5_000, str(2**64), str(-(2**63) - 1)])
def test_a_number_that_no_property_list_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str], number: str) -> None:
    file = tmp_path / "x.seb"
    file.write_text(f'<plist version="1.0"><dict><key>a</key><integer>{number}</integer></dict></plist>')
    assert main(["key", str(file)]) == 1
    assert "no settings file" in capsys.readouterr().err
