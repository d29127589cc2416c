"""Connections to a Docker Engine. Their errors leave as ours."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from requests.exceptions import RequestException

from sandbox.errors import EngineUnavailable, ImageMissing, SandboxFailure
from sandbox.job import EngineInfo

REQUEST_SECONDS: Final = 60
TOOLS: Final = "org.invigil.tools"


@dataclass
class Clients:
    """`base_url` is "unix:///path" or "tcp://host:port". Safe to share by threads: each use has a connection alone."""

    base_url: str
    _idle: list[docker.APIClient] = field(default_factory=list, repr=False)
    _api: str = ""

    @contextlib.contextmanager
    def open(self, image: str = "") -> Iterator[docker.APIClient]:
        """A connection, kept for next time unless it breaks. `image` is what a missing image is called."""
        client: docker.APIClient | None = None
        try:
            self._knock()
            client = self._taken() or self._connect()
            yield client
        except ImageNotFound as error:
            raise ImageMissing(image or str(error)) from error
        except APIError as error:
            raise SandboxFailure(f"the engine refused: {error.explanation or error}") from error
        except (DockerException, RequestException, OSError) as error:
            if client:
                client.close()
                client = None
            raise EngineUnavailable(f"{self.base_url}: {error}") from error
        finally:
            if client:
                self._idle.append(client)

    def info(self, image: str, runtime: str) -> EngineInfo:
        """Which engine, kernel and image judge. Raises `EngineUnavailable` or `ImageMissing`."""
        with self.open(image) as client:
            version: dict[str, Any] = client.version()
            found: dict[str, Any] = client.inspect_image(image)  # type: ignore[no-untyped-call]  # the SDK has no types
        tools: dict[str, str] = json.loads((found["Config"].get("Labels") or {}).get(TOOLS, "{}"))
        said = tuple(f"{name} {number}" for name, number in sorted(tools.items()))
        return EngineInfo(found["Id"], runtime, str(version["Version"]), str(version.get("KernelVersion", "?")), said)

    def close(self) -> None:
        """Give up the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def __del__(self) -> None:
        """Whoever forgets to close an engine leaves no open connection behind."""
        self.close()

    def _taken(self) -> docker.APIClient | None:
        with contextlib.suppress(IndexError):  # two threads may want the last one
            return self._idle.pop()
        return None

    def _connect(self) -> docker.APIClient:
        # The newest API that engine and SDK share, asked once: no number suits Docker 20 and Docker 29 alike.
        client = docker.APIClient(self.base_url, version=self._api or "auto", timeout=REQUEST_SECONDS)
        self._api = str(client.api_version)
        return client

    def _knock(self) -> None:
        """Knock first: the SDK leaks a socket when it finds nobody behind a unix socket."""
        kind, _, path = self.base_url.partition("://")
        if kind == "unix":
            with socket.socket(socket.AF_UNIX) as door:
                door.connect(path)
