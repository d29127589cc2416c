"""Does the camera look like a program? By its name and by the rhythm of its pictures. Weak: many honest people use one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

# Words in the names that such programs give their cameras (their own manuals); a name can be changed by who wants to.
NAMES = (
    *(
        "obs virtual",
        "obs-camera",
        "virtual camera",
        "virtual webcam",
        "virtualcam",
        "manycam",
        "snap camera",
        "xsplit",
    ),
    *("v4l2loopback", "dummy video", "splitcam", "youcam", "sparkocam", "webcamoid", "altercam", "fake device"),
    *("mmhmm", "prism lens", "e2esoft", "vcam", "unitycapture", "akvcam", "nvidia broadcast"),
)
_NAME = re.compile("|".join(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" for name in NAMES))
LEAST = 30  # moments needed to speak of a rhythm
REGULAR = 2e-5  # seconds of spread: no camera and no browser is as even as that


def named_like_a_program(label: str) -> bool:
    """True when the device's name contains a word of `NAMES`."""
    return _NAME.search(label.lower()) is not None


def too_regular(moments: Sequence[datetime]) -> bool:
    """True when the camera's own time stamps (not those of arrival) are more even than a device's clock can be."""
    steps = np.array([(after - before) / timedelta(seconds=1) for before, after in pairwise(moments)])
    if len(steps) < LEAST or np.any(steps <= 0):
        return False
    middle = float(np.median(steps))
    whole = steps[np.abs(steps - middle) < middle / 2]  # pictures that were left out do not count
    return len(whole) >= LEAST and float(np.std(whole)) < REGULAR
