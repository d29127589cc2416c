"""Packages that attack whoever opens them: each is refused with its own reason, before anything is unpacked."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.programs.archive import check_path, read_archive, read_folder, read_package
from grading.programs.errors import ArchiveRefused
from grading.programs.export import zipped
from grading.programs.tarring import MAX_ENTRIES

MIB = 1024 * 1024


def zip_of(*entries: tuple[str, bytes], mode: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return out.getvalue()


def tar_of(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info, data in entries:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../evil", "leads out"),
        ("a/../../evil", "leads out"),
        ("/etc/passwd", "leads out"),
        ("C:/evil", "leads out"),
        ("a\\..\\evil", "leads out"),
        ("a//b", "empty somewhere"),
        ("a/./b", "empty somewhere"),
        ("a\u202ecod.py", "invisible"),
        ("a\nb", "invisible"),
        ("\u200b", "invisible"),
        ("x" * 255, "255 bytes"),
        ("é" * 128, "255 bytes"),
        ("/".join("a" * 21), "deeper"),
    ],
)
def test_names_that_lead_astray(name: str, why: str) -> None:
    with pytest.raises(ArchiveRefused, match=why):
        read_archive(zip_of((name, b"x"), ("problem.yaml", b"")), "p.zip")
    with pytest.raises(ArchiveRefused, match=why):
        read_archive(tar_of((tarfile.TarInfo(name), b"x")), "p.tar")


def test_a_name_with_a_nul() -> None:
    data = zip_of(("abXcd.py", b"x")).replace(b"abXcd", b"ab\0cd")
    with pytest.raises(ArchiveRefused, match="invisible"):
        read_archive(data, "p.zip")


def test_two_files_of_one_name() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = zip_of(("a", b"1"), ("a", b"2"))
    for data in (
        twice,
        zip_of(("e\u0301", b"1"), ("\u00e9", b"2")),
        tar_of((tarfile.TarInfo("a"), b"1"), (tarfile.TarInfo("./a"), b"2")),
    ):
        with pytest.raises(ArchiveRefused, match="two of its files"):
            read_archive(data, "p")
    with pytest.raises(ArchiveRefused, match="both a file and a folder"):
        read_archive(zip_of(("a", b"1"), ("a/b", b"2")), "p.zip")


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO, stat.S_IFCHR])
def test_a_zip_with_a_link_or_a_device(mode: int) -> None:
    with pytest.raises(ArchiveRefused, match="link or a device"):
        read_archive(zip_of(("a", b"/etc/passwd"), mode=mode), "p.zip")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_tar_with_a_link_or_a_device(kind: bytes) -> None:
    info = tarfile.TarInfo("a")
    info.type, info.linkname = kind, "/etc/passwd"
    with pytest.raises(ArchiveRefused, match="link or a device"):
        read_archive(tar_of((info, b"")), "p.tar")


def test_bombs_are_refused_before_they_grow() -> None:
    zeros = bytes(33 * MIB)
    bomb = zip_of(*((f"{number}.in", zeros) for number in range(4)))
    tar = gzip.compress(tar_of(*((tarfile.TarInfo(f"{number}.in"), zeros) for number in range(4))))
    tracemalloc.start()
    try:
        for data in (bomb, tar):
            with pytest.raises(ArchiveRefused, match="grow more than"):
                read_archive(data, "p")
        assert tracemalloc.get_traced_memory()[1] < 150 * MIB
    finally:
        tracemalloc.stop()


def test_an_entry_that_lies_about_its_size() -> None:
    data = bytearray(zip_of(("a", b"x" * 5000)))
    at = data.rfind(b"PK\1\2")
    struct.pack_into("<L", data, at + 24, 10)
    with pytest.raises(ArchiveRefused):
        read_archive(bytes(data), "p.zip")
    struct.pack_into("<L", data, at + 24, 65 * MIB)
    with pytest.raises(ArchiveRefused, match="64 MiB"):
        read_archive(bytes(data), "p.zip")


def test_a_million_entries_cost_nothing() -> None:
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 46_000_000, 0, 0)
    claimed = b"PK\3\4" + bytes(100) + end
    many = b"".join(
        struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
        for _ in range(300_000)
    )
    hidden = b"PK\3\4" + many + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, len(many), 4, 0)
    for data in (claimed, hidden):
        with pytest.raises(ArchiveRefused, match="more than 20,000 entries"):
            read_archive(data, "p.zip")
    tar = tar_of(*((tarfile.TarInfo(f"d{number}"), b"") for number in range(MAX_ENTRIES + 1)))
    with pytest.raises(ArchiveRefused, match="more than 20,000 entries"):
        read_archive(tar, "p.tar")


@pytest.mark.parametrize(
    "data", [b"", b"PK\3\4", b"PK\5\6", b"\x1f\x8b\0", b"BZh9", b"hello" * 200, b"PK\3\4" + bytes(200)]
)
def test_what_is_no_archive(data: bytes) -> None:
    with pytest.raises(ArchiveRefused):
        read_archive(data, "p.zip")


@given(st.binary(max_size=300), st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_damage_never_raises_anything_else(noise: bytes, at: int) -> None:
    for whole in (
        zip_of(("problem.yaml", b"name: x\n"), ("data/a.in", b"1" * 300)),
        tar_of((tarfile.TarInfo("a"), b"1")),
    ):
        damaged = whole[:at] + noise + whole[at + len(noise) :]
        with contextlib.suppress(ArchiveRefused):
            for path in read_archive(damaged, "p").files:
                check_path(path)


def test_an_encrypted_entry() -> None:
    data = bytearray(zip_of(("a", b"x")))
    data[data.rfind(b"PK\1\2") + 8] |= 1
    with pytest.raises(ArchiveRefused, match="encrypted"):
        read_archive(bytes(data), "p.zip")


def test_an_honest_archive_is_read_with_or_without_its_folder() -> None:
    files = {"problem.yaml": b"name: x\n", "data/secret/1.in": b"\0\xff"}
    inside = {f"sum/{path}": data for path, data in files.items()}
    for data in (
        zipped(files),
        zipped(inside),
        tar_of(*((tarfile.TarInfo(path), one) for path, one in inside.items())),
    ):
        assert read_archive(data, "sum.zip").files == files
    assert read_archive(gzip.compress(tar_of((tarfile.TarInfo("a"), b"1"))), "sum.tar.gz").files == {"a": b"1"}
    assert zipped(files) == zipped(dict(reversed(files.items())))


def test_a_folder_with_links(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("no")
    root = tmp_path / "sum"
    (root / "submissions").mkdir(parents=True)
    (root / "submissions" / "a.py").write_text("1")
    (root / "submissions" / "b.py").symlink_to("a.py")
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "loop").symlink_to("loop")
    (root / "folder").symlink_to(root / "submissions")
    os.mkfifo(root / "pipe")
    (root / "a\\b").write_text("2")
    package = read_folder(root)
    assert package.files == {"submissions/a.py": b"1", "submissions/b.py": b"1"}
    assert set(package.left_out) == {"out", "loop", "folder", "pipe", "a\\b"}
    assert package.unsafe == {"a\\b": b"2"}


def test_a_path_is_read_by_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "sum.kpp"
    file.write_bytes(zip_of(("problem.yaml", b"name: x")))
    assert read_package(file).files == {"problem.yaml": b"name: x"}
