"""A real engine for the tests marked `docker`; they are left out only where none answers."""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest

from sandbox.engines.docker import LABEL, DockerEngine
from sandbox.errors import EngineUnavailable

OWN = Path(__file__).parents[2] / "var" / "docker" / "docker.sock"


@pytest.fixture(scope="session")
def docker_host() -> str:
    """Where an engine answers."""
    named = (os.environ.get("INVIGIL_DOCKER_HOST"), os.environ.get("DOCKER_HOST"))
    for host in (*filter(None, named), f"unix://{OWN}", "unix:///var/run/docker.sock"):
        try:
            with DockerEngine(host) as engine:
                engine.facts()
        except EngineUnavailable:
            continue
        return host
    pytest.skip("no container engine answers")


@pytest.fixture(scope="session")
def engine(docker_host: str) -> Iterator[DockerEngine]:
    """The real thing. At the end of all tests, nothing of ours may be left on it."""
    with DockerEngine(docker_host, owner=f"tests-{os.getpid()}") as engine:
        yield engine
        with closing(docker.DockerClient(docker_host)) as client:
            # A container that has ended is gone a moment later.
            deadline = time.monotonic() + 10
            while left := client.containers.list(
                all=True, filters={"label": f"{LABEL}={engine.owner}"}, ignore_removed=True
            ):
                assert time.monotonic() < deadline, left
                time.sleep(0.1)
