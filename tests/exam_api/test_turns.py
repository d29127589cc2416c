"""Whoever waits at a screen goes first."""

import threading
import time

import pytest

from exam_api.turns import Turns


def test_who_is_in_a_hurry_goes_before_those_who_have_time() -> None:
    done: list[str] = []
    begin = threading.Event()

    def act(name: str) -> str:
        if name == "first":
            begin.wait(5)
        done.append(name)
        return name.upper()

    turns = Turns(act, 1)
    threads = [threading.Thread(target=turns.later, args=(name,)) for name in ("first", "grade", "grade")]
    threads += [threading.Thread(target=turns.soon, args=("trial",))]
    for thread in threads:
        thread.start()
        time.sleep(0.05)  # in this order
    begin.set()
    for thread in threads:
        thread.join(5)
    assert done == ["first", "trial", "grade", "grade"]
    assert turns.soon("after") == "AFTER"


def test_no_more_than_there_are_places_and_a_failure_gives_its_place_back() -> None:
    busy, most = 0, 0
    lock = threading.Lock()

    def act(_: int) -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.01)
        with lock:
            busy -= 1
        raise ZeroDivisionError

    turns = Turns(act, 2)

    def go(number: int) -> None:
        with pytest.raises(ZeroDivisionError):
            (turns.soon if number % 2 else turns.later)(number)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert (most, busy) == (2, 0)
