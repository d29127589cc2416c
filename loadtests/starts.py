"""A synchronised start: everybody has the statement on the screen, signs it, and starts at the same moment.

Prepared means: account, passkey, consent and the signed statement are there; what is measured is the start itself (the
server proves the passkey and the device, and signs). When everybody has started, all read their paper at one moment.
"""

from __future__ import annotations

from locust import task

from loadtests import crowd
from loadtests.crowd import Candidate, played


class Starter(Candidate):
    """One candidate who starts when the word is given."""

    def on_start(self) -> None:
        """The statement is fetched and signed before the word."""
        super().on_start()
        self.signed = self.ask_to_start()

    @task
    @played
    def begin(self) -> None:
        """Start, and read the paper when all have started."""
        crowd.CROWD.wait(self.place)
        self.start_exam(self.signed)
        crowd.CROWD.meet()
        self.device.learn(self.proven("GET", self.path("/paper"), name="page: paper"))
