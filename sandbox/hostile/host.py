"""What a hostile program may have left on the host, as far as the host can be seen from here.

Somebody else's work goes on meanwhile, so only what stays for `PATIENCE_SECONDS` counts as left behind.
"""

from __future__ import annotations

import glob
import os
import pwd
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from docker.errors import NotFound

from sandbox.engines.client import Clients
from sandbox.engines.container import OWN_USERS
from sandbox.engines.docker import LABEL, DockerEngine

PATIENCE_SECONDS: Final = 5.0
MARK: Final = "invigil-mark"
PLACES: Final = ("/", "/tmp", "/var/tmp", "/dev/shm", "/etc", "/home", "/root", "/run", "/dev", "/dev/mqueue")  # noqa: S108
CGROUPS: Final = (
    "/sys/fs/cgroup/*/docker/*",
    "/sys/fs/cgroup/docker/*",
    "/sys/fs/cgroup/*/system.slice/docker-*.scope",
    "/sys/fs/cgroup/system.slice/docker-*.scope",
)
FACTS: Final = (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/domainname",
    "/proc/swaps",
)
# In which column stands the user (proc_sysvipc(5), proc_keys(5)).
LISTS: Final = {"/proc/sysvipc/shm": 7, "/proc/sysvipc/msg": 7, "/proc/sysvipc/sem": 4, "/proc/keys": 5}
CONTAINER: Final = re.compile(r"[0-9a-f]{64}")


def containers(engine: DockerEngine, *, everybody: bool = False) -> list[str]:
    """Ids of this owner's containers, or of all, in any state."""
    clients = Clients(engine.base_url)
    filters = {} if everybody else {"label": f"{LABEL}={engine.owner}"}
    try:
        with clients.open() as client:
            return [str(one["Id"]) for one in client.containers(all=True, filters=filters)]
    finally:
        clients.close()


def inspect(engine: DockerEngine, container: str) -> dict[str, Any] | None:
    """What the engine knows about a container, None where it has gone."""
    clients = Clients(engine.base_url)
    try:
        with clients.open() as client:
            try:
                return dict(client.inspect_container(container))
            except NotFound:
                return None
    finally:
        clients.close()


@dataclass(frozen=True)
class Host:
    """The host as it was when this was made, seen by the owner of `engine`'s containers."""

    engine: DockerEngine
    facts: dict[str, str] = field(default_factory=dict)
    before: frozenset[str] = frozenset()

    @classmethod
    def now(cls, engine: DockerEngine) -> Host:
        """The host, with what lies about already: that is nobody's fault."""
        return cls(engine, _facts(), frozenset(_traces(engine)))

    def left(self) -> list[str]:
        """What was left behind since, in words."""
        until = time.monotonic() + PATIENCE_SECONDS
        staying = set(_traces(self.engine)) - self.before
        while staying and time.monotonic() < until:
            time.sleep(0.1)
            staying &= set(_traces(self.engine))
        changed = [f"{name} was changed" for name, said in _facts().items() if said != self.facts.get(name)]
        return sorted(staying) + changed

    def unseen(self) -> tuple[str, ...]:
        """What of the host cannot be looked at from here."""
        looks = {
            "the engine's files": _root(self.engine).is_dir(),
            "cgroups": any(glob.glob(pattern.rsplit("/", 2)[0]) for pattern in CGROUPS),  # noqa: PTH207
            "processes of other users": os.geteuid() == 0,
        }
        return tuple(name for name, seen in looks.items() if not seen)


def _traces(engine: DockerEngine) -> Iterator[str]:
    yield from (f"container {one[:12]}" for one in containers(engine))
    everybody = set(containers(engine, everybody=True))
    yield from _processes(everybody)
    for pattern in CGROUPS:
        for path in glob.glob(pattern):  # noqa: PTH207 - the pattern is absolute
            found = CONTAINER.search(path.rsplit("/", 1)[1])
            if found and found[0] not in everybody:
                yield f"cgroup {path}"
    for folder in ("containers", "image/overlay2/layerdb/mounts"):
        with suppress(OSError):
            names = [path.name for path in (_root(engine) / folder).iterdir()]
            yield from (
                f"folder {folder}/{name}" for name in names if CONTAINER.fullmatch(name) and name not in everybody
            )
    yield from (f"file {place}/{MARK}" for place in PLACES if os.path.lexists(f"{place}/{MARK}"))
    for path, column in LISTS.items():
        with suppress(OSError):
            yield from (
                f"{path}: {line.strip()}" for line in Path(path).read_text().splitlines() if _names_us(line, column)
            )


def _processes(everybody: set[str]) -> Iterator[str]:
    """Processes of a sandbox's user that are in no container."""
    for pid in filter(str.isdigit, (path.name for path in Path("/proc").iterdir())):
        with suppress(OSError, ValueError, IndexError):
            user = Path(f"/proc/{pid}").stat().st_uid
            if not _is_ours(user):
                continue
            found = CONTAINER.search(Path(f"/proc/{pid}/cgroup").read_text())
            if found is None or found[0] not in everybody:
                yield f"process {pid} of user {user}"


def _is_ours(user: int) -> bool:
    """Whether only a container can have this user: it is in our range, and no person's."""
    if not OWN_USERS[0] <= user <= OWN_USERS[1]:
        return False
    try:
        pwd.getpwuid(user)
    except KeyError:
        return True
    return False


def _names_us(line: str, column: int) -> bool:
    words = line.split()
    return len(words) > column and words[column].isdigit() and _is_ours(int(words[column]))


def _root(engine: DockerEngine) -> Path:
    return _roots(engine.base_url)


@lru_cache
def _roots(base_url: str) -> Path:
    with DockerEngine(base_url) as engine:
        return Path(str(engine.facts().get("DockerRootDir") or "/nowhere"))


def _facts() -> dict[str, str]:
    found = dict[str, str]()
    for path in FACTS:
        with suppress(OSError):
            found[path] = Path(path).read_text()
    return found
