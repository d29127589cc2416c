"""Cameras and microphones: every candidate sends a JPEG each second or two and ten seconds of sound each ten seconds over the
proven WebSocket, signed and chained, and hears when it is kept.

The pictures are real (a portrait in a drawn room, 640x480), the sound is typing beside a fan (Opus), both made once before
the clock runs and sent again and again: what is measured is the platform, not our drawing. The platform confirms five
pieces or one second's worth together, so up to a second of "until it is kept" is its waiting for company.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from functools import cache
from typing import Any

import gevent
import numpy as np
import websocket
from locust import task

from loadtests import crowd
from loadtests.compositions import sounds
from loadtests.compositions.sounds import Heard
from loadtests.crowd import Candidate, played
from loadtests.device import NotKept
from loadtests.line import Kind, Line
from loadtests.pieces import Pieces
from loadtests.scenes import scene

GAP = 2.0  # seconds between pictures
SOUND = 10.0  # seconds of sound in one piece
PICTURES = 8


@cache
def pictures() -> list[bytes]:
    """A few frames of somebody who sits there."""
    rng = np.random.default_rng(crowd.CROWD.plan["seed"])
    return [scene("present", rng, number) for number in range(PICTURES)]


@cache
def typing() -> list[bytes]:
    """Twenty seconds of somebody who types beside a fan."""
    rng = np.random.default_rng(crowd.CROWD.plan["seed"])
    heard = [Heard("clicks", 0, 20, -32), Heard("fan", 0, 20, -48)]
    return [sounds.webm(pcm) for pcm in sounds.windows(sounds.mix(20, heard, rng, None))]


class Camera(Candidate):
    """A candidate whose camera and microphone run."""

    def on_start(self) -> None:
        """Pictures and sounds are made before the word."""
        super().on_start()
        pictures()
        typing()

    @task
    @played
    def film(self) -> None:
        """Send pictures and sounds for as long as the plan says."""
        crowd.CROWD.wait(self.place)
        self.start_exam(self.ask_to_start())
        self.device.learn(self.proven("GET", self.path("/paper"), name="page: paper"))
        socket, line = self.connect()
        sent: dict[tuple[str, int], float] = {}
        ears = gevent.spawn(self.hear, socket, line, sent)
        began = time.time()
        ends = crowd.CROWD.began + crowd.CROWD.plan["ramp"] + crowd.CROWD.plan["seconds"]
        sounds_sent = 0
        while time.time() < ends and not ears.dead:
            self.send(socket, line, "frame", pictures()[line.pieces.following["frame"] % PICTURES], sent)
            if time.time() - began >= SOUND * (sounds_sent + 1) / self.hurry:
                self.send(socket, line, "sound", typing()[sounds_sent % 2], sent)
                sounds_sent += 1
            self.think(GAP)
        with gevent.Timeout(20, False):
            while line.waiting and not ears.dead:
                gevent.sleep(0.1)
        ears.kill()
        socket.close()
        if line.waiting:
            raise NotKept(f"{len(line.waiting)} pictures or sounds were never confirmed")
        self.submit()

    def send(self, socket: Any, line: Line, kind: Kind, body: bytes, sent: dict[tuple[str, int], float]) -> None:
        message = line.send(kind, body, datetime.now(UTC))
        sent[kind, line.waiting[-1].n] = time.perf_counter()
        socket.send_binary(message)

    def hear(self, socket: Any, line: Line, sent: dict[tuple[str, int], float]) -> None:
        """Take the platform's word for each piece that it keeps (several come with one word), and send again what it asks for."""
        while True:
            for message in line.hear(json.loads(socket.recv())):
                socket.send_binary(message)
            for kind, number in [each for each in sent if each[1] <= line.kept[each[0]]]:
                self.tell(f"{kind}: until it is kept", sent.pop((kind, number)))

    def connect(self) -> tuple[Any, Line]:
        """The socket after its first message was believed, and the line that goes on there."""
        path = self.path("/frames")
        began = time.perf_counter()
        socket = websocket.create_connection(self.url.replace("http", "ws", 1) + path, origin=self.url, timeout=60)
        for _ in range(3):
            proof = self.device.proof("GET", path, self.device.token)
            socket.send(json.dumps({"token": self.device.token, "proof": proof}))
            said = json.loads(socket.recv())
            if said.get("ready"):
                self.tell("camera: connect", began)
                line = Line(Pieces(self.device))
                line.ready(said)
                return socket, line
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
