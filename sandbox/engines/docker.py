"""The real engine: one fresh, locked-down container per job on any Docker Engine, runc or runsc.

The container has no network, no capability, a read-only root, its own deny-by-default system call filter, and process
and memory limits; `payload()` is the whole of what we ask for. Inside, the supervisor (sandbox/images/supervisor) runs
the job's tests and measures them. We talk to it over the attached stream only: nothing is mounted, copied or executed
into a container that has seen a candidate's program.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from docker.types import Ulimit
from requests.exceptions import RequestException

from sandbox.engines import verdicts, wire
from sandbox.engines.stream import Stream
from sandbox.errors import ContainerGone, EngineUnavailable, ImageMissing, Overrun, SandboxFailure
from sandbox.job import MIB, EngineInfo, Job, Outcome, RunOutcome, Verdict
from sandbox.languages import LANGUAGES

IMAGE: Final = "invigil-runner:current"
LABEL: Final = "org.invigil.sandbox"
USER: Final = "65534:65534"
START_SECONDS: Final = 30.0  # to create and start a container on a busy machine
RUN_SLACK_SECONDS: Final = 2.0  # per step: emptying folders, sending results
SUPERVISOR_BYTES: Final = 32 * MIB
INODES: Final = 16384
REQUEST_SECONDS: Final = 60


@lru_cache(maxsize=1)
def seccomp_profile() -> str:
    return Path(__file__).with_name("seccomp.json").read_text(encoding="utf-8")


def memory_of(job: Job) -> int:
    """Bytes at which the kernel ends everything: the larger limit, and room for inputs, files and the supervisor.

    Verdicts come from the exact limit, which the supervisor watches; this is the wall behind it.
    """
    step = LANGUAGES[job.language].step
    return max(job.limits.memory_bytes, step.memory_bytes) + SUPERVISOR_BYTES + 3 * job.size() + 3 * disk_of(job)


def disk_of(job: Job) -> int:
    """Bytes of the work folder: the job's own files, and what a run may write."""
    return job.size() + max(job.limits.file_bytes, LANGUAGES[job.language].step.file_bytes)


def seconds_of(job: Job) -> float:
    """The most a container may live; our own clock, whatever the supervisor says."""
    step = LANGUAGES[job.language].step
    return START_SECONDS + step.wall_seconds + len(job.runs) * (job.limits.wall_seconds + RUN_SLACK_SECONDS)


def host_config(job: Job, runtime: str) -> dict[str, Any]:
    """Keyword arguments of `create_host_config`: every wall of the jail in one place."""
    folder = f"rw,nosuid,nodev,exec,size={disk_of(job)},nr_inodes={INODES},mode=0700,uid=65534,gid=65534"
    data = folder.replace("exec", "noexec")
    return {
        "runtime": runtime,
        "network_mode": "none",
        "ipc_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true", f"seccomp={seccomp_profile()}"],
        "pids_limit": max(job.limits.pids, LANGUAGES[job.language].step.pids) + 1,
        "mem_limit": memory_of(job),
        "memswap_limit": memory_of(job),  # equal: no swap
        "tmpfs": {"/work": folder, "/tmp": data, "/dev/shm": data},  # noqa: S108 - the container's own
        "ulimits": [Ulimit(name="core", soft=0, hard=0), Ulimit(name="nofile", soft=1024, hard=1024)],
        "log_config": {"type": "none", "config": {}},
        "privileged": False,
        "init": False,
    }


@dataclass(frozen=True)
class DockerEngine:
    """Runs jobs on the Docker Engine at `base_url` ("unix:///path" or "tcp://host:port"). Safe to share by threads.

    `image` is the runner image's name, `runtime` "runc" or "runsc" (gVisor) or any other the engine knows. `owner`
    marks our containers, so that several workers can share an engine and each sweeps only its own.
    """

    base_url: str
    image: str = IMAGE
    runtime: str = "runc"
    owner: str = "invigil"
    clock: Callable[[], float] = time.monotonic

    @cached_property
    def _api(self) -> str:
        """The newest API that engine and SDK share, asked once: no number suits Docker 20 and Docker 29 alike."""
        with contextlib.closing(docker.APIClient(self.base_url, version="auto", timeout=REQUEST_SECONDS)) as client:
            return str(client.api_version)

    @cached_property
    def info(self) -> EngineInfo:
        """Which engine, kernel and image judge. Raises `EngineUnavailable` or `ImageMissing`."""
        with self._client() as client:
            version = client.version()
            found: list[dict[str, Any]] = client.images(self.image)
        if not found:
            raise ImageMissing(self.image)
        return EngineInfo(found[0]["Id"], self.runtime, str(version["Version"]), str(version.get("KernelVersion", "?")))

    def run(self, job: Job) -> Outcome:
        """See `Engine.run`. One container lives exactly as long as this call."""
        deadline = self.clock() + seconds_of(job)
        info = self.info
        with self._client() as client, self._container(client, job, info.image) as container:
            attached = client.attach_socket(container, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            stream = Stream(attached, lambda: deadline - self.clock())
            try:
                client.start(container)
                stream.send(wire.encode_job(job))
                return self._collect(job, info, stream, lambda: self._was_oom_killed(container))
            finally:
                stream.close()

    def _collect(self, job: Job, info: EngineInfo, stream: Stream, was_oom_killed: Callable[[], bool]) -> Outcome:
        log, done = "", list[RunOutcome]()
        try:
            for report in wire.read_reports(stream.read, job):
                if report.kind == "C":
                    log = verdicts.compile_log(report)
                    if not verdicts.compiled(report):
                        return Outcome(verdicts.not_compiled(job), info, log)
                elif len(done) < len(job.runs):
                    done.append(verdicts.run_outcome(job.runs[len(done)], report, job.limits))
        except TimeoutError as error:
            raise Overrun(f"{seconds_of(job):.0f} s") from error
        except ContainerGone:
            # Nothing inside can end process 1, but the kernel can when memory is short. Then the run at hand is to
            # blame; those before it keep their verdicts.
            if not was_oom_killed():
                raise
            done.append(RunOutcome(job.runs[len(done)].name, Verdict.MEMORY_LIMIT))
        rest = (RunOutcome(run.name, Verdict.SKIPPED) for run in job.runs[len(done) :])
        return Outcome((*done, *rest), info, log)

    @contextlib.contextmanager
    def _container(self, client: docker.APIClient, job: Job, image: str) -> Iterator[str]:
        """A created container, removed with all it holds whatever happens."""
        created = client.create_container(
            image,
            user=USER,
            stdin_open=True,
            detach=False,
            working_dir="/work",
            labels={LABEL: self.owner},
            host_config=client.create_host_config(**host_config(job, self.runtime)),
        )
        container = str(created["Id"])
        try:
            yield container
        finally:
            with self._client() as fresh:  # the connection at hand may be what broke
                fresh.remove_container(container, force=True, v=True)

    def sweep(self) -> int:
        """Remove what a killed worker of this owner left behind; how many. For start-up, before the first job."""
        with self._client() as client:
            left = client.containers(all=True, filters={"label": f"{LABEL}={self.owner}"})
            for container in left:
                client.remove_container(container["Id"], force=True, v=True)
        return len(left)

    def facts(self) -> dict[str, Any]:
        """What the engine says about itself (Docker's `GET /info`)."""
        with self._client() as client:
            return dict(client.info())

    def _was_oom_killed(self, container: str) -> bool:
        with self._client() as client:
            client.wait(container, timeout=10)
            state = client.inspect_container(container)["State"]
        return bool(state["OOMKilled"]) and state["ExitCode"] == 137

    def _reach(self) -> None:
        """Knock first: the SDK leaks a socket when it finds nobody behind a unix socket."""
        kind, _, path = self.base_url.partition("://")
        if kind == "unix":
            with socket.socket(socket.AF_UNIX) as door:
                door.connect(path)

    @contextlib.contextmanager
    def _client(self) -> Iterator[docker.APIClient]:
        """A connection of our own: the SDK's session is not made for threads. Its errors leave as ours."""
        try:
            self._reach()
            client = docker.APIClient(self.base_url, version=self._api, timeout=REQUEST_SECONDS)
            try:
                yield client
            finally:
                client.close()
        except ImageNotFound as error:
            self.__dict__.pop("info", None)  # built again under the same name: look it up anew next time
            raise ImageMissing(self.image) from error
        except APIError as error:
            raise SandboxFailure(f"the engine refused: {error.explanation or error}") from error
        except (DockerException, RequestException, OSError) as error:
            raise EngineUnavailable(f"{self.base_url}: {error}") from error
