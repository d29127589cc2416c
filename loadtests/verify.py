"""Employers: people without an account open a certificate's address, and check a file they were sent.

python -m loadtests run verify --url http://localhost:8000 --certificate http://localhost:8000/c/… --users 20
"""

from __future__ import annotations

import random
import time

from locust import FastHttpUser, task

from loadtests import crowd


class Employer(FastHttpUser):
    """Opens the certificate's page, fetches the file behind it, and has the file checked."""

    connection_timeout = 30.0
    network_timeout = 60.0

    @task
    def verify(self) -> None:
        """By address and by file, with pauses as people make them."""
        plan, place = crowd.CROWD.plan, crowd.CROWD.enter()
        rng = random.Random(f"{plan['seed']}:{place}")
        address = plan["certificate"].removeprefix(plan["url"])
        crowd.CROWD.wait(place)
        ends = crowd.CROWD.began + plan["ramp"] + plan["seconds"]
        while time.time() < ends:
            with self.client.get(
                address, headers={"Accept": "text/html"}, name="verify: address", catch_response=True
            ) as page:
                if page.status_code != 200:
                    page.failure(f"{page.status_code}")
            bundle = self.client.get(address + ".json", name="verify: fetch the file")
            with self.client.post("/api/verify", data=bundle.text, name="verify: file", catch_response=True) as got:
                if got.status_code != 200:
                    got.failure(f"{got.status_code}")
            crowd.CROWD.until(time.time() + rng.uniform(1, 3) / plan["hurry"])
        crowd.CROWD.leave(place, "done", 0)
