"""Another institution's web server on this machine, with a certificate for its name; and a resolver that leads there."""

import datetime as dt
import ipaddress
import json
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from exam_api.strangers import Address, Strangers

HOST = "college.example"
HERE = ipaddress.ip_address("127.0.0.1")


@dataclass
class Site:
    """What the server has, by path: JSON, bytes, or a status with headers. `asked` is what came in."""

    files: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    strangers: Strangers = field(default_factory=Strangers)


def certificate(host: str) -> tuple[bytes, bytes]:
    """A self-signed certificate and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM), secret


@contextmanager
def running(host: str = HOST) -> Iterator[Site]:
    """The server, and `Strangers` that believe its certificate and resolve every name to this machine."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.headers["host"], self.path))
            found = site.files.get(self.path, (404, {}))
            status, headers, body = 200, {"content-type": "application/json"}, found
            if isinstance(found, tuple):
                status, headers = found
                body = b""
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError, ssl.SSLError):  # whoever asked may have heard enough
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Silence."""

    async def resolve(name: str, _: int) -> list[Address]:
        site.names.append(name)
        return [HERE]

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    public, secret = certificate(host)
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder) / "server.pem"
        pem.write_bytes(public + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    trusting = ssl.create_default_context(cadata=public.decode())
    site.strangers = Strangers(resolve, lambda address: address == HERE, server.server_address[1], trusting, 2.0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
