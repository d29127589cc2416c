"""Watching: what may happen; `service.<name>` is how the feature and later features call it."""

from exam_api.monitoring.service.calibration import fitted
from exam_api.monitoring.service.events import keep_events
from exam_api.monitoring.service.flags import list_flags, raise_flags
from exam_api.monitoring.service.live import (
    WATCHERS,
    off,
    seats,
    tell_watchers,
    times_given,
    watch,
    watch_news,
)
from exam_api.monitoring.service.signals import LATELY, Recent, frame_signals, restless_to, signals, sound_signals

__all__ = [
    "LATELY",
    "WATCHERS",
    "Recent",
    "fitted",
    "frame_signals",
    "keep_events",
    "list_flags",
    "off",
    "raise_flags",
    "restless_to",
    "seats",
    "signals",
    "sound_signals",
    "tell_watchers",
    "times_given",
    "watch",
    "watch_news",
]
