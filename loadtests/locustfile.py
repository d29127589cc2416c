"""Load by Locust: candidates who save all the time, and employers who verify.

    .venv/bin/locust -f loadtests/locustfile.py --headless --users 50 --spawn-rate 10 --run-time 60s \
        --host http://localhost:8000

The instructor's sign-in is read from `var/demo/sign-ins.json`, which `make run` makes; the exam and its roster are made at
the start of the test. Target only a server of your own.
"""

from __future__ import annotations

import json
import os
import queue
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
from locust import HttpUser, between, constant_pacing, events, task
from locust.env import Environment

from loadtests.authenticator import SoftwareAuthenticator
from loadtests.device import Device, digest

EXAM = """
title: Load test
description: Two fields, saved again and again.
duration_minutes: 180
pass_percent: 50
items:
  - {id: one, kind: short, title: One, prompt: Write., points: 1, answers: [anything]}
  - {id: two, kind: short, title: Two, prompt: Write., points: 1, answers: [anything]}
"""
SIGN_INS = Path(os.environ.get("INVIGIL_SIGN_INS", "var/demo/sign-ins.json"))
CERTIFICATE = os.environ.get("INVIGIL_CERTIFICATE", "")  # the address of a certificate, to let employers verify it
ROOM: dict[str, Any] = {"sitting": "", "codes": queue.SimpleQueue()}


@events.test_start.add_listener  # type: ignore[untyped-decorator]  # locust ships no types
def make_the_exam(environment: Environment, **_: Any) -> None:
    """Sign in as the demonstration's instructor, publish an exam, open a sitting with a roster for every user."""
    host = str(environment.host).rstrip("/")
    account = json.loads(SIGN_INS.read_text())["instructor"]
    users = environment.parsed_options.num_users if environment.parsed_options else 10
    with httpx.Client(base_url=host, headers={"Origin": host}, timeout=60) as client:
        body = {
            "email": account["email"],
            "password": account["password"],
            "code": pyotp.TOTP(account["secret"]).now(),
        }
        client.post("/api/sign-in/password", json=body).raise_for_status()
        exam = client.post("/api/exams", json={"source": EXAM}).raise_for_status().json()
        client.post(f"/api/exams/{exam['id']}/publish").raise_for_status()
        now = datetime.now(UTC)
        run = f"{now:%H%M%S}"
        sitting = {
            "exam_id": exam["id"],
            "title": f"Load test {run}",
            "opens_at": (now - timedelta(minutes=1)).isoformat(),
            "closes_at": (now + timedelta(hours=4)).isoformat(),
            "minutes": 180,
            "roster": [{"email": f"load{n}.{run}@example.org", "name": f"Load {n}"} for n in range(users)],
        }
        made = client.post("/api/sittings", json=sitting).raise_for_status().json()
    ROOM["sitting"] = made["id"]
    for row in made["roster"]:
        ROOM["codes"].put(row["activation_code"])


class Writer(HttpUser):
    """A candidate who saves an answer each second and believes only verified receipts."""

    weight = 10
    wait_time = constant_pacing(1)

    def on_start(self) -> None:
        """Activate, consent, start."""
        self.origin = str(self.host).rstrip("/")
        self.client.headers["Origin"] = self.origin
        host = self.origin.split("://", 1)[1].rsplit(":", 1)[0]
        authenticator = SoftwareAuthenticator(host, self.origin, os.urandom)
        self.call("POST", "/api/activate", {"code": ROOM["codes"].get_nowait()})
        asked = self.call("POST", "/api/me/passkeys/options")
        credential = authenticator.create(asked["publicKey"])
        self.call("POST", "/api/me/passkeys", {"id": asked["id"], "credential": credential, "label": "Locust"})
        opened = self.call("POST", f"/api/sittings/{ROOM['sitting']}/attempts", name="/api/sittings/…/attempts")
        self.attempt = opened["id"]
        terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
        self.call("POST", self.path("/consent"), terms, name="…/consent")
        # Only its key and its record of the chain are used: the requests go through Locust, which measures them.
        self.device = Device(httpx.AsyncClient(base_url=self.origin), self.attempt)
        start = self.proven("POST", self.path("/start/options"), name="…/start/options", bare=True)
        body = {"id": start["id"], "credential": authenticator.get(start["options"])}
        self.device.take(self.proven("POST", self.path("/start"), body, name="…/start", bare=True))
        self.device.learn(self.proven("GET", self.path("/paper"), name="…/paper"))

    def path(self, rest: str) -> str:
        return f"/api/attempts/{self.attempt}{rest}"

    def call(self, method: str, path: str, body: Any = None, *, name: str | None = None) -> Any:
        """A request with the session cookie."""
        answer = self.client.request(method, path, json=body, name=name)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def proven(self, method: str, path: str, body: Any = None, *, name: str, bare: bool = False, tries: int = 3) -> Any:
        """A request with a proof of the device's key; a nonce or token is renewed when asked for."""
        token = None if bare else self.device.token
        headers = {"DPoP": self.device.proof(method, path, token)}
        if token:
            headers["Authorization"] = f"DPoP {token}"
        with self.client.request(method, path, json=body, headers=headers, name=name, catch_response=True) as answer:
            self.device.nonce = answer.headers.get("dpop-nonce", self.device.nonce)
            if answer.status_code == 401 and tries > 1:
                answer.success()  # part of the protocol (RFC 9449, section 8), not a failure
            elif not answer.ok:
                answer.failure(answer.text[:200])
                answer.raise_for_status()
            else:
                return answer.json()
        if answer.json().get("code") == "token-not-valid":
            renewed = self.proven("POST", self.path("/token"), name="…/token", bare=True)
            self.device.take(renewed)
        return self.proven(method, path, body, name=name, bare=bare, tries=tries - 1)

    @task
    def save(self) -> None:
        """Save, and verify the receipt."""
        item, answer = random.choice(["one", "two"]), {"text": f"Answer number {self.device.seq + 1}."}
        body = {"seq": self.device.seq + 1, "previous": self.device.head, "item": item, "answer": answer}
        receipt = self.proven("POST", self.path("/responses"), body, name="…/responses")
        self.device.verify(receipt, item, answer)
        self.device.seq, self.device.head = receipt["seq"], digest(receipt)


class Employer(HttpUser):
    """Somebody without an account who opens a certificate's address."""

    weight = 1 if CERTIFICATE else 0
    fixed_count = 0 if not CERTIFICATE else 1
    wait_time = between(1, 3)

    @task
    def look(self) -> None:
        """The page, as a person opens it."""
        self.client.get(CERTIFICATE, headers={"Accept": "text/html"}, name="/c/…")
