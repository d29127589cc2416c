"""The real model of speech; a test that lacks it says so and is skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from proctor.audio.listener import SoundAnalyser, SoundModels
from proctor.errors import ModelMissing

CACHE = Path(__file__).parents[3] / ".cache" / "models"


@pytest.fixture(scope="session")
def ears() -> SoundAnalyser:
    try:
        return SoundAnalyser(SoundModels.under(CACHE))
    except ModelMissing as missing:
        pytest.skip(f"{missing} (python deploy/models.py)")
