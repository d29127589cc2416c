"""`python -m bench.sandbox`: what judging costs, beside the same programs without a jail and beside other ways to jail them.

Everything runs in one process on one machine, each peer in turn. Programs are made here.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import docker

from bench.facts import machine
from loadtests.platform import docker_host
from sandbox.engines.docker import DockerEngine
from sandbox.job import MIB, Job, Limits, Run, Verdict
from sandbox.run import run

HOST = docker_host() or "unix:///var/run/docker.sock"
NOTHING = b"int main(void) { return 0; }\n"
ADD_C = b'#include <stdio.h>\nint main(void) { long a, b; if (scanf("%ld %ld", &a, &b) == 2) printf("%ld\\n", a + b); return 0; }\n'
ADD_PYTHON = b"a, b = map(int, input().split())\nprint(a + b)\n"
# Works for about as many milliseconds as its input says, by counting; the same work wherever it runs.
WORK = b"""#include <stdio.h>
int main(void) { long n; unsigned x = 1; if (scanf("%ld", &n) != 1) return 1;
  for (long i = 0; i < n; i++) { x ^= x << 13; x ^= x >> 17; x ^= x << 5; } printf("%u\\n", x); return 0; }
"""
# Burns until its own processor clock says enough, or touches as many MiB as it is told.
KNOWN = b"""#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
int main(void) { char what[8]; double much; if (scanf("%7s %lf", what, &much) != 2) return 1;
  if (!strcmp(what, "cpu")) { struct timespec t; do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); while (t.tv_sec + t.tv_nsec / 1e9 < much); }
  else { size_t n = (size_t)(much * 1048576); char *p = malloc(n); for (size_t i = 0; i < n; i += 4096) p[i] = 1; puts(p[n / 2] ? "x" : "y"); }
  return 0; }
"""
HOSTILE = (
    b"import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n",
    b"hoard = []\nwhile True: hoard.append(bytearray(1 << 20))\n",
    b"import os\nwhile True: os.write(1, b'x' * 65536)\n",
    b"while True: pass\n",
)
SHORT = Limits(cpu_seconds=1, wall_seconds=3, memory_bytes=128 * MIB, pids=32)


def c(source: bytes, *runs: Run, limits: Limits | None = None) -> Job:
    return Job("c", {"main.c": source}, "main.c", runs, limits or Limits())


def python(source: bytes, *runs: Run, limits: Limits | None = None) -> Job:
    return Job("python", {"main.py": source}, "main.py", runs, limits or Limits())


def sums(count: int) -> tuple[Run, ...]:
    return tuple(Run(f"t{number}", f"{number} {number + 1}\n".encode()) for number in range(count))


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def row(name: str, seconds: Sequence[float], note: str = "") -> str:
    p50, p99 = quantile(seconds, 0.5) * 1000, quantile(seconds, 0.99) * 1000
    return f"| {name} | {len(seconds)} | {p50:.1f} | {p99:.1f} | {max(seconds) * 1000:.1f} | {note} |"


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def dispatch(engine: DockerEngine, count: int = 200) -> list[float]:
    """Seconds from handing a job over to its answer, less what its program ran: a program that is there already."""
    took, bare = list[float](), python(b"", Run("one"))
    engine.warm("python")
    time.sleep(3)
    for _ in range(count):
        began = time.perf_counter()
        outcome = engine.run(bare)
        whole = time.perf_counter() - began
        took.append(whole - outcome.runs[0].wall_seconds - outcome.compile_seconds)
        time.sleep(0.7)  # so long that the next container is ready: a candidate's pace, not a flood
    return took


def build(folder: Path, name: str, source: bytes) -> Path:
    """The same program without a jail."""
    (folder / f"{name}.c").write_bytes(source)
    subprocess.run(["gcc", "-O2", "-o", folder / name, folder / f"{name}.c"], check=True)
    return folder / name


def bare(program: Path, stdin: bytes) -> float:
    return timed(lambda: subprocess.run([program], input=stdin, check=True, capture_output=True))


def docker_run(client: docker.DockerClient, image: str, command: list[str]) -> float:
    """A container per test, as judges without a pool do it."""
    return timed(lambda: client.containers.run(image, command, entrypoint="", network_mode="none", remove=True))


def peers(folder: Path, engine: DockerEngine) -> list[str]:
    """Twenty tests of one program in Python, each way."""
    client = docker.DockerClient(HOST)
    image, script = engine.info("python").image, folder / "add.py"
    script.write_bytes(ADD_PYTHON)
    source = ["/usr/bin/python3", "-c", "a, b = map(int, '3 4'.split()); print(a + b)"]
    rows = []
    rows.append(row("docker run for each test", [docker_run(client, image, source) for _ in range(20)], "peer"))
    kept = client.containers.run(image, ["/usr/bin/sleep", "600"], entrypoint="", network_mode="none", detach=True)
    try:
        rows.append(
            row(
                "docker exec for each test, in one container",
                [timed(lambda: kept.exec_run(source)) for _ in range(20)],
                "peer",
            )
        )
    finally:
        kept.remove(force=True)
    if shutil.which("bwrap"):
        jail = ["bwrap", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin",
                "--proc", "/proc", "--dev", "/dev", "--unshare-all", "--die-with-parent"]  # fmt: skip
        plain = ["/usr/bin/python3", *source[1:]]
        done = subprocess.run([*jail, *plain], check=False, capture_output=True)
        if done.returncode == 0:
            rows.append(
                row(
                    "bubblewrap for each test",
                    [
                        timed(lambda: subprocess.run([*jail, *plain], check=True, capture_output=True))
                        for _ in range(20)
                    ],
                    "peer",
                )
            )
        else:
            rows.append(f"| bubblewrap | 0 | | | | does not run here: {done.stderr.decode()[-80:].strip()} |")
    outcome = run(python(ADD_PYTHON, *sums(20)), engine)
    rows.append(
        row("ours, for each test in its jail", [one.wall_seconds for one in outcome.runs], "measured in the jail")
    )
    rows.append(
        row(
            "bare fork and exec",
            [
                timed(lambda: subprocess.run(["/usr/bin/python3", *source[1:]], check=True, capture_output=True))
                for _ in range(20)
            ],
            "limit",
        )
    )
    return rows


def ratio(folder: Path, engine: DockerEngine) -> str:
    """Wall time of the same work with and without us, for programs of 50 ms and more."""
    program = build(folder, "work", WORK)
    steps = 100_000_000
    steps = int(steps * 0.1 / min(bare(program, f"{steps}".encode()) for _ in range(3)))
    core = engine.cores[0]
    os.sched_setaffinity(0, {core})
    alone = [bare(program, f"{steps}".encode()) for _ in range(20)]
    os.sched_setaffinity(0, set(range(os.cpu_count() or 1)))
    job = c(WORK, *(Run(f"t{n}", f"{steps}".encode()) for n in range(20)))
    began = time.perf_counter()
    outcome = engine.run(job)
    whole = time.perf_counter() - began - outcome.compile_seconds
    ours = statistics.median(one.wall_seconds for one in outcome.runs)
    return (
        f"A program of {statistics.median(alone) * 1000:.0f} ms: {ours * 1000:.0f} ms in the jail = {ours / statistics.median(alone):.2f} of bare; "
        f"twenty of them with everything around them (less the compiler) {whole * 1000:.0f} ms = {whole / sum(alone):.2f} of bare."
    )


def submissions(engine: DockerEngine) -> list[str]:
    """Twenty tests, compiled and judged, from handing the job over to the last answer."""
    rows = []
    for name, job in (
        ("C, compiled, 20 tests", c(ADD_C, *sums(20))),
        ("Python, 20 tests", python(ADD_PYTHON, *sums(20))),
    ):
        took = []
        for _ in range(20):
            took.append(timed(lambda job=job: engine.run(job)))  # type: ignore[misc]
            time.sleep(0.7)
        rows.append(row(name, took))
    return rows


def flood(engine: DockerEngine, seconds: float, hostile: float) -> tuple[list[float], int]:
    """Submissions one after another from as many threads as there are cores; the honest ones' times, and how many in all."""
    until, honest, everything = time.perf_counter() + seconds, list[float](), [0]
    chance, lock = random.Random(7), threading.Lock()

    def work() -> None:
        while time.perf_counter() < until:
            with lock:
                bad = chance.random() < hostile
                source = chance.choice(HOSTILE)
            job = python(source, Run("one"), limits=SHORT) if bad else python(ADD_PYTHON, *sums(5))
            began = time.perf_counter()
            engine.run(job)
            took = time.perf_counter() - began
            with lock:
                everything[0] += 1
                if not bad:
                    honest.append(took)

    threads = [threading.Thread(target=work) for _ in engine.cores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return honest, everything[0]


def accuracy(engine: DockerEngine, repeats: int = 200) -> list[str]:
    """Programs whose use is known, and what the sandbox says of them."""
    rows = []
    for what, much, unit in (
        ("cpu", 0.05, "s"),
        ("cpu", 0.3, "s"),
        ("mem", 8, "MiB"),
        ("mem", 64, "MiB"),
        ("mem", 200, "MiB"),
    ):
        runs = tuple(Run(f"t{n}", f"{what} {much}".encode()) for n in range(repeats))
        idle = c(KNOWN, Run("idle", b"mem 0.004"))
        floor = engine.run(idle).runs[0].peak_bytes / MIB
        outcome = engine.run(c(KNOWN, *runs))
        if what == "cpu":
            found, truth = [one.cpu_seconds for one in outcome.runs], much
            worst, allowed = max(abs(one - truth) for one in found), max(0.005, 0.02 * truth)
        else:
            found, truth = [one.peak_bytes / MIB for one in outcome.runs], much + floor
            worst, allowed = max(abs(one - truth) for one in found), max(1.0, 0.02 * truth)
        inside = sum(abs(one - truth) <= allowed for one in found)
        rows.append(
            f"| {what} {much} {unit} | {truth:.4g} | {statistics.median(found):.4g} | {worst:.2g} | {allowed:.2g} | {inside} of {repeats} |"
        )
    return rows


def flakes(engine: DockerEngine, repeats: int = 60) -> list[str]:
    """Programs that use nearly their limit: how often the verdict is not the one that it is most often."""
    rows = []
    limits = Limits(cpu_seconds=0.2, wall_seconds=2)
    for share in (0.85, 0.95, 0.99, 1.01, 1.05, 1.15):
        runs = tuple(Run(f"t{n}", f"cpu {0.2 * share}".encode()) for n in range(20))
        once = [one.verdict for _ in range(repeats // 20) for one in engine.run(c(KNOWN, *runs, limits=limits)).runs]
        again = [one.verdict for _ in range(repeats // 20) for one in run(c(KNOWN, *runs, limits=limits), engine).runs]
        rows.append(f"| {share:.0%} | {_minority(once)} | {_minority(again)} | {statistics.mode(again)} |")
    return rows


def _minority(verdicts: Sequence[Verdict]) -> str:
    most = statistics.mode(verdicts)
    return f"{sum(one is not most for one in verdicts)} of {len(verdicts)}"


def main() -> None:
    head = "| what | times | p50 ms | p99 ms | worst ms | |\n|---|---:|---:|---:|---:|---|"
    with DockerEngine(HOST, owner=f"bench-{os.getpid()}", keep=True) as engine, tempfile.TemporaryDirectory() as folder:
        engine.warm("python", "c")
        time.sleep(5)
        info = engine.info("python")
        parts = [f"### Judging programs\n\n{machine()}; Docker {info.engine}, {info.runtime}\n", head]
        parts.append(row("dispatch: hand-over and answer around a program", dispatch(engine), "aim p50 5, p99 20"))
        parts += submissions(engine)
        parts += peers(Path(folder), engine)
        parts += ["", ratio(Path(folder), engine), ""]
        alone, count = flood(engine, 20, 0.0)
        mixed, total = flood(engine, 20, 0.1)
        before, after = quantile(alone, 0.95), quantile(mixed, 0.95)
        parts.append(
            f"As fast as they come, {len(engine.cores)} at once, five tests each: {count / 20:.1f} submissions/s, p95 {before * 1000:.0f} ms; with one in ten "
            f"hostile {total / 20:.1f}/s, the honest ones' p95 {after * 1000:.0f} ms = {after / before:.2f} times.\n"
        )
        parts += [
            "| known use | truth | median | worst error | allowed | inside |",
            "|---|---:|---:|---:|---:|---:|",
            *accuracy(engine),
            "",
        ]
        parts += [
            "| processor time, of the limit | other verdict, read once | with readings again | verdict |",
            "|---:|---:|---:|---|",
            *flakes(engine),
        ]
    usage = resource.getrusage(resource.RUSAGE_SELF)
    parts.append(f"\nThe judging process itself used {usage.ru_utime + usage.ru_stime:.0f} s of processor in all.")
    print("\n".join(parts))


if __name__ == "__main__":
    main()
