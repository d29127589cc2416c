"""Does the camera call itself a program? Weak: many honest people use one, and a name can be changed by who wants to.

The rhythm of the pictures is not looked at: a page takes one a second by its own timer and does not learn when the camera made it.
"""

from __future__ import annotations

import re

# Words in the names that such programs give their cameras (their own manuals).
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


def named_like_a_program(label: str) -> bool:
    """True when the device's name contains a word of `NAMES`."""
    return _NAME.search(label.lower()) is not None
