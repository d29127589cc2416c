"""Cores are given in turn, and containers wait for jobs, on a real engine."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import docker
import pytest

from sandbox.engines.docker import LABEL, DockerEngine
from sandbox.engines.pool import Cores
from sandbox.job import Job, Run, Verdict
from sandbox.run import run

JOB = Job("python", {"main.py": b"print(input())"}, "main.py", (Run("one", b"hello"),))


def test_who_came_first_gets_a_core_first() -> None:
    cores, order, lock = Cores((0,)), list[int](), threading.Lock()

    def work(number: int) -> None:
        with cores.one(lambda _: True), lock:
            order.append(number)

    with cores.one(lambda _: True):
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
            time.sleep(0.02)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_a_core_that_has_what_is_needed_is_preferred() -> None:
    cores = Cores((0, 1, 2))
    with cores.one(lambda core: core == 2) as first, cores.one(lambda core: core == 2) as second:
        assert (first, second) == (2, 0)


def test_no_core_is_given_twice() -> None:
    cores, busy, clashes = Cores((0, 1)), set[int](), list[int]()
    lock = threading.Lock()

    def work() -> None:
        for _ in range(50):
            with cores.one(lambda _: False) as core:
                with lock:
                    if core in busy:
                        clashes.append(core)
                    busy.add(core)
                time.sleep(0.0005)
                with lock:
                    busy.discard(core)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clashes == []


@pytest.fixture
def ready(engine: DockerEngine) -> Iterator[DockerEngine]:
    """An engine that keeps containers waiting."""
    with DockerEngine(engine.base_url, owner=f"{engine.owner}-ready", keep=True, cores=(0,)) as own:
        own.warm("python")
        yield own
    assert until(lambda: waiting(own) == [])


def waiting(engine: DockerEngine) -> list[str]:
    with closing(docker.DockerClient(engine.base_url)) as client:
        found = client.containers.list(filters={"label": f"{LABEL}={engine.owner}"}, ignore_removed=True)
        return [str(one.id) for one in found]


def until(holds: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.docker
def test_a_container_waits_is_used_once_and_replaced(ready: DockerEngine) -> None:
    assert until(lambda: len(waiting(ready)) == 1)
    (before,) = waiting(ready)
    assert run(JOB, ready).runs[0].stdout == b"hello\n"
    assert until(lambda: len(waiting(ready)) == 1 and waiting(ready) != [before])


@pytest.mark.docker
def test_a_container_that_died_while_it_waited_is_replaced(ready: DockerEngine) -> None:
    assert until(lambda: len(waiting(ready)) == 1)
    with closing(docker.DockerClient(ready.base_url)) as client:
        for one in waiting(ready):
            client.containers.get(one).kill()
    assert run(JOB, ready).runs[0].verdict is Verdict.OK


@pytest.mark.docker
def test_a_container_killed_under_a_job_is_tried_again(engine: DockerEngine) -> None:
    slow = Job("python", {"main.py": b"import time; time.sleep(2); print(1)"}, "main.py", (Run("one"),))
    own = DockerEngine(engine.base_url, owner=f"{engine.owner}-killed")
    answers = list[bytes]()
    thread = threading.Thread(target=lambda: answers.append(run(slow, own).runs[0].stdout))
    thread.start()
    assert until(lambda: len(waiting(own)) == 1)
    time.sleep(0.7)
    with closing(docker.DockerClient(own.base_url)) as client:
        client.containers.get(waiting(own)[0]).kill()
    thread.join()
    own.close()
    assert answers == [b"1\n"]
