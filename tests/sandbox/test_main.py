"""The command line, as an operator uses it."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import docker
import pytest

from sandbox.engines.docker import LABEL
from tests.grading.programs.packages import laid, plain

ROOT = Path(__file__).parents[2]


def sandbox(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *words], check=False, capture_output=True, cwd=ROOT, input=stdin
    )


@pytest.mark.parametrize("command", ["doctor", "run", "judge", "selftest"])
def test_no_engine_is_said_in_a_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "a.py").touch()
    laid(plain(), tmp_path / "sum")
    words = {"run": [str(tmp_path / "a.py")], "judge": [str(tmp_path / "sum")]}.get(command, [])
    done = sandbox(command, *words, "--docker", f"unix://{tmp_path}/none.sock")
    assert done.returncode == 2
    said = done.stdout if command == "doctor" else done.stderr
    assert b"The container engine does not answer" in said
    assert b"Traceback" not in done.stderr


def test_a_file_of_no_known_language_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.cob").touch()
    done = sandbox("run", str(tmp_path / "a.cob"))
    assert done.returncode == 2
    assert b".py, .py3, .c" in done.stderr
    done = sandbox("run", "cobol", str(tmp_path / "a.cob"))
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run"], b"LANG FILE"),
        (["run", "{}/none.py"], b"none.py"),
        (["run", "python", "{}"], b"directory"),
        (["run", "python", "/dev/zero"], b"64 MiB"),
        (["run", "{}/a.py", "--seconds", "nan"], b"cpu_seconds"),
        (["run", "{}/a.py", "--memory", "0"], b"memory_bytes"),
        (["run", "{}/a.py", "--memory", "9" * 30], b"memory_bytes"),
        (["run", "{}/a.py", "--tests", "{}/none"], b"holds no test"),
        (["run", "{}/a.py", "{}/sub/a.py"], b"same name"),
        (["run", "{}/a.py", "--json", "{}/none/out.json"], b"cannot be written"),
        (["run", "{}/a.py", "--json", "{}"], b"is a folder"),
        (["judge", "{}/none"], b"none"),
        (["judge", "{}/sub"], b"problem.yaml"),
        (["judge", "{}", "--seconds", "inf"], b"number of seconds"),
        (["judge", "{}", "--workers", "0"], b"whole number"),
        (["judge", "{}", "--json", "/proc/none"], b"none"),
        (["selftest", "--only", "\N{SUPERSCRIPT TWO}"], b"no probe"),
        (["selftest", "--json", "{}"], b"is a folder"),
        (["selftest", "--sign", "{}/a.py"], b"Ed25519"),
        (["doctor", "--json", "{}"], b"is a folder"),
        (["--docker", "nonsense", "doctor"], b""),
    ],
)
def test_bad_input_is_said_and_never_a_traceback(
    docker_host: str, tmp_path: Path, words: list[str], said: bytes
) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.py", "sub/a.py"):
        (tmp_path / name).write_text("print(1)")
    done = sandbox("--docker", docker_host, *(word.format(tmp_path) for word in words))
    assert done.returncode == 2
    assert said in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"mistake of ours" not in done.stderr


@pytest.mark.docker
@pytest.mark.parametrize("command", ["doctor", "run", "judge", "selftest"])
def test_an_unknown_runtime_is_refused_with_those_that_there_are(
    docker_host: str, tmp_path: Path, command: str
) -> None:
    (tmp_path / "a.py").touch()
    laid(plain(), tmp_path / "sum")
    words = {"run": [str(tmp_path / "a.py")], "judge": [str(tmp_path / "sum")]}.get(command, [])
    done = sandbox(command, *words, "--docker", docker_host, "--runtime", "kata")
    assert done.returncode == 2
    assert b"runc" in done.stdout + done.stderr
    assert b"kata" in done.stdout + done.stderr


@pytest.mark.docker
def test_images_that_are_not_there_are_said(docker_host: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print(1)")
    for words in (["run", str(tmp_path / "a.py")], ["selftest"]):
        done = sandbox(*words, "--docker", docker_host, "--prefix", "invigil-never-built")
        assert done.returncode == 2
        assert b"runner_image.py" in done.stderr


@pytest.mark.docker
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", ["run", "judge", "selftest"])
def test_an_interrupt_leaves_nothing_behind(
    docker_host: str, tmp_path: Path, command: str, number: signal.Signals, code: int
) -> None:
    program = tmp_path / "a.py"
    program.write_text("import time\nwhile True: time.sleep(1)")
    loops: dict[str, bytes | str] = {
        f"submissions/accepted/{each}.py": b"import time\nwhile True: time.sleep(1)\n" for each in range(8)
    }
    package = laid(plain(**loops, **{".timelimit": "60"}), tmp_path / "sum")
    words = {
        "run": [str(program), "--seconds", "60"],
        "judge": [str(package), "--submissions", "accepted"],
        "selftest": ["--only", "13", "--only", "14"],  # programs that wait
    }[command]
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--docker", docker_host, command, *words],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        wait_until(lambda: bool(containers(docker_host, running.pid)) or running.poll() is not None)
        running.send_signal(number)
        _, said = running.communicate(timeout=60)
    assert running.returncode == code, said
    assert b"Traceback" not in said
    wait_until(lambda: not containers(docker_host, running.pid))


def containers(docker_host: str, process: int) -> list[str]:
    """Those of that process's engine and of its twins."""
    with closing(docker.APIClient(docker_host, version="auto")) as client:
        labels = [one["Labels"].get(LABEL, "") for one in client.containers(all=True)]
    return [label for label in labels if re.fullmatch(rf"cli-{process}(-\d+)?", label)]


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.docker
def test_run_gives_the_program_our_input_and_its_verdict(docker_host: str, tmp_path: Path) -> None:
    program = tmp_path / "double.py"
    program.write_text("n = int(input())\nprint(n * 2)\nassert n != 13")
    good = sandbox("--docker", docker_host, "run", str(program), stdin=b"21")
    assert (good.returncode, good.stdout) == (0, b"42\n")
    bad = sandbox("--docker", docker_host, "run", str(program), stdin=b"13")
    assert (bad.returncode, bad.stdout) == (1, b"26\n")
    assert b"AssertionError" in bad.stderr
    assert b"[runtime_error: exit 1" in bad.stderr
    named = sandbox("--docker", docker_host, "run", "python", str(program), stdin=b"4")
    assert (named.returncode, named.stdout) == (0, b"8\n")


@pytest.mark.docker
def test_run_judges_a_folder_of_tests(docker_host: str, tmp_path: Path) -> None:
    program = tmp_path / "double.py"
    program.write_text("print(int(input()) * 2)")
    tests = tmp_path / "tests"
    tests.mkdir()
    for name, given, answer in (("one", "1", "2"), ("two", "2", "5")):
        (tests / f"{name}.in").write_text(given)
        (tests / f"{name}.ans").write_text(answer)
    done = sandbox("--docker", docker_host, "run", "python", str(program), "--tests", str(tests))
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    assert lines[0].endswith(" as expected")
    assert lines[1].endswith("another output than expected")
    assert lines[2] == "1 of 2 ended well, with the output expected"
    report = tmp_path / "report.json"
    sandbox("run", str(program), "--docker", docker_host, "--tests", str(tests), "--json", str(report))
    told = json.loads(report.read_text())
    assert [(one["stdout"], one["expected"]) for one in told["runs"]] == [("2\n", True), ("4\n", False)]
    empty = sandbox("--docker", docker_host, "run", str(program), "--tests", str(tmp_path))
    assert empty.returncode == 2
    assert b"holds no test" in empty.stderr


@pytest.mark.docker
def test_the_doctor_finds_this_machine_fit(docker_host: str) -> None:
    done = sandbox("--docker", docker_host, "doctor")
    assert done.returncode == 0, done.stdout.decode()
    assert b"FAIL" not in done.stdout
