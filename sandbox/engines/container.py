"""One started container, from its first word to its end. It takes exactly one job."""

from __future__ import annotations

import contextlib
import random
import select
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from docker.errors import APIError, NotFound

from sandbox.engines import wire
from sandbox.engines.client import Clients
from sandbox.engines.stream import Stream
from sandbox.engines.walls import LABEL, MASKED, Cell, payload
from sandbox.errors import Overrun, SandboxFailure
from sandbox.job import EngineInfo

START_SECONDS: Final = 30.0  # to create and start a container on a busy machine
OWN_USERS: Final = (200_000, 2**31 - 1)
MAPPED_USERS: Final = (10_000, 60_000)  # where the engine maps users, it maps only so many


@dataclass
class Container:
    """`deadline` is our own clock's end of everything it may still do; `stream` obeys it."""

    id: str
    cell: Cell
    core: int | None
    info: EngineInfo
    clock: Callable[[], float]
    deadline: float = 0.0
    finished: bool = False  # it has no more to do, and ends and goes by itself
    stream: Stream = field(init=False)

    def attach(self, attached: Any) -> None:
        self.stream = Stream(attached, lambda: self.deadline - self.clock())

    def lives(self) -> bool:
        """Whether it still waits for its job: a container that has something to say by itself, or has ended, does not."""
        waiting = select.poll()
        waiting.register(self.stream, select.POLLIN)
        return not waiting.poll(0)


@dataclass
class Starter:
    """Creates, starts and removes containers on one engine. Safe to call from several threads."""

    clients: Clients
    prefix: str
    runtime: str
    owner: str
    clock: Callable[[], float] = time.monotonic
    chance: random.Random = field(default_factory=random.SystemRandom)
    infos: dict[str, EngineInfo] = field(default_factory=dict)
    _mapped: bool | None = None

    def image(self, family: str) -> str:
        return f"{self.prefix}-{family}:current"

    def info(self, family: str) -> EngineInfo:
        """See `Clients.info`; asked once, and anew after `forget`."""
        if family not in self.infos:
            self.infos[family] = self.clients.info(self.image(family), self.runtime)
        return self.infos[family]

    def start(self, cell: Cell, core: int | None) -> Container:
        """A container whose supervisor has said that it is ready. Raises `SandboxFailure`."""
        info = self.info(cell.family)
        asked = payload(cell.walls, self.chance.randint(*self._users()), core, self.runtime, self.owner)
        try:
            with self.clients.open(self.image(cell.family)) as client:
                host = client.create_host_config(**asked.pop("host_config"))
                host["MaskedPaths"] = list(MASKED)  # the SDK has no word for it
                created = client.create_container(info.image, host_config=host, **asked)
                deadline = self.clock() + START_SECONDS
                container = Container(str(created["Id"]), cell, core, info, self.clock, deadline)
                try:
                    container.attach(
                        client.attach_socket(container.id, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
                    )
                    client.start(container.id)
                except BaseException:
                    if hasattr(container, "stream"):
                        container.stream.close()
                    self.remove(container.id)
                    raise
        except SandboxFailure:
            self.infos.pop(cell.family, None)  # built again under the same name: look it up anew next time
            raise
        try:
            wire.read_ready(container.stream.read)
        except TimeoutError as error:
            self.discard(container)
            raise Overrun("it did not start in time") from error
        except BaseException:
            self.discard(container)
            raise
        return container

    def discard(self, container: Container) -> None:
        """End it whatever it does."""
        container.stream.close()
        if not container.finished:
            self.remove(container.id)

    def remove(self, container_id: str) -> None:
        with self.clients.open() as client, contextlib.suppress(NotFound):
            try:
                client.remove_container(container_id, force=True, v=True)
            except APIError as error:
                if error.status_code != 409:  # its removal is under way
                    raise

    def was_oom_killed(self, container: Container) -> bool:
        """Whether the kernel ended something in it for want of memory: the engine remembers, though it is gone."""
        asked = {"container": container.id, "event": "oom"}
        with self.clients.open() as client:
            with contextlib.suppress(NotFound, APIError):
                client.wait(container.id, timeout=10)
            # By the engine's own clock: it keeps its last few hundred events, and ours are the youngest of them.
            now = datetime.fromisoformat(str(client.info()["SystemTime"])[:19]).replace(tzinfo=UTC)
            seen = client.events(since=1, until=int(now.timestamp()) + 1, filters=asked)
            return bool(list(seen))  # to its end: a stream left half read keeps its connection open

    def sweep(self, *, running: bool) -> int:
        """Remove what was left behind; how many."""
        with self.clients.open() as client:
            found = client.containers(all=True, filters={"label": f"{LABEL}={self.owner}"})
        left = [one for one in found if one["State"] != "removing" and (running or one["State"] != "running")]
        for one in left:
            self.remove(one["Id"])
        return len(left)

    def _users(self) -> tuple[int, int]:
        if self._mapped is None:
            with self.clients.open() as client:
                options = client.info().get("SecurityOptions") or []
            self._mapped = any("userns" in option or "rootless" in option for option in options)
        return MAPPED_USERS if self._mapped else OWN_USERS
