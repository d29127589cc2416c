"""Cameras: every candidate sends a JPEG each second or two over the proven WebSocket and hears when it is kept.

The pictures are real (a portrait in a drawn room, 640x480), made once before the clock runs and sent again and again:
what is measured is the platform, not our drawing. The platform confirms five frames or two seconds' worth together, so up
to two seconds of "until it is kept" are its waiting for company.
"""

from __future__ import annotations

import json
import time
from functools import cache
from typing import Any

import gevent
import numpy as np
import websocket
from locust import task

from loadtests import crowd
from loadtests.crowd import Candidate, played
from loadtests.device import NotKept
from loadtests.pieces import Pieces
from loadtests.scenes import scene

GAP = 2.0  # seconds between pictures
PICTURES = 8


@cache
def pictures() -> list[bytes]:
    """A few frames of somebody who sits there."""
    rng = np.random.default_rng(crowd.CROWD.plan["seed"])
    return [scene("present", rng, number) for number in range(PICTURES)]


class Camera(Candidate):
    """A candidate whose camera runs."""

    def on_start(self) -> None:
        """The pictures are drawn before the word."""
        super().on_start()
        pictures()

    @task
    @played
    def film(self) -> None:
        """Send pictures for as long as the plan says."""
        crowd.CROWD.wait(self.place)
        self.start_exam(self.ask_to_start())
        self.device.learn(self.proven("GET", self.path("/paper"), name="page: paper"))
        socket, pieces = self.connect()
        sent: dict[int, float] = {}
        ears = gevent.spawn(self.hear, socket, sent)
        ends = crowd.CROWD.began + crowd.CROWD.plan["ramp"] + crowd.CROWD.plan["seconds"]
        while time.time() < ends and not ears.dead:
            number = pieces.following["frame"]
            sent[number] = time.perf_counter()
            socket.send_binary(pieces.message(pictures()[number % PICTURES]))
            self.think(GAP)
        with gevent.Timeout(20, False):
            while sent and not ears.dead:
                gevent.sleep(0.1)
        ears.kill()
        socket.close()
        if sent:
            raise NotKept(f"{len(sent)} frames were never confirmed")
        self.submit()

    def hear(self, socket: Any, sent: dict[int, float]) -> None:
        """Take the platform's word for each frame that it keeps; several come with one word."""
        while True:
            said = json.loads(socket.recv())
            kept = int(said["kept"]["frame"]) if "kept" in said else 0
            for number in [each for each in sent if each <= kept]:
                self.tell("frame: until it is kept", sent.pop(number))

    def connect(self) -> tuple[Any, Pieces]:
        """The socket after its first message was believed, and the chain that goes on there."""
        path = self.path("/frames")
        began = time.perf_counter()
        socket = websocket.create_connection(self.url.replace("http", "ws", 1) + path, origin=self.url, timeout=60)
        for _ in range(3):
            proof = self.device.proof("GET", path, self.device.token)
            socket.send(json.dumps({"token": self.device.token, "proof": proof}))
            said = json.loads(socket.recv())
            if said.get("ready"):
                self.tell("camera: connect", began)
                pieces = Pieces(self.device)
                pieces.learn(said)
                return socket, pieces
            self.device.nonce = said.get("nonce") or self.device.nonce
        raise NotKept(f"the camera was refused: {said}")

    def tell(self, name: str, began: float) -> None:
        """What Locust measures of a request, for a message."""
        self.environment.events.request.fire(
            request_type="WS",
            name=name,
            response_time=(time.perf_counter() - began) * 1000,
            response_length=0,
            exception=None,
            context={},
        )
