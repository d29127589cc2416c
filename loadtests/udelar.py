"""The published recipe: 16 questions on 8 pages, 30 to 90 seconds of thought for each page, everybody starts together.

Each candidate really starts (a statement signed by a passkey), opens the room, saves each answer, verifies each receipt,
submits and verifies the seal. Turning a page costs our server nothing: the room has all questions from the start.
"""

from __future__ import annotations

from locust import task

from loadtests import crowd
from loadtests.crowd import Candidate, played
from loadtests.recipes import THINK, answer, pages


class Udelar(Candidate):
    """One candidate of the recipe."""

    @task
    @played
    def sit(self) -> None:
        """From the start to the seal."""
        crowd.CROWD.wait(self.place)
        self.start_exam(self.ask_to_start())
        for page in pages(self.open_room()):
            thought = self.rng.uniform(*THINK)
            for item in page:
                self.think(thought / len(page))
                self.save(item["id"], answer(item, self.rng))
        self.submit()
