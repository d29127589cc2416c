"""What all shapes that come in have in common."""

from pydantic import BaseModel, ConfigDict

MAX_NUMBER = 2**31 - 1


class Wire(BaseModel):
    """Nothing unknown comes in."""

    model_config = ConfigDict(extra="forbid")
