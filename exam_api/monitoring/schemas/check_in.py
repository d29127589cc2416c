"""A sign of life before the start."""

from typing import Literal

from pydantic import BaseModel

State = Literal["none", "asked", "checking", "shown", "not_shown", "unclear", "declined", "spared", "off"]


class CheckInSignOut(BaseModel):
    """How it stands with try `n`. `kind` (blink, turn_left, turn_right, light) and `colours` while it is asked for; `left`: how
    many tries are left; `spared`: nobody asks, by agreement; `off`: nobody here can look at it, so it is left out for everybody.
    """

    n: int
    state: State
    kind: str | None
    colours: list[str]
    seconds: float
    left: int
