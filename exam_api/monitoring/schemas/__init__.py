"""Shapes on the wire."""

from exam_api.monitoring.schemas.check_in import CheckInSignOut
from exam_api.monitoring.schemas.events import EventIn, EventsIn
from exam_api.monitoring.schemas.live import (
    ChainOut,
    ClipOut,
    FlagOut,
    LeftOutOut,
    LiveOut,
    LookalikeOut,
    SeatOut,
    TimeGivenOut,
    WatchedOut,
)
from exam_api.monitoring.schemas.pieces import (
    DECLINE,
    HELLO,
    KINDS,
    DeclineIn,
    HelloIn,
    Kind,
    Looks,
    PieceIn,
    genesis,
    read_piece,
)
from exam_api.monitoring.schemas.seen import SeenIn
from exam_api.monitoring.schemas.wire import MAX_NUMBER

__all__ = [
    "DECLINE",
    "HELLO",
    "KINDS",
    "MAX_NUMBER",
    "ChainOut",
    "CheckInSignOut",
    "ClipOut",
    "DeclineIn",
    "EventIn",
    "EventsIn",
    "FlagOut",
    "HelloIn",
    "Kind",
    "LeftOutOut",
    "LiveOut",
    "LookalikeOut",
    "Looks",
    "PieceIn",
    "SeatOut",
    "SeenIn",
    "TimeGivenOut",
    "WatchedOut",
    "genesis",
    "read_piece",
]
