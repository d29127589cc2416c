"""The files under tests/vectors/other_issuers: whoever changes a reader sees at once which of them it reads otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from credentials.__main__ import NOT_PROVEN, PROVEN, main

VECTORS = Path(__file__).parents[2] / "vectors" / "other_issuers"
GIVEN = {
    "https://college.example/.well-known/did.json": VECTORS / "given/did.json",
    "https://college.example/status/3": VECTORS / "given/status.json",
}
VERDICTS = {name: name for name in ("proven", "revoked", "expired")}  # every other folder: not proven
FILES = sorted(path for path in VECTORS.glob("*/*.j*") if path.parent.name != "given")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_folder_names_the_verdict(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [text for address, file in GIVEN.items() for text in ("--given", f"{address}={file}")]
    status = main(["verify", str(path), "--at", "2027-06-01T00:00:00Z", "--json", *given])
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == VERDICTS.get(path.parent.name, "not proven")
    assert status == (PROVEN if report["verdict"] == "proven" else NOT_PROVEN)
    assert report["signature"]["outcome"] == {
        "bad-signature": "failed",
        "injected-term": "failed",
        "unknown-vocabulary": "unknown",
    }.get(path.parent.name, "proven")


def test_there_is_a_file_for_each_way() -> None:
    assert len(FILES) == 20
