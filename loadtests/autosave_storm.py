"""Everybody types at once: a save each 1 to 3 seconds from each candidate, each with a verified receipt."""

from __future__ import annotations

import time

from locust import task

from loadtests import crowd
from loadtests.crowd import Candidate, played
from loadtests.recipes import ESSAY

GAP = (1.0, 3.0)


class Typist(Candidate):
    """A candidate whose page saves whenever the typing pauses."""

    @task
    @played
    def type(self) -> None:
        """Write one long answer for as long as the plan says."""
        crowd.CROWD.wait(self.place)
        self.start_exam(self.ask_to_start())
        item = self.open_room()[-1]["id"]
        text, ends = "", crowd.CROWD.began + crowd.CROWD.plan["ramp"] + crowd.CROWD.plan["seconds"]
        while time.time() < ends:
            self.think(self.rng.uniform(*GAP))
            text = (text + self.rng.choice(ESSAY.split()) + " ")[-1500:]
            self.save(item, {"text": text})
        self.submit()
