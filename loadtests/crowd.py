"""What every Locust recipe shares: one simulated candidate, the moment when all begin, and a record of every request.

Locust's `FastHttpUser` keeps a connection alive and parses in C. Signatures are made while a candidate thinks, outside
the measured time; receipts are verified after the answer was timed. Nothing is left out: a save counts when its receipt
is proven.
"""

from __future__ import annotations

import base64
import json
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import gevent
import gevent.event
import httpx
import rfc8785
from locust import FastHttpUser, events
from locust.exception import StopUser

from loadtests.device import Device, NotKept, digest
from loadtests.prepare import Entrant

FOLDER = os.environ.get("INVIGIL_LOAD", "")
PROTOCOL = "proof: a nonce or token is fetched"  # the name under which those requests are counted
TRIES = 6


@dataclass
class Crowd:
    """This process's share of the prepared people, and what is common to all."""

    folder: Path
    plan: dict[str, Any]
    part: int
    parts: int
    taken: int = 0
    waiting: int = 0
    done: int = 0
    log: list[str] = field(default_factory=list)
    go: gevent.event.Event = field(default_factory=gevent.event.Event)
    began: float = 0.0
    met: int = 0
    all_met: gevent.event.Event = field(default_factory=gevent.event.Event)
    base: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        # Only its address is used: the requests go through Locust, which measures them.
        self.base = httpx.AsyncClient(base_url=self.plan["url"])

    @classmethod
    def read(cls) -> Crowd:
        """From the folder that `python -m loadtests` prepared; INVIGIL_PART says which share is ours ("0/2")."""
        if not FOLDER:
            raise RuntimeError("Use `python -m loadtests run`, which prepares the people and sets INVIGIL_LOAD.")
        part, _, parts = os.environ.get("INVIGIL_PART", "0/1").partition("/")
        folder = Path(FOLDER)
        return cls(folder, json.loads((folder / "plan.json").read_text()), int(part), int(parts))

    @property
    def mine(self) -> int:
        """How many candidates this process plays."""
        return len(range(self.part, self.plan["users"], self.parts))

    def enter(self) -> int:
        """The next candidate's place in the whole crowd."""
        place = self.part + self.taken * self.parts
        self.taken += 1
        return place

    def leave(self, place: int, said: str, saves: int) -> NoReturn:
        """A candidate is through: how it ended, and how many saves were proven."""
        self.done += 1
        with (self.folder / f"people-{self.part}.csv").open("a") as file:
            file.write(f"{time.time():.3f},{place},{said},{saves}\n")
        raise StopUser

    def wait(self, place: int) -> None:
        """Until it is this candidate's turn: the ramp spreads the crowd evenly."""
        self.waiting += 1
        self.go.wait()
        self.until(self.began + self.plan["ramp"] * place / self.plan["users"])

    def meet(self) -> None:
        """Until all candidates of this process have come here; a minute at most, should one have fallen."""
        self.met += 1
        if self.met >= self.mine:
            self.all_met.set()
        self.all_met.wait(timeout=60)

    def until(self, moment: float) -> None:
        gevent.sleep(max(0.0, moment - time.time()))

    def watch(self, quit_: Callable[[], None]) -> None:
        """Say that all are ready, wait for the word, and end when everybody is done."""
        while self.waiting < self.mine:
            gevent.sleep(0.05)
        (self.folder / f"ready-{self.part}").touch()
        while not (word := self.folder / "go").exists():
            gevent.sleep(0.05)
        self.began = float(word.read_text())
        self.until(self.began)
        self.go.set()
        while self.done < self.mine:
            gevent.sleep(0.2)
            self.flush()
        self.flush()
        quit_()

    def flush(self) -> None:
        """Write what was measured since the last time."""
        lines, self.log = self.log, []
        with (self.folder / f"requests-{self.part}.csv").open("a") as file:
            file.write("".join(lines))


CROWD: Crowd = None  # type: ignore[assignment]  # set by `open_crowd`, before the first user exists


@events.init.add_listener  # type: ignore[untyped-decorator]  # locust ships no types
def open_crowd(environment: Any, **_: Any) -> None:
    """Read the plan, and watch over the run."""
    global CROWD
    CROWD = Crowd.read()
    gevent.spawn(CROWD.watch, environment.runner.quit)


@events.request.add_listener  # type: ignore[untyped-decorator]  # locust's decorator has no types
def note(name: str, response_time: float, exception: BaseException | None, **_: Any) -> None:
    """One line for each request: when it ended, which step, how long, what went wrong."""
    said = "" if exception is None else " ".join(str(exception).split()).replace(",", ";")[:200] or "failed"
    CROWD.log.append(f"{time.time():.3f},{name},{response_time:.2f},{said}\n")


class Candidate(FastHttpUser):
    """A prepared candidate. A recipe is a subclass with one task, marked `played`."""

    abstract = True
    connection_timeout = 30.0
    network_timeout = 60.0
    max_retries = 1

    def on_start(self) -> None:
        """Take a place in the crowd; make the device's key."""
        self.place = CROWD.enter()
        self.rng = random.Random(f"{CROWD.plan['seed']}:{self.place}")
        self.url: str = CROWD.plan["url"]
        self.entrant = Entrant(**CROWD.plan["people"][self.place])
        self.device = Device(CROWD.base, self.entrant.attempt)
        self.cookie = "; ".join(f"{name}={value}" for name, value in self.entrant.cookies.items())
        self.hurry: float = CROWD.plan["hurry"]
        self.over = False
        self.recheck_due = float("inf")

    # --- requests ---

    def path(self, rest: str = "") -> str:
        return f"/api/attempts/{self.entrant.attempt}{rest}"

    def proven(
        self, method: str, path: str, body: Any = None, *, name: str, bare: bool = False, raw: bool = False
    ) -> Any:
        """A request with a proof of the device's key. What fails is counted, and sent again as the page would."""
        for again in range(TRIES):
            token = None if bare else self.device.token
            headers = {"DPoP": self.device.proof(method, path, token), "Origin": self.url, "Cookie": self.cookie}
            if token:
                headers["Authorization"] = f"DPoP {token}"
            # The first request has no nonce yet: it is asked to come again, and its time is not this step's.
            called = name if self.device.nonce else PROTOCOL
            with self.client.request(method, path, json=body, headers=headers, name=called, catch_response=True) as got:
                self.device.nonce = (got.headers or {}).get("dpop-nonce", self.device.nonce)
                if 200 <= got.status_code < 300:
                    return got.text if raw else got.json()
                code = self._code(got)
                if got.status_code == 401 and code in {"nonce-needed", "token-not-valid"} and again < 3:
                    got.request_meta["name"] = PROTOCOL
                    got.success()  # part of the protocol (RFC 9449, section 8), not a failure
                else:
                    got.failure(f"{got.status_code} {code}")
                    gevent.sleep(1)
            if code == "token-not-valid" and not bare:
                self.device.take(self.proven("POST", self.path("/token"), name="token", bare=True))
        raise NotKept(f"{name} failed {TRIES} times")

    def _code(self, got: Any) -> str:
        try:
            return str(got.json().get("code"))
        except (ValueError, TypeError, AttributeError):
            return str(got.error or "no answer")[:120]

    def page(self, path: str, name: str) -> None:
        """A page with the session's cookie, as the browser opens it."""
        with self.client.get(
            path, headers={"Cookie": self.cookie, "Accept": "text/html"}, name=name, catch_response=True
        ) as got:
            if got.status_code != 200:
                got.failure(f"{got.status_code}")

    # --- the steps of an exam ---

    def ask_to_start(self) -> dict[str, Any]:
        """The start statement for this device, signed by the passkey: ready to be sent."""
        asked = self.proven("POST", self.path("/start/options"), name="start: statement", bare=True)
        if asked["statement"]["jkt"] != digest(self.device.jwk()):
            raise NotKept("the start statement names another device")
        return {"id": asked["id"], "credential": self.entrant.authenticator(self.url).get(asked["options"])}

    def start_exam(self, signed: dict[str, Any]) -> None:
        """From here the clock runs."""
        self.device.take(self.proven("POST", self.path("/start"), signed, name="start", bare=True))

    def open_room(self) -> list[dict[str, Any]]:
        """What the browser asks for: the room, the paper, the questions as forms. The questions."""
        self.page(f"/attempts/{self.entrant.attempt}/room", "page: room")
        paper = self.proven("GET", self.path("/paper"), name="page: paper")
        self.proven("GET", f"/attempts/{self.entrant.attempt}/sheet", name="page: sheet", raw=True)
        self.device.learn(paper)
        gevent.spawn(self.follow_clock)
        every = CROWD.plan["recheck"]
        if every:
            self.recheck_due = time.time() + self.rng.uniform(0, every) / self.hurry
        items: list[dict[str, Any]] = paper["exam"]["items"]
        return items

    def follow_clock(self) -> None:
        """The room's live channel: open as long as somebody is at work, and opened again where it breaks, as in a browser."""
        while not self.over:
            path = self.path("/stream")
            headers = {
                "DPoP": self.device.proof("GET", path, self.device.token),
                "Authorization": f"DPoP {self.device.token}",
                "Cookie": self.cookie,
            }
            try:
                with self.client.get(path, headers=headers, name="stream", stream=True, catch_response=True) as got:
                    self.device.nonce = (got.headers or {}).get("dpop-nonce", self.device.nonce)
                    if got.status_code == 401:
                        got.request_meta["name"] = PROTOCOL
                        got.success()
                    elif got.status_code != 200 and not self.over:
                        got.failure(f"{got.status_code}")
                if got.status_code == 401:
                    self.device.take(self.proven("POST", self.path("/token"), name="token", bare=True))
                elif got.status_code == 200:
                    while got.stream.readline(b"\n"):
                        pass
            except (OSError, ConnectionError, ValueError, NotKept):
                pass  # it broke: the next turn opens it again
            gevent.sleep(0 if self.over else 1)

    def save(self, item: str, answer: dict[str, Any]) -> None:
        """Save, and believe only a proven receipt."""
        body = {"seq": self.device.seq + 1, "previous": self.device.head, "item": item, "answer": answer}
        receipt = self.proven("POST", self.path("/responses"), body, name="save")
        self.device.verify(receipt, item, answer)
        self.device.seq, self.device.head = receipt["seq"], digest(receipt)

    def think(self, seconds: float) -> None:
        """Think; meanwhile the page looks at the server's clock now and then, as the room does."""
        ends = time.time() + seconds / self.hurry
        while self.recheck_due < ends:
            CROWD.until(self.recheck_due)
            self.proven("GET", self.path("/clock"), name="clock")
            self.recheck_due = time.time() + CROWD.plan["recheck"] / self.hurry
        CROWD.until(ends)

    def submit(self) -> None:
        """Seal the chain where our own record of it ends, and check the seal."""
        body = {"seq": self.device.seq, "head": self.device.head}
        seal = self.proven("POST", self.path("/submit"), body, name="submit")
        self.over = True
        if (seal["seq"], seal["head"]) != (self.device.seq, self.device.head) or self.device.receipt_key is None:
            raise NotKept("the seal says something else")
        signed = rfc8785.dumps({name: value for name, value in seal.items() if name != "signature"})
        self.device.receipt_key.verify(base64.urlsafe_b64decode(seal["signature"] + "=="), signed)


def played(steps: Callable[[Any], None]) -> Callable[[Any], None]:
    """A recipe's task: wait for the turn, play, and end well or say why not."""

    def task(user: Candidate) -> None:
        said = "done"
        try:
            steps(user)
        except StopUser:
            raise
        except Exception as error:  # noqa: BLE001  (whatever stops a candidate is a result of the test)
            said = f"stopped: {type(error).__name__} {' '.join(str(error).split())}"[:200].replace(",", ";")
        CROWD.leave(user.place, said, user.device.seq)

    return task
