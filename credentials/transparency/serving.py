"""A witness and a mirror over HTTP: small servers for one institution, to run behind its own web server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from credentials.errors import CredentialError, Malformed, Refused
from credentials.transparency import layout, witness
from credentials.transparency.layout import CHECKPOINT
from credentials.transparency.log import read_checkpoint
from credentials.transparency.witness import MAX_REQUEST, Witness

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
_LONG = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=5"
_MOST_AT_ONCE = 32  # requests; others wait


class _Handler(BaseHTTPRequestHandler):
    """What both share: short answers, a limit on time, no version of ours in the answer."""

    protocol_version = "HTTP/1.1"
    server_version = "tlog"
    sys_version = ""
    timeout = 30  # seconds; names a field of the base class

    def log_message(self, *_: object) -> None:
        """Nobody's address is written anywhere."""

    def answer(self, status: int, body: bytes, kind: str, cache: str = "no-store") -> None:
        """One whole answer."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": cache}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status: int, why: str) -> None:
        """A sentence, and the connection's end: what else came with the request is not read."""
        self.close_connection = True
        self.answer(status, f"{why}\n".encode(), TEXT)


def witness_server(own: Witness, host: str, port: int, now: Callable[[], int]) -> ThreadingHTTPServer:
    """`POST /add-checkpoint` and `GET /<origin hash>/checkpoint`. `now`: seconds since 1970."""
    places = threading.BoundedSemaphore(_MOST_AT_ONCE)

    class Handler(_Handler):
        def do_POST(self) -> None:
            if self.path != "/add-checkpoint":
                return self.refuse(404, "there is nothing here")
            size = self.headers.get("Content-Length", "")
            if not size.isdecimal() or not size.isascii() or self.headers.get("Transfer-Encoding"):
                return self.refuse(411, "the length of the request must be told")
            if int(size) > MAX_REQUEST:
                return self.refuse(413, "no checkpoint is as large as this")
            body = self.rfile.read(int(size))
            with places:
                return self._judge(body)

        def _judge(self, body: bytes) -> None:
            try:
                lines = own.add_checkpoint(body, now())
            except Refused as reason:
                said = f"{reason}\n" if reason.body is None else reason.body
                kind = TEXT if reason.body is None else "text/x.tlog.size"
                return self.answer(reason.status, said.encode(), kind)
            except (CredentialError, OSError) as reason:
                return self.refuse(500, f"the witness cannot keep its book: {reason}")
            return self.answer(200, lines.encode(), TEXT)

        def do_GET(self) -> None:
            key, _, rest = self.path[1:].partition("/")
            known = {witness.origin_hash(origin) for origin in own.logs}
            note = own.book.note(key) if rest == CHECKPOINT and key in known else None
            if note is None:
                return self.refuse(404, "no checkpoint of such a log was cosigned here")
            return self.answer(200, note.encode(), TEXT, _SHORT)

        def do_HEAD(self) -> None:
            self.do_GET()

    return ThreadingHTTPServer((host, port), Handler)


def mirror_server(folder: Path, host: str, port: int) -> ThreadingHTTPServer:
    """The files of a mirrored log, at `/` and, as c2sp.org/tlog-mirror has it, at `/<origin hash>/`."""

    class Handler(_Handler):
        def do_GET(self) -> None:
            path = self.path.removeprefix("/")
            try:
                note = (folder / CHECKPOINT).read_bytes()
                head = read_checkpoint(note.decode().rpartition("\n\n")[0] + "\n")
                path = path.removeprefix(f"{witness.origin_hash(head.origin)}/")
                if path == CHECKPOINT:
                    return self.answer(200, note, TEXT, _SHORT)
                resource = layout.parse(path)
                if not layout.has(head.size, resource):
                    return self.refuse(404, "the log is not as large as that")
                return self.answer(200, (folder / resource.path).read_bytes(), BYTES, _LONG)
            except (OSError, Malformed, UnicodeDecodeError):
                return self.refuse(404, "there is nothing here")

        def do_HEAD(self) -> None:
            self.do_GET()

    return ThreadingHTTPServer((host, port), Handler)
