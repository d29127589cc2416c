"""The command line, as an operator uses it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def sandbox(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *words], check=False, capture_output=True, cwd=ROOT, input=stdin
    )


def test_no_engine_is_said_in_a_sentence(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/none.sock"
    done = sandbox("--docker", url, "doctor")
    assert done.returncode == 1
    assert b"does not answer" in done.stdout
    (tmp_path / "a.py").touch()
    done = sandbox("--docker", url, "run", str(tmp_path / "a.py"))
    assert done.returncode == 1
    assert done.stderr.startswith(b"The container engine does not answer")


def test_a_file_of_no_known_language_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.cob").touch()
    done = sandbox("run", str(tmp_path / "a.cob"))
    assert done.returncode == 1
    assert b".py, .py3, .c" in done.stderr
    done = sandbox("run", "cobol", str(tmp_path / "a.cob"))
    assert done.returncode == 1


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
    empty = sandbox("--docker", docker_host, "run", str(program), "--tests", str(tmp_path))
    assert empty.returncode == 1
    assert b"holds no test" in empty.stderr


@pytest.mark.docker
def test_the_doctor_finds_this_machine_fit(docker_host: str) -> None:
    done = sandbox("--docker", docker_host, "doctor")
    assert done.returncode == 0, done.stdout.decode()
    assert b"FAIL" not in done.stdout
