"""The attached stream of a container: raw bytes in, multiplexed bytes out (Docker Engine API, "Stream format")."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Any

from sandbox.errors import ContainerGone

STDOUT = 1
WORDS_KEPT = 2000  # of what the container says on its standard error


class Stream:
    """Reads exactly what is asked for, within the time `left()` says is left (seconds)."""

    def __init__(self, attached: Any, left: Callable[[], float]) -> None:
        self._attached = attached  # the SDK gives a file over the socket; kept, because closing it closes both
        self._socket: socket.socket = getattr(attached, "_sock", attached)
        self._left = left
        self._ready = bytearray()
        self._kind = self._rest = 0  # of the frame at hand: which stream, and how many bytes are still to come
        self._errors = b""

    def send(self, data: bytes) -> None:
        self._arm()
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise ContainerGone(str(error)) from error

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes of standard output. Raises `ContainerGone` at its end, `TimeoutError` when time is up."""
        while len(self._ready) < size:
            if not self._rest:
                self._kind, self._rest = struct.unpack("!B3xI", self._exactly(8))
                continue
            piece = self._some(min(self._rest, 65536))  # never more than we ask for, whatever the frame claims to be
            self._rest -= len(piece)
            if self._kind == STDOUT:
                self._ready += piece
            elif len(self._errors) < WORDS_KEPT:
                self._errors += piece[:WORDS_KEPT]
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken

    def fileno(self) -> int:
        """For `select`."""
        return self._socket.fileno()

    def shut(self) -> None:
        """Make whoever reads or writes it stop at once; `close` is still to come."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for end in (self._attached, self._socket):
            with contextlib.suppress(OSError):  # closing a broken connection: it is gone either way
                end.close()

    def _exactly(self, size: int) -> bytes:
        parts = b""
        while len(parts) < size:
            parts += self._some(size - len(parts))
        return parts

    def _some(self, most: int) -> bytes:
        self._arm()
        try:
            piece = self._socket.recv(most)
        except TimeoutError:
            raise
        except OSError as error:
            raise ContainerGone(str(error)) from error
        if not piece:
            raise ContainerGone(self._errors.decode(errors="replace") or "no more output")
        return piece

    def _arm(self) -> None:
        left = self._left()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
