"""One web process. Several listen on one address, and the kernel deals the connections out evenly (SO_REUSEPORT)."""

import socket

import uvicorn
from fastapi import FastAPI

from exam_api.settings import Settings

MAX_MESSAGE = 600_000  # bytes on a WebSocket; a frame is smaller, and with the usual 16 MB strangers could park them
MAX_WAITING = 4  # messages of one WebSocket not yet looked at
# Longer than a proxy keeps an idle connection to us (nginx: 60 s): otherwise it sends into one that we are just closing.
# And a candidate who thinks for a minute need not connect anew for each answer.
IDLE = 75
GOODBYE = 5  # seconds that open requests get when the process ends


class AddressTaken(Exception):
    """Another program listens on this address already."""


def check_free(host: str, port: int) -> None:
    """Raises `AddressTaken`. Processes that share an address would not notice a stranger on it: ask before they start."""
    try:
        open_door(host, port, shared=False).close()
    except OSError as error:
        raise AddressTaken(
            f"Port {port} on {host} cannot be used ({error.strerror}). Stop what runs there, or set INVIGIL_PORT."
        ) from error


class Server(uvicorn.Server):
    """Ends the open streams first: they would wait for news until the patience for open requests is over."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it, after a goodbye to whoever listens."""
        if (listening := self.lifespan.state.get("listening")) is not None:
            listening.close()
        await super().shutdown(sockets)


def configured(app: str | FastAPI, settings: Settings) -> uvicorn.Config:
    """What a web process takes from strangers, and for how long."""
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        access_log=False,  # addresses hold identifiers
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        ws_max_size=MAX_MESSAGE,
        ws_max_queue=MAX_WAITING,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=GOODBYE,
    )


def serve(settings: Settings) -> None:
    """Answer requests until SIGTERM."""
    config = configured("exam_api.app:create", settings)
    Server(config).run(sockets=[open_door(settings.host, settings.port, shared=True)])


def open_door(host: str, port: int, *, shared: bool) -> socket.socket:
    """A socket on this address (port 0: any that is free), not yet listening."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        door.bind((host, port))
    except OSError:
        door.close()
        raise
    return door
