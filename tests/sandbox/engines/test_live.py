"""Two programs that talk, on a real engine."""

from dataclasses import replace

import pytest

from sandbox.engines.docker import DockerEngine
from sandbox.errors import InvalidJob
from sandbox.job import MIB, Interaction, InteractionOutcome, Job, Limits, Run, Verdict
from sandbox.run import run

pytestmark = [pytest.mark.docker]

LIMITS = Limits(cpu_seconds=2, wall_seconds=3, memory_bytes=96 * MIB, output_bytes=4 * MIB)
GUESS = """
import sys
low, high = 1, 1000
while True:
    guess = (low + high) // 2
    print(guess, flush=True)
    said = input()
    if said == "right": break
    low, high = (guess + 1, high) if said == "more" else (low, guess - 1)
"""
THINK = """
import sys
secret = int(sys.argv[1])
for turn in range(12):
    guess = int(input())
    print("right" if guess == secret else "more" if guess < secret else "less", flush=True)
    if guess == secret: sys.exit(42)
sys.exit(43)
"""


def job(source: str, *args: str) -> Job:
    runs = tuple(Run(f"t{number}", args=(arg,)) for number, arg in enumerate(args or ("",)))
    return Job("python", {"main.py": source.encode()}, "main.py", runs, LIMITS)


def talk(engine: DockerEngine, program: str, interactor: str, *args: str) -> InteractionOutcome:
    sides = job(program, *args), job(interactor, *args)
    return run(Interaction(*sides), engine)


def test_a_game_of_several_runs(engine: DockerEngine) -> None:
    done = talk(engine, GUESS, THINK, "1", "500", "1000")
    assert [one.exit_code for one in done.interactor.runs] == [42] * 3
    assert [one.verdict for one in done.program.runs] == [Verdict.OK] * 3
    assert done.interactor.runs[1].stdout == b"right\n"
    assert done.program.runs[1].stdout == b"500\n"
    assert len(done.first) == 3


def test_a_program_that_never_reads_but_writes_much(engine: DockerEngine) -> None:
    done = talk(
        engine,
        "import sys\nsys.stdout.write('x' * 3_000_000)\n",
        "import sys\nprint(len(sys.stdin.read()), file=sys.stderr)",
    )
    assert done.program.runs[0].verdict is Verdict.OK
    assert done.interactor.runs[0].stderr == b"3000000\n"


def test_both_write_and_nobody_reads(engine: DockerEngine) -> None:
    flood = "import sys\nwhile True: sys.stdout.write('x' * 65536)\n"
    done = talk(engine, flood, flood)
    limits = {Verdict.WALL_LIMIT, Verdict.OUTPUT_LIMIT, Verdict.TIME_LIMIT}
    assert {done.program.runs[0].verdict, done.interactor.runs[0].verdict} <= limits


def test_both_wait_for_the_other(engine: DockerEngine) -> None:
    done = talk(engine, "input()", "input()")
    assert Verdict.WALL_LIMIT in (done.program.runs[0].verdict, done.interactor.runs[0].verdict)


def test_the_program_ends_early_and_the_other_sees_the_end(engine: DockerEngine) -> None:
    done = talk(engine, "print('bye')", "import sys\nprint(repr(sys.stdin.read()), file=sys.stderr)")
    assert done.interactor.runs[0].stderr == b"'bye\\n'\n"
    assert done.first == ("program",)


def test_the_interactor_ends_first(engine: DockerEngine) -> None:
    done = talk(engine, "import sys, time\nsys.stdin.read()\ntime.sleep(0.3)", "pass")
    assert done.first == ("interactor",)
    assert done.program.runs[0].verdict is Verdict.OK


def test_one_side_that_does_not_compile(engine: DockerEngine) -> None:
    done = talk(engine, "def broken(:", THINK, "1")
    assert done.program.runs[0].verdict is Verdict.COMPILE_ERROR
    assert done.interactor.runs[0].verdict is Verdict.SKIPPED
    assert "SyntaxError" in done.program.compile_log


def test_bytes_pass_unchanged(engine: DockerEngine) -> None:
    speak = "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 100)\n"
    hear = "import sys\nsys.stderr.buffer.write(sys.stdin.buffer.read())\n"
    assert talk(engine, speak, hear).interactor.runs[0].stderr == bytes(range(256)) * 100


def test_the_next_run_hears_nothing_of_the_last(engine: DockerEngine) -> None:
    speak = "import sys\nprint('x' * 200_000 if sys.argv[1] == 'a' else 'short')\n"
    hear = "import sys\nif sys.argv[1] != 'a': print(sys.stdin.read(), file=sys.stderr)\n"
    done = talk(engine, speak, hear, "a", "b")
    assert done.interactor.runs[1].stderr == b"short\n\n"


def test_sides_must_pair_up() -> None:
    with pytest.raises(InvalidJob, match="different numbers"):
        Interaction(job("", "1", "2"), job("", "1"))
    with pytest.raises(InvalidJob, match="input of its own"):
        Interaction(replace(job(""), runs=(Run("t0", b"x"),)), job(""))


def test_a_program_that_nobody_hears_waits_as_at_a_pipe(engine: DockerEngine) -> None:
    flood = "import os\nwhile True: os.write(1, b'x' * 1000)\n"
    patient = replace(
        job("import sys, time\ntime.sleep(4)\nprint(len(sys.stdin.read()), file=sys.stderr)"),
        limits=replace(LIMITS, wall_seconds=9),
    )
    done = run(Interaction(job(flood), patient), engine)
    assert done.program.runs[0].verdict is Verdict.WALL_LIMIT
    assert done.program.runs[0].cpu_seconds < 1
    assert int(done.interactor.runs[0].stderr) < 500_000
