"""Every verdict, and every way for the engine to fail, on a real Docker Engine."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest

from sandbox.engines.docker import LABEL, DockerEngine
from sandbox.errors import EngineUnavailable, ImageMissing, Overrun, SandboxFailure
from sandbox.job import MIB, Job, Limits, Outcome, Run, RunOutcome, Verdict
from sandbox.run import run

pytestmark = [pytest.mark.docker]

LIMITS = Limits(cpu_seconds=1, wall_seconds=10, memory_bytes=64 * MIB, output_bytes=10_000, pids=20)
ADD = "import sys; print(sum(map(int, sys.stdin.read().split())))"


def python(source: str, *runs: Run, limits: Limits = LIMITS, files: dict[str, bytes] | None = None) -> Job:
    return Job("python", {"main.py": source.encode(), **(files or {})}, "main.py", runs or (Run("one"),), limits)


def c(source: str, *runs: Run, files: dict[str, bytes] | None = None) -> Job:
    return Job("c", {"main.c": source.encode(), **(files or {})}, "main.c", runs or (Run("one"),), LIMITS)


def another(engine: DockerEngine, **changes: Any) -> DockerEngine:
    """An engine like this one but for what changes."""
    own = {"prefix": engine.prefix, "runtime": engine.runtime, "owner": engine.owner, "clock": engine.clock}
    return DockerEngine(changes.pop("base_url", engine.base_url), **{**own, **changes})


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


def test_three_jobs_at_once(engine: DockerEngine) -> None:
    jobs = [python(f"print({n})") for n in range(3)]
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(engine.run, jobs))
    assert [only(one).stdout for one in outcomes] == [b"0\n", b"1\n", b"2\n"]


def test_no_container_outlives_its_job(engine: DockerEngine) -> None:
    run(python("print(1)"), engine)
    with another(engine, runtime="no-such-runtime") as other, pytest.raises(SandboxFailure):
        run(python("print(1)"), other)
    with closing(docker.DockerClient(engine.base_url)) as client:
        deadline = time.monotonic() + 10
        while left := client.containers.list(
            all=True, filters={"label": f"{LABEL}={engine.owner}"}, ignore_removed=True
        ):
            assert time.monotonic() < deadline, left
            time.sleep(0.1)


def test_no_engine_is_our_failure(tmp_path: Path) -> None:
    with DockerEngine(f"unix://{tmp_path}/none.sock") as nobody, pytest.raises(EngineUnavailable, match="DOCKER_HOST"):
        run(python("print(1)"), nobody)


def test_no_image_is_our_failure(engine: DockerEngine) -> None:
    with another(engine, prefix="invigil-never-built") as other, pytest.raises(ImageMissing, match="runner_image"):
        run(python("print(1)"), other)


def test_a_container_that_lives_too_long_is_our_failure(engine: DockerEngine) -> None:
    limits = replace(LIMITS, wall_seconds=2)
    hasty = another(engine, clock=lambda: 40 * time.monotonic())  # our own clock says that it takes for ever
    with hasty, pytest.raises(Overrun):
        run(python("import time; time.sleep(1.5)", limits=limits), hasty)


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
        far = another(engine, base_url=url, owner=f"{engine.owner}-cut")
        running = pool.submit(far.run, python("import time; time.sleep(60)", limits=limits))
        time.sleep(1.5)
        between.cut()
        with pytest.raises(SandboxFailure):
            running.result(timeout=20)
        far.close()
    # The container notices by itself that nobody listens any more, and the engine removes what has ended.
    client = docker.APIClient(engine.base_url, version="auto")
    deadline = time.monotonic() + 10
    while left := client.containers(all=True, filters={"label": f"{LABEL}={engine.owner}-cut"}):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
    client.close()


def test_each_test_brings_its_own_files_and_leaves_what_was_asked_for(engine: DockerEngine) -> None:
    source = "import os\nfrom pathlib import Path\nprint(Path('data/in.txt').read_text())\nPath('out.txt').write_text(Path('shared.txt').read_text() * 2)\n"
    runs = (
        Run("plain", files={"data/in.txt": b"first"}),
        Run("own", files={"data/in.txt": b"second", "shared.txt": b"mine"}),
    )
    job = Job(
        "python", {"main.py": source.encode(), "shared.txt": b"ours"}, "main.py", runs, LIMITS, ("out.txt", "none.txt")
    )
    plain, own = run(job, engine).runs
    assert (plain.stdout, plain.files) == (b"first\n", {"out.txt": b"oursours"})
    assert (own.stdout, own.files) == (b"second\n", {"out.txt": b"minemine"})


@pytest.mark.parametrize(
    "trick",
    [
        "os.symlink('/etc/passwd', 'out.txt')",
        "os.mkfifo('out.txt')",
        "os.mkdir('out.txt')",
        "os.mkdir('real'); open('real/out.txt', 'w').write('x'); os.symlink('real', 'deep')",
        "f = open('out.txt', 'w'); f.truncate(10 << 20)",
        "import socket; socket.socket(socket.AF_UNIX).bind('out.txt')",
    ],
)
def test_only_plain_files_of_a_fair_size_are_taken(engine: DockerEngine, trick: str) -> None:
    job = Job(
        "python",
        {"main.py": f"import os\n{trick}\n".encode()},
        "main.py",
        (Run("one"),),
        LIMITS,
        ("out.txt", "deep/out.txt"),
    )
    one = only(run(job, engine))
    assert (one.verdict, one.files) == (Verdict.OK, {}), one


def test_a_blocked_call_has_a_verdict_of_its_own(engine: DockerEngine) -> None:
    one = only(run(python("import ctypes; ctypes.CDLL(None).ptrace(16, 1, 0, 0); print('alive')"), engine))
    assert (one.verdict, one.stdout, one.signal) == (Verdict.BLOCKED, b"", 31)


def test_as_many_processes_as_allowed_and_no_more(engine: DockerEngine) -> None:
    source = "import os, time\nmade = 0\ntry:\n    while True:\n        if os.fork() == 0: time.sleep(5); os._exit(0)\n        made += 1\nexcept OSError: print(made)\n"
    assert only(run(python(source, limits=replace(LIMITS, pids=12)), engine)).stdout == b"11\n"
