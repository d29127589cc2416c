"""The engine of the sandbox's own tests, for judging with real programs."""

from tests.sandbox.conftest import docker_host, engine

__all__ = ["docker_host", "engine"]
