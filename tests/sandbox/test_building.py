"""A missing image is built once, and the work waits meanwhile."""

import sys
import threading
import time
from pathlib import Path

import pytest

from sandbox.building import Building, with_command
from sandbox.engines.docker import DockerEngine
from sandbox.engines.scripted import ScriptedEngine
from sandbox.errors import ImageMissing
from sandbox.job import Interaction, Job, Run
from sandbox.languages import LANGUAGES

ROOT = Path(__file__).parents[2]
JAVA = Job("java", {"Main.java": b""}, "Main.java", (Run("one"),))
PYTHON = Job("python", {"main.py": b""}, "main.py", (Run("one"),))


def test_a_missing_image_is_asked_for_once() -> None:
    asked, done = list[str](), threading.Event()

    def build(family: str) -> None:
        asked.append(family)
        done.set()

    now = [1000.0]
    engine = Building(ScriptedEngine(ImageMissing("java")), build, lambda: now[0])
    for _ in range(3):
        with pytest.raises(ImageMissing):
            engine.run(JAVA)
    assert done.wait(5)
    assert asked == ["java"]
    now[0] += 601
    done.clear()
    with pytest.raises(ImageMissing):
        engine.run(JAVA)
    assert done.wait(5)
    assert asked == ["java", "java"]


def test_both_sides_of_an_interaction_are_asked_for() -> None:
    asked = list[str]()
    engine = Building(ScriptedEngine(ImageMissing("?")), asked.append)
    with pytest.raises(ImageMissing):
        engine.interact(Interaction(JAVA, PYTHON))
    deadline = time.monotonic() + 5
    while len(asked) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert asked == ["java", "python"]


def test_nothing_is_built_for_work_that_runs() -> None:
    asked = list[str]()
    Building(ScriptedEngine([]), asked.append).run(PYTHON)
    assert asked == []


def test_what_the_builder_says_last_is_told() -> None:
    said = list[str]()
    command = (
        sys.executable,
        "-c",
        "import sys; print('first', file=sys.stderr); print('made', sys.argv[1], file=sys.stderr)",
    )
    with_command(command, said.append)("go")
    with_command(("/no/such/program",), said.append)("go")
    assert said[:2] == ["making the runner image for go", "made go"]
    assert "cannot be made here" in said[3]


@pytest.mark.docker
@pytest.mark.slow
def test_an_image_is_made_when_it_is_first_needed(engine: DockerEngine) -> None:
    """The real thing: the smallest image, with the command that a worker uses."""
    hello = LANGUAGES["bash"].hello
    job = Job("bash", {"main.sh": hello.source}, "main.sh", (Run("one", hello.stdin),))
    maker = (sys.executable, str(ROOT / "deploy" / "runner_image.py"), "--docker", engine.base_url)
    said = list[str]()
    building = Building(engine, with_command(maker, said.append))
    deadline = time.monotonic() + 300
    while True:
        try:
            outcome = building.run(job)
        except ImageMissing:
            assert time.monotonic() < deadline, said
            time.sleep(1)
        else:
            break
    assert outcome.runs[0].stdout == hello.stdout
