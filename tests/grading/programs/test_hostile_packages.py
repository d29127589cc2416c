"""Packages made to keep whoever reads them busy, fill the memory or mislead: each is refused, or read in no time.

None of these tests measures a time: what is wrong here takes hours or gigabytes, and the run's own limit finds it.
"""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.errors import GradingError
from grading.plain_yaml import YamlRefused, load
from grading.programs.archive import Package, read_archive, read_file, read_folder
from grading.programs.checker import number
from grading.programs.coderunner import read_coderunner
from grading.programs.dmoj import numbers_of, read_dmoj
from grading.programs.errors import ArchiveRefused, ProblemError
from grading.programs.expectations import Pattern
from grading.programs.kattis import read_kattis
from grading.programs.readers import read_problems
from tests.grading.programs.packages import laid, plain

MIB = 1024 * 1024
LAUGHS = "a0: &a0 [lol]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))


# --- YAML -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (LAUGHS, "references followed"),
        (LAUGHS + "name: *a9\n", "references followed"),
        (
            "a: &a {b: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join(['*a'] * 50)}]}}\n" for n in range(1500)),
            "references",
        ),
        ("a: &a [*a]\n", "holds itself"),
        ("[" * 100_000, "nested more than"),
        ("{a: " * 1000, "nested more than"),
        ("- " * 500 + "a\n", "nested more than"),
        ("n: 0x" + "f" * 5000, "number of more than"),
        ("n: " + "1:" * 5000 + "1", "number of more than"),
        ("n: !!int '" + "1" * 5000 + "'", "number of more than"),
        ("n: !!int ''", "no readable YAML"),
        ("n: !!float ''", "no readable YAML"),
        ("n: !!bool maybe", "no readable YAML"),
        ("n: !!timestamp never", "no readable YAML"),
        ("n: 2020-99-99", "no readable YAML"),
        ("n: !!python/object/apply:os.system [id]", "no readable YAML"),
        ("? [a]\n: b\n", "no readable YAML"),
        ("a: *nobody", "no readable YAML"),
        ("a: b\n---\na: c\n", "no readable YAML"),
        ("a: \0", "no readable YAML"),
        ("a: [", "no readable YAML"),
        ("x" * (MIB + 1), "more than 1024 KiB"),
    ],
)
def test_yaml_that_would_cost_much_is_refused(text: str, why: str) -> None:
    with pytest.raises(YamlRefused, match=why):
        load(text.encode())


@pytest.mark.parametrize("data", [b"\xff\xfe\xff", b"a: \xc3\x28", b"\x80"])
def test_yaml_that_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(YamlRefused):
        load(data)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x [1, 2]\nb: *x\n", {"a": [1, 2], "b": [1, 2]}),
        ("a: 0x1F", {"a": 31}),
        ("", None),
        ("a: 1 " + "word " * 500, {"a": ("1 " + "word " * 500).strip()}),
        ("a: |\n  " + "9" * 9000, {"a": "9" * 9000}),
    ],
)
def test_ordinary_yaml_is_read(text: str, value: object) -> None:
    assert load(text.encode()) == value


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet="[]{}:,-?&*!|>'#%@ \n\tab01.~<", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = repr(load(data))
    except YamlRefused as refused:
        found = str(refused)
    assert found


# --- archives -------------------------------------------------------------------------------------------------------


def zipped_by(method: int, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("problem.yaml", b"name: a")
        archive.writestr("data/secret/1.in", data)
    return out.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_the_library_unpacks_in_one_go_are_refused(method: int) -> None:
    with pytest.raises(ArchiveRefused, match="another method"):
        read_archive(zipped_by(method, bytes(MIB)), "a.zip")
    assert read_archive(zipped_by(zipfile.ZIP_DEFLATED, b"1"), "a.zip").files["data/secret/1.in"] == b"1"


def header(name: str, size: bytes, kind: bytes = b"0") -> bytes:
    info = tarfile.TarInfo(name)
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    block[124:136], block[156:157] = size.ljust(12, b"\0"), kind
    block[148:156] = b" " * 8
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    return bytes(block)


def base256(size: int) -> bytes:
    return (b"\xff" if size < 0 else b"\x80") + struct.pack(">q", size).rjust(11, b"\xff" if size < 0 else b"\0")


@pytest.mark.parametrize("name", [".git/a", "./", "a", "__MACOSX/b"])
@pytest.mark.parametrize("size", [-512, -1, -(2**62)])
def test_a_size_below_zero_is_refused(name: str, size: int) -> None:
    with pytest.raises(ArchiveRefused, match="below zero"):
        read_archive(header(name, base256(size)) + bytes(1024), "a.tar")


@pytest.mark.parametrize("size", [2**62, 2**33, 10 * MIB])
def test_a_size_beyond_the_archive_is_refused(size: int) -> None:
    with pytest.raises(ArchiveRefused):
        read_archive(header("a", base256(size)) + bytes(1024), "a.tar")


def extra(data: bytes, kind: bytes = b"x") -> bytes:
    return header("extra", f"{len(data):011o}".encode(), kind) + data.ljust(-(-len(data) // 512) * 512, b"\0")


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (extra(b"a" * MIB), "more than 64 KiB"),
        (extra(b"19 size=-1000000000\n"), "another size"),
        (extra(b"22 GNU.sparse.major=1\n"), "another size"),
        (extra(b"/" * MIB, b"L"), "more than 64 KiB"),
        (extra(b"9 path=a\n") * 3000, "read"),
        (extra(b"9 path=a\n", b"g") * 70_000, "entries"),
    ],
)
def test_headers_about_headers_are_bounded(before: bytes, why: str) -> None:
    with pytest.raises(ArchiveRefused, match=why):
        read_archive(before + header("a", b"00000000000") + bytes(1024), "a.tar")


@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:bz2", "w:xz"])
def test_ordinary_archives_are_read(format_: int, mode: Literal["w:", "w:gz", "w:bz2", "w:xz"]) -> None:
    name = "/".join(["deep" * 10] * 3) + "/größe.in"
    if format_ == tarfile.USTAR_FORMAT:
        name = "a/b.in"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=format_) as archive:
        for each in ("problem.yaml", name):
            info = tarfile.TarInfo(each)
            info.size, info.mtime = 3, 1.5
            archive.addfile(info, io.BytesIO(b"abc"))
    assert read_archive(out.getvalue(), "a.tar").files == {"problem.yaml": b"abc", name: b"abc"}
    if mode != "w:":
        with pytest.raises(ArchiveRefused, match="damaged"):
            read_archive(out.getvalue()[:-9], "a.tar")


def test_an_archive_that_wants_gigabytes_to_be_unpacked_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": 1 << 29}]
    with pytest.raises(ArchiveRefused, match="damaged"):
        read_archive(lzma.compress(b"abc", filters=filters), "a.tar.xz")


def test_a_device_has_no_end(tmp_path: Path) -> None:
    endless = tmp_path / "a.zip"
    endless.symlink_to("/dev/zero")
    with pytest.raises(GradingError, match="MiB"):
        read_file(endless)
    xml = tmp_path / "a.xml"
    xml.symlink_to("/dev/zero")
    with pytest.raises(GradingError, match="MiB"):
        read_problems(xml)


def test_a_folder_without_a_bottom_is_refused(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(30):
        folder = folder / "a"
    folder.mkdir(parents=True)
    with pytest.raises(ArchiveRefused, match="deep"):
        read_folder(tmp_path)


def test_links_out_of_the_package_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    root = laid(plain(), tmp_path / "sum")
    (root / "submissions/accepted/link.py").symlink_to(tmp_path / "secret")
    (root / "submissions/accepted/folder").symlink_to(tmp_path)
    (root / "submissions/accepted/self.py").symlink_to("self.py")
    package = read_folder(root)
    assert b"s" not in package.files.values()
    assert len(package.left_out) == 3
    refused = {one.name: one.refused for one in read_kattis(package).submissions if one.refused}
    assert set(refused) == {"accepted/link.py", "accepted/folder", "accepted/self.py"}


# --- what packages say ----------------------------------------------------------------------------------------------


def package(**changes: bytes | str) -> Package:
    files: Mapping[str, bytes | str] = plain(**changes)
    return Package("p", {name: data.encode() if isinstance(data, str) else data for name, data in files.items()})


@pytest.mark.parametrize(
    "settings_",
    [
        f"limits: {{time_limit: {'9' * 390}}}",
        f"limits: {{memory: 0x{'f' * 390}}}",
        "limits: {time_multiplier: 1.0e+300}",
        "limits: {time_resolution: 1.0e-300}",
        "limits: {time_limit: .nan}",
        "limits: {time_limit: .inf}",
        "limits: {output: -1}",
        "limits: [1]",
        "name: [1, 2]",
        f"validator_flags: '{'a ' * 20_000}'",
        f"{'9' * 390}: 1\nlimits: {{memory: [a]}}",
    ],
)
def test_absurd_settings_are_said_with_their_place(settings_: str) -> None:
    with pytest.raises(ProblemError, match=r"problem\.yaml|yaml"):
        read_kattis(package(**{"problem.yaml": settings_}))


@pytest.mark.parametrize(
    ("text", "value"), [("1e15", None), ("-1e999", None), ("999e12", 999 * 10**12), ("1e-9", 10**-9)]
)
def test_no_score_is_larger_than_can_be_shown(text: str, value: float | None) -> None:
    found = number(text)
    assert (None if found is None else float(found)) == value


def test_constants_cannot_fill_the_memory() -> None:
    yaml = f"problem_format_version: 2023-07\nconstants: {{a: {'x' * 100_000}}}\n"
    with pytest.raises(ProblemError, match="constants"):
        read_kattis(package(**{"problem.yaml": yaml, "submissions/accepted/big.py": "{{a}}" * 10_000}))


def test_a_name_is_one_line() -> None:
    said = read_kattis(package(**{"problem.yaml": 'name: "a\\n  [1/1] ok    accepted/all.py"'}))
    assert "\n" not in said.name


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("**/**/**", "a/b/c", True),
        ("**/**/**", "a/b", False),
        ("*a*a*a*a*a*a*b", "a" * 250, False),
        ("*" * 199, "a" * 250, True),
        ("*.{py,java}", "a.java", True),
        ("*.{py,java}", "a.c", False),
        ("{a,ab}*{c,bc}", "abc", True),
        ("a*b*c", "abbc", True),
        ("ab*ba", "aba", False),
        ("*", "a/b", False),
        ("secret/", "secret", True),
        ("{a/b,c}", "a/b", True),
        ("a.b", "axb", False),
    ],
)
def test_patterns_are_matched_in_one_pass(pattern: str, name: str, fits: bool) -> None:
    assert Pattern(pattern).fullmatch(name) is fits


@pytest.mark.parametrize("pattern", ["{a,b}" * 30, "a" * 300])
def test_patterns_with_too_many_meanings_are_refused(pattern: str) -> None:
    with pytest.raises(ProblemError):
        Pattern(pattern)


def test_many_tests_submissions_and_groups_are_read() -> None:
    files: dict[str, bytes | str] = {"problem.yaml": "name: many\ntype: scoring\n"}
    for at in range(2500):
        files |= {f"data/secret/{at}/a.in": b"1", f"data/secret/{at}/a.ans": b"1", f"submissions/accepted/{at}.py": b""}
    found = read_kattis(
        Package("p", {name: data.encode() if isinstance(data, str) else data for name, data in files.items()})
    )
    assert (len(found.tests), len(found.submissions)) == (2500, 2500)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.1.in", (1, 0)),
        ("sum1-2.in", (2, 0)),
        ("1-2.in", (1, 2)),
        ("x.1b2.in", (1, 2)),
        ("in12", (12, 0)),
        ("7.out", None),
        ("a1 .in", None),
        ("no.in", None),
        ("-" + "1-" * 400 + " .in", None),
        ("9" * 900 + " .in", None),
    ],
)
def test_numbers_in_names(name: str, found: tuple[int, int] | None) -> None:
    assert numbers_of(name, "in") == found


@pytest.mark.parametrize(
    "init",
    [
        "archive: ../../etc/passwd",
        "test_cases: [{in: ../../etc/passwd, out: /etc/passwd}]",
        "test_cases: [{in: a, out: b, points: 1.0e+300}]",
        f"test_cases: [{{in: a, out: b, points: {'9' * 390}}}]",
        "test_cases: [[]]",
        "test_cases: 7",
        LAUGHS,
    ],
)
def test_absurd_dmoj_settings(init: str) -> None:
    with pytest.raises(ProblemError):
        read_dmoj(Package("p", {"init.yml": init.encode(), "a": b"", "b": b""}))


@pytest.mark.parametrize(
    "data",
    [
        b"<a>" * 100_000,
        b"<quiz>" + b"<a/>" * 300_000 + b"</quiz>",
        '<?xml version="1.0" encoding="cp037"?><quiz/>'.encode("cp037"),
        b'<?xml version="1.0"?><!DOCTYPE a><quiz/>',
        '<?xml version="1.0"?><quiz/>'.encode("utf-16"),
        b"\xff",
    ],
)
def test_xml_that_would_cost_much_is_refused(data: bytes) -> None:
    with pytest.raises(ProblemError):
        read_coderunner(data, "a.xml")
