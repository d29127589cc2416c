"""Watching: what may happen; `service.<name>` is how the feature and later features call it."""

from exam_api.monitoring.service.events import keep_events
from exam_api.monitoring.service.flags import list_flags, raise_flags
from exam_api.monitoring.service.live import (
    WATCHERS,
    seats,
    tell_watchers,
    times_given,
    watch,
    watch_news,
)
from exam_api.monitoring.service.signals import Recent, signals

__all__ = [
    "WATCHERS",
    "Recent",
    "keep_events",
    "list_flags",
    "raise_flags",
    "seats",
    "signals",
    "tell_watchers",
    "times_given",
    "watch",
    "watch_news",
]
