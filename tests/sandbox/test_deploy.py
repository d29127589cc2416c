"""Finding an engine and naming the image: what can be said without installing anything."""

import io
import json
import os
import socket
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy import engine, runner_image
from deploy.families import AT_ONCE, FAMILIES
from deploy.image_archive import Description, archive

ROOT = Path(__file__).parents[2]


@settings(max_examples=50, deadline=None)
@given(st.text("abc/", min_size=1, max_size=200))
def test_the_socket_always_fits_into_an_address(name: str) -> None:
    path = engine.socket_of(Path("/var") / name.strip("/"))
    assert len(os.fsencode(path)) <= engine.SOCKET_PATH_MAX


def test_a_short_state_folder_keeps_its_own_socket() -> None:
    assert engine.socket_of(Path("/srv/state")) == Path("/srv/state/docker.sock")


def test_who_may_not_start_an_engine_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine, "SYSTEM_SOCKET", tmp_path / "none.sock")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    status = engine.ensure_engine(tmp_path, say=lambda _line: None)
    assert status.docker_host is None
    assert "only root may start one" in status.advice[0]
    assert any("apt-get install docker.io" in line for line in status.advice)
    assert not list(tmp_path.iterdir())


def test_something_else_behind_the_socket_is_no_engine(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        assert engine.version_of(f"unix://{path}") is None
    assert engine.version_of("ssh://somewhere") is None


def test_a_stale_pidfile_and_socket_are_taken_away(tmp_path: Path) -> None:
    (tmp_path / "dockerd.pid").write_text(str(os.getpid()))  # alive, but no dockerd
    (tmp_path / "docker.sock").touch()
    assert not engine._is_running(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "image", "suite"),
    [
        ('ID=debian\nVERSION_CODENAME="bookworm"\n', "debian:bookworm-slim", "bookworm"),
        ("ID=ubuntu\nVERSION_CODENAME=noble\n", "ubuntu:noble", "noble"),
        ("ID=fedora\n", "debian:bookworm-slim", "bookworm"),
    ],
)
def test_the_base_follows_this_machine(tmp_path: Path, text: str, image: str, suite: str) -> None:
    release = tmp_path / "os-release"
    release.write_text(text)
    base = runner_image.host_base(release, tmp_path)
    assert (base.image, base.suite, base.lists) == (image, suite, ())


def test_an_image_is_named_by_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = runner_image.Base("debian:bookworm-slim", "bookworm", ())
    names = {family.name: runner_image.image_name(base, family) for family in FAMILIES.values()}
    assert len(set(names.values())) == len(FAMILIES)
    assert names["python"] == runner_image.image_name(base, FAMILIES["python"])
    assert names["python"].startswith("invigil-runner-python:")
    changed = replace(FAMILIES["python"], packages=("python3", "python3-numpy"))
    assert runner_image.image_name(base, changed) != names["python"]
    monkeypatch.setattr(runner_image, "SOURCES", tmp_path)
    (tmp_path / "supervisor").mkdir()
    (tmp_path / "scripts").mkdir()
    for name in ("finish.sh", "scripts/sql"):
        (tmp_path / name).write_text("another")
    assert runner_image.image_name(base, FAMILIES["python"]) != names["python"]


def test_the_versions_of_the_tools_are_read(tmp_path: Path) -> None:
    listing = "gcc 4:12.2.0-3\ngcc-12 12.2.0-14\nlibc6 2.36-9\nother 1\nnonsense\n"
    assert runner_image.tools(FAMILIES["native"], listing) == {
        "gcc": "4:12.2.0-3",
        "gcc-12": "12.2.0-14",
        "libc6": "2.36-9",
    }


def test_the_same_root_makes_the_same_archive(tmp_path: Path) -> None:
    root = tmp_path / "root.tar"
    with tarfile.open(root, "w") as tar:
        entry = tarfile.TarInfo("supervisor")
        entry.size = 5
        tar.addfile(entry, io.BytesIO(b"hello"))
    described = Description("python", {"python3": "3.11"})
    first = archive(described, root, ("x:1",), tmp_path / "a.tar").read_bytes()
    second = archive(described, root, ("x:1",), tmp_path / "b.tar").read_bytes()
    assert first == second
    other = archive(Description("python", {"python3": "3.12"}), root, ("x:1",), tmp_path / "c.tar").read_bytes()
    assert other != first
    with tarfile.open(tmp_path / "a.tar") as tar:
        file = tar.extractfile("manifest.json")
        assert file is not None
        (said,) = json.load(file)
        config = tar.extractfile(said["Config"])
        assert config is not None
        assert json.load(config)["config"]["Labels"]["org.invigil.tools"] == '{"python3": "3.11"}'


@pytest.mark.docker
def test_an_engine_and_images_that_are_there_are_found(docker_host: str) -> None:
    command = [sys.executable, str(ROOT / "deploy" / "runner_image.py"), "--docker", docker_host]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [
        f"invigil-runner-{name}" for name in AT_ONCE
    ]


def test_a_family_that_nobody_knows_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "runner_image.py"), "cobol"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "cobol" in done.stderr
