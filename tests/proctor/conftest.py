"""Real models and real portraits; a test that lacks either says so and is skipped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from loadtests import scenes
from proctor.errors import ModelMissing
from proctor.vision.analyser import FrameAnalyser, Models
from proctor.vision.identity import Reference

CACHE = Path(__file__).parents[2] / ".cache" / "models"


@pytest.fixture(scope="session")
def models() -> Models:
    try:
        return Models.under(CACHE)
    except ModelMissing as missing:
        pytest.skip(f"{missing} (python deploy/models.py)")


@pytest.fixture(scope="session", params=["two detectors", "with YuNet"])
def analyser(request: pytest.FixtureRequest, models: Models) -> Iterator[FrameAnalyser]:
    """What every installation has, and the same with the optional second opinion."""
    if request.param == "two detectors":
        models = replace(models, yunet=None)
    elif models.yunet is None:
        pytest.skip("the optional model yunet is not here (python deploy/models.py says why)")
    with FrameAnalyser(models) as analyser:
        yield analyser


@pytest.fixture(scope="session")
def collins(analyser: FrameAnalyser) -> Reference:
    return analyser.reference(scenes.reference("collins"))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of labelled photographs, named by INVIGIL_DATA."""
    named = os.environ.get("INVIGIL_DATA")
    if not named or not (Path(named) / "proctor" / "faces" / "boxes.json").is_file():
        pytest.skip("INVIGIL_DATA does not name a folder with proctor/faces and proctor/people")
    return Path(named) / "proctor"
