"""Shapes on the wire."""

from exam_api.monitoring.schemas.events import EventIn, EventsIn
from exam_api.monitoring.schemas.live import FlagOut, LiveOut, SeatOut, TimeGivenOut, WatchedOut
from exam_api.monitoring.schemas.pieces import HELLO, KINDS, Kind, PieceIn, genesis, read_piece
from exam_api.monitoring.schemas.wire import MAX_NUMBER

__all__ = [
    "HELLO",
    "KINDS",
    "MAX_NUMBER",
    "EventIn",
    "EventsIn",
    "FlagOut",
    "Kind",
    "LiveOut",
    "PieceIn",
    "SeatOut",
    "TimeGivenOut",
    "WatchedOut",
    "genesis",
    "read_piece",
]
