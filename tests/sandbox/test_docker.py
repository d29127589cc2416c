"""Every verdict, and every way for the engine to fail, on a real Docker Engine."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from sandbox.engines.docker import LABEL, DockerEngine, host_config
from sandbox.errors import EngineUnavailable, ImageMissing, SandboxFailure
from sandbox.hostile import PROBES, Probe
from sandbox.job import MIB, Job, Limits, Outcome, Run, RunOutcome, Verdict
from sandbox.run import run

pytestmark = [pytest.mark.docker]

LIMITS = Limits(cpu_seconds=1, wall_seconds=10, memory_bytes=64 * MIB, output_bytes=10_000, pids=20)
ADD = "import sys; print(sum(map(int, sys.stdin.read().split())))"


def python(source: str, *runs: Run, limits: Limits = LIMITS, files: dict[str, bytes] | None = None) -> Job:
    return Job("python", {"main.py": source.encode(), **(files or {})}, "main.py", runs or (Run("one"),), limits)


def c(source: str, *runs: Run, files: dict[str, bytes] | None = None) -> Job:
    return Job("c", {"main.c": source.encode(), **(files or {})}, "main.c", runs or (Run("one"),), LIMITS)


def only(outcome: Outcome) -> RunOutcome:
    (one,) = outcome.runs
    return one


def test_five_tests_of_one_program_each_with_its_own_input(engine: DockerEngine) -> None:
    outcome = run(python(ADD, *(Run(f"t{n}", f"{n} 1".encode()) for n in range(5))), engine)
    assert [one.stdout for one in outcome.runs] == [f"{n + 1}\n".encode() for n in range(5)]
    assert {one.verdict for one in outcome.runs} == {Verdict.OK}
    for one in outcome.runs:
        assert 0 < one.cpu_seconds < 1
        assert 4 * MIB < one.peak_bytes < 40 * MIB
    assert outcome.engine.image.startswith("sha256:")
    assert outcome.engine.runtime == "runc"


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("print(1)", Verdict.OK),
        ("raise SystemExit(3)", Verdict.RUNTIME_ERROR),
        ("1 / 0", Verdict.RUNTIME_ERROR),
        ("import os; os.abort()", Verdict.RUNTIME_ERROR),
        ("import os; os.kill(os.getpid(), 9)", Verdict.RUNTIME_ERROR),
        ("def f(): f()\nf()", Verdict.RUNTIME_ERROR),
        ("while True: pass", Verdict.TIME_LIMIT),
        ("import os\nfor _ in range(3): os.fork()\nwhile True: pass", Verdict.TIME_LIMIT),
        ("print('x' * 9_999)", Verdict.OK),
        ("print('x' * 10_000)", Verdict.OUTPUT_LIMIT),
        ("hoard = bytearray(200 << 20)", Verdict.MEMORY_LIMIT),
        ("import mmap; mmap.mmap(-1, 2 << 30, flags=mmap.MAP_PRIVATE)", Verdict.OK),
        ("def broken(:", Verdict.COMPILE_ERROR),
    ],
)
def test_verdicts_of_python(engine: DockerEngine, source: str, verdict: Verdict) -> None:
    one = only(run(python(source), engine))
    assert one.verdict is verdict, one
    assert len(one.stdout) <= LIMITS.output_bytes
    assert (one.exit_code is None) or (one.signal is None)


def test_a_program_that_waits_for_ever(engine: DockerEngine) -> None:
    one = only(run(python("import time; time.sleep(60)", limits=replace(LIMITS, wall_seconds=0.5)), engine))
    assert one.verdict is Verdict.WALL_LIMIT
    assert 0.5 <= one.wall_seconds < 2
    assert one.cpu_seconds < 0.3


def test_a_limit_met_in_one_test_leaves_the_others_alone(engine: DockerEngine) -> None:
    source = "import sys\nn = int(input())\nwhile n == 2: pass\nif n == 3: hoard = bytearray(200 << 20)\nprint(n)"
    outcome = run(python(source, *(Run(str(n), str(n).encode()) for n in range(1, 6))), engine)
    expected = [Verdict.OK, Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT, Verdict.OK, Verdict.OK]
    assert [one.verdict for one in outcome.runs] == expected
    assert outcome.runs[4].stdout == b"5\n"
    assert 1 <= outcome.runs[1].cpu_seconds < 1.5
    assert outcome.runs[2].peak_bytes > 64 * MIB


def test_c_compiles_once_and_runs_many(engine: DockerEngine) -> None:
    source = '#include <stdio.h>\n#include "two.h"\nint main(void) { int n; scanf("%d", &n); printf("%d\\n", n * TWO + f()); }'
    files = {"two.h": b"#define TWO 2\nint f(void);\n", "lib/f.c": b"int f(void) { return 1; }\n"}
    outcome = run(c(source, Run("a", b"20"), Run("b", b"4"), files=files), engine)
    assert [one.stdout for one in outcome.runs] == [b"41\n", b"9\n"]


def test_a_compile_error_says_so_for_every_test_once(engine: DockerEngine) -> None:
    outcome = run(c("int main(void) { return nothing; }", Run("a"), Run("b")), engine)
    assert [one.verdict for one in outcome.runs] == [Verdict.COMPILE_ERROR] * 2
    assert "nothing" in outcome.compile_log
    warned = run(c("int main(void) { int unused; return 0; }"), engine)
    assert only(warned).verdict is Verdict.OK
    assert "unused" in warned.compile_log


@pytest.mark.parametrize(
    ("source", "signal"),
    [
        ("int main(void) { int *p = 0; return *(volatile int *)p; }", 11),
        ("int main(void) { volatile int zero = 0; return 7 / zero; }", 8),
        (
            "int f(int n) { volatile char big[4096]; big[0] = n; return f(n + 1) + big[0]; } int main(void) { return f(0); }",
            11,
        ),
    ],
    ids=["segmentation fault", "division by zero", "endless recursion"],
)
def test_a_fatal_signal_is_named(engine: DockerEngine, source: str, signal: int) -> None:
    one = only(run(c(source), engine))
    # An endless recursion may meet the memory limit before the end of its stack: both are the program's doing.
    assert one.verdict is Verdict.MEMORY_LIMIT or (one.verdict, one.signal) == (Verdict.RUNTIME_ERROR, signal)


def test_bytes_and_arguments_arrive_unchanged(engine: DockerEngine) -> None:
    every = bytes(range(256)) * 30
    source = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read() + repr(sys.argv[1:]).encode())"
    one = only(run(python(source, Run("one", every, ("--x", "ü", "", "a b"))), engine))
    assert one.stdout == every + "['--x', 'ü', '', 'a b']".encode()


def test_a_program_that_reads_nothing_of_a_large_input(engine: DockerEngine) -> None:
    one = only(run(python("print(1)", Run("one", bytes(30 * MIB))), engine))
    assert (one.verdict, one.stdout) == (Verdict.OK, b"1\n")


def test_nothing_is_left_for_the_next_test(engine: DockerEngine) -> None:
    source = "import os; print(sorted(os.listdir('/work')), os.listdir('/tmp')); open('/work/x', 'w'); open('/tmp/y', 'w'); os.remove('data/in.txt')"
    outcome = run(python(source, Run("a"), Run("b"), files={"data/in.txt": b"1"}), engine)
    assert [one.stdout for one in outcome.runs] == [b"['data', 'main.py'] []\n"] * 2, outcome


@pytest.mark.slow
@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_hostile_program(engine: DockerEngine, probe: Probe) -> None:
    assert not list(probe.problems(run(probe.job(), engine)))


def test_three_jobs_at_once(engine: DockerEngine) -> None:
    jobs = [python(f"print({n})") for n in range(3)]
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(engine.run, jobs))
    assert [only(one).stdout for one in outcomes] == [b"0\n", b"1\n", b"2\n"]


def test_no_container_outlives_its_job(engine: DockerEngine) -> None:
    run(python("print(1)"), engine)
    with pytest.raises(SandboxFailure):
        run(python("print(1)"), replace(engine, runtime="no-such-runtime"))
    assert engine.sweep() == 0


def test_every_wall_is_asked_for() -> None:
    config = host_config(python("print(1)"), "runc")
    assert config["network_mode"] == config["ipc_mode"] == "none"
    assert config["read_only"] is True
    assert config["privileged"] is False
    assert config["cap_drop"] == ["ALL"]
    assert config["mem_limit"] == config["memswap_limit"]
    assert "no-new-privileges:true" in config["security_opt"]
    assert not {"binds", "mounts", "volumes_from", "devices", "cap_add", "pid_mode"} & set(config)
    assert all("size=" in options and "nr_inodes=" in options for options in config["tmpfs"].values())


def test_no_engine_is_our_failure(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="DOCKER_HOST"):
        run(python("print(1)"), DockerEngine(f"unix://{tmp_path}/none.sock"))


def test_no_image_is_our_failure(engine: DockerEngine) -> None:
    with pytest.raises(ImageMissing, match="runner_image"):
        run(python("print(1)"), replace(engine, image="invigil-runner:never-built"))


def test_a_container_that_lives_too_long_is_our_failure(engine: DockerEngine) -> None:
    ticks = iter([0.0, *[1000.0] * 100])
    with pytest.raises(SandboxFailure):
        run(python("print(1)"), replace(engine, clock=lambda: next(ticks)))


class Relay:
    """Stands between us and the engine, and can be cut like a cable."""

    def __init__(self, path: Path, target: str) -> None:
        self.links: list[socket.socket] = []
        self.target = target
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(str(path))
        self.door.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                near = self.door.accept()[0]
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.target)
            self.links += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def cut(self) -> None:
        self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()
        for link in self.links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            link.close()


@contextmanager
def relay(tmp_path: Path, docker_host: str) -> Iterator[tuple[str, Relay]]:
    path = tmp_path / "relay.sock"
    between = Relay(path, docker_host.removeprefix("unix://"))
    yield f"unix://{path}", between


def test_an_engine_that_goes_away_mid_run_is_our_failure(engine: DockerEngine, tmp_path: Path) -> None:
    if not engine.base_url.startswith("unix://"):
        pytest.skip("this test cuts a unix socket")
    limits = replace(LIMITS, wall_seconds=60)
    with relay(tmp_path, engine.base_url) as (url, between), ThreadPoolExecutor(1) as pool:
        far = replace(engine, base_url=url, owner=f"{engine.owner}-cut")
        running = pool.submit(far.run, python("import time; time.sleep(60)", limits=limits))
        time.sleep(1.5)
        between.cut()
        with pytest.raises(SandboxFailure):
            running.result(timeout=20)
    # The container notices by itself that nobody listens any more; its record waits for the next start's sweep.
    near = replace(engine, owner=f"{engine.owner}-cut")
    client = docker.APIClient(engine.base_url, version="auto")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        (left,) = client.containers(all=True, filters={"label": f"{LABEL}={near.owner}"})
        if left["State"] == "exited":
            break
        time.sleep(0.1)
    client.close()
    assert left["State"] == "exited"
    assert near.sweep() == 1
