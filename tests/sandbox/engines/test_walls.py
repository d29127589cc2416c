"""What is asked of the engine for a container."""

from typing import Any

from sandbox.engines.walls import MEMORY, Walls, cell_of, payload
from sandbox.job import MIB, Job, Limits, Run

WALLS = Walls(512 * MIB, 64 * MIB, 40)


def job(**limits: Any) -> Job:
    return Job("python", {"main.py": b""}, "main.py", (Run("one"),), Limits(**limits))


def test_every_wall_is_asked_for() -> None:
    asked = payload(WALLS, 200_123, 1, "runc", "tests")
    host = asked["host_config"]
    assert host["network_mode"] == host["ipc_mode"] == "none"
    assert host["read_only"] is True
    assert host["privileged"] is False
    assert host["cap_drop"] == ["ALL"]
    assert host["mem_limit"] == host["memswap_limit"] == WALLS.memory_bytes
    assert host["pids_limit"] == WALLS.processes
    assert host["cpuset_cpus"] == "1"
    assert host["log_config"]["type"] == "none"
    assert "no-new-privileges:true" in host["security_opt"]
    assert not {"binds", "mounts", "volumes_from", "devices", "cap_add", "pid_mode", "userns_mode"} & set(host)
    assert all("size=" in options and "nr_inodes=" in options for options in host["tmpfs"].values())
    assert asked["user"] == "200123:200123"


def test_jobs_alike_share_a_kind_of_container() -> None:
    assert cell_of(job()) == cell_of(job(memory_bytes=64 * MIB, cpu_seconds=1))
    assert cell_of(job()).family == "python"


def test_a_larger_job_gets_higher_walls() -> None:
    small, large = cell_of(job()).walls, cell_of(job(memory_bytes=1024 * MIB, pids=500, file_bytes=200 * MIB)).walls
    assert large.memory_bytes > small.memory_bytes
    assert large.disk_bytes >= 200 * MIB > small.disk_bytes
    assert large.processes > 500 > small.processes


def test_the_largest_limits_still_have_a_container() -> None:
    largest = job(memory_bytes=8192 * MIB, file_bytes=1024 * MIB, output_bytes=64 * MIB, pids=1024)
    assert cell_of(largest).walls.memory_bytes == MEMORY[-1]
