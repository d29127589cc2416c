"""A certificate's folder: everything in it, nothing twice different, the same bytes each time."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from credentials.errors import Malformed
from credentials.forms import parcel
from credentials.linked_data.contexts import OB, VC
from credentials.transparency import log
from credentials.verification import verify
from tests.credentials.samples import NOW, TRUST, full_bundle, issued

LIBRARY = "/* the library */"


def test_the_folder_proves_what_the_bundle_proves(tmp_path: Path) -> None:
    parcel.write(parcel.contents(full_bundle(), LIBRARY), tmp_path / "stick")
    found = {path.relative_to(tmp_path / "stick").as_posix() for path in (tmp_path / "stick").rglob("*.*")}
    assert found == {
        *("READ-ME.txt", "check.html", "certificate.bundle.json", "certificate.json", "log-proof.txt", "status.json"),
        *("issuer.json", "contexts/www.w3.org-ns-credentials-v2.json"),
        "contexts/purl.imsglobal.org-spec-ob-v3p0-context-3.0.3.json",
    }
    report = verify.verify((tmp_path / "stick/certificate.bundle.json").read_bytes(), TRUST, NOW)
    assert (report.verdict, report.log.outcome, report.status.outcome) == ("proven", "proven", "valid")
    assert log.parse_proof((tmp_path / "stick/log-proof.txt").read_text()).index == 5
    assert verify.verify((tmp_path / "stick/certificate.json").read_bytes(), TRUST, NOW).signature.outcome == "proven"
    assert json.loads((tmp_path / "stick/certificate.json").read_text())["@context"] == [VC, OB]


def test_one_zip_file_the_same_each_time() -> None:
    found = parcel.contents(full_bundle(), LIBRARY)
    first = parcel.zipped(found)
    assert first == parcel.zipped(dict(reversed(found.items())))
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {name.removeprefix("certificate/") for name in archive.namelist()} == set(found)
        assert archive.read("certificate/check.html") == found["check.html"]
    dated = parcel.zipped(found, "ada", NOW)
    with zipfile.ZipFile(io.BytesIO(dated)) as archive:
        assert archive.getinfo("ada/check.html").date_time[:3] == (NOW.year, NOW.month, NOW.day)


def test_what_is_no_bundle_is_not_packed_and_no_folder_is_mixed(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="only a bundle can be packed"):
        parcel.contents(issued(), LIBRARY)
    bundle = full_bundle()
    odd = {**bundle, "credential": {**bundle["credential"], "@context": [{}, 1, VC]}}
    assert "contexts/www.w3.org-ns-credentials-v2.json" in parcel.contents(odd, LIBRARY)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Malformed, match="is not empty"):
        parcel.write({"a.txt": b"a"}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
