"""Finding an engine and naming the image: what can be said without installing anything."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy import engine, runner_image

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


def test_the_image_is_named_by_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = runner_image.Base("debian:bookworm-slim", "bookworm", ())
    name = runner_image.image_name(base)
    assert name == runner_image.image_name(base)
    monkeypatch.setattr(runner_image, "PACKAGES", ("python3",))
    assert runner_image.image_name(base) != name


@pytest.mark.docker
def test_an_engine_and_an_image_that_are_there_are_found_fast(docker_host: str) -> None:
    started = time.monotonic()
    command = [sys.executable, str(ROOT / "deploy" / "runner_image.py"), "--docker", docker_host]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.startswith("invigil-runner:")
    assert time.monotonic() - started < 5 or "built" in done.stderr
