"""Shapes on the wire."""

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
from exam_api.monitoring.schemas.pieces import DECLINE, HELLO, KINDS, DeclineIn, Kind, PieceIn, genesis, read_piece
from exam_api.monitoring.schemas.wire import MAX_NUMBER

__all__ = [
    "DECLINE",
    "HELLO",
    "KINDS",
    "MAX_NUMBER",
    "ChainOut",
    "ClipOut",
    "DeclineIn",
    "EventIn",
    "EventsIn",
    "FlagOut",
    "Kind",
    "LeftOutOut",
    "LiveOut",
    "LookalikeOut",
    "PieceIn",
    "SeatOut",
    "TimeGivenOut",
    "WatchedOut",
    "genesis",
    "read_piece",
]
