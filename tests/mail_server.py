"""A small mail server for tests: real SMTP over a real socket, in clear, with STARTTLS, or with TLS from the first byte."""

from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Post:
    """What the server does and what it got. `says`: the answer to a command, where it is not to be a plain yes."""

    says: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None  # offered as STARTTLS
    user: str | None = None
    password: str | None = None
    extensions: tuple[str, ...] = ()
    letters: list[bytes] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    talk: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    port: int = 0

    async def serve(self, port: int = 0, *, tls_first: bool = False) -> asyncio.Server:
        """Listen on this machine, on a free port unless one is named."""
        context = self.tls if tls_first else None
        server = await asyncio.start_server(self._client, "127.0.0.1", port, ssl=context)
        self.port = int(server.sockets[0].getsockname()[1])
        return server

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await self._say(writer, "greeting", "220 mail.test"):
            return
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ", 1)[0].split(":", 1)[0].upper()
            self.talk.append(line)
            if verb == "EHLO":
                secure = writer.get_extra_info("ssl_object") is not None
                offers = ["mail.test", *self.extensions]
                offers += ["STARTTLS"] if self.tls and not secure else []
                offers += ["AUTH PLAIN"] if self.user and (secure or not self.tls) else []
                marks = [f"250{'-' if at < len(offers) - 1 else ' '}{each}" for at, each in enumerate(offers)]
                await self._say(writer, verb, "\r\n".join(marks))
            elif verb == "STARTTLS":
                await self._say(writer, verb, "220 go ahead")
                await writer.start_tls(self.tls or ssl.create_default_context())
            elif verb == "AUTH":
                right = base64.b64encode(f"\0{self.user}\0{self.password}".encode()).decode()
                good = line.split(" ")[-1] == right
                await self._say(writer, verb, "235 welcome" if good else "535 5.7.8 not you, secret.person@example.org")
            elif verb == "DATA" and await self._say(writer, verb, "354 go on"):
                await self._letter(reader, writer)
            elif verb == "QUIT":
                await self._say(writer, verb, "221 bye")
                return
            elif verb != "DATA":
                if verb == "RCPT":
                    self.to.append(line)
                await self._say(writer, verb, "250 ok")

    async def _letter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        content = await reader.readuntil(b"\r\n.\r\n")
        if await self._say(writer, "letter", "250 taken"):
            self.letters.append(content.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."))
            self.encrypted.append(writer.get_extra_info("ssl_object") is not None)

    async def _say(self, writer: asyncio.StreamWriter, to: str, plain: str) -> bool:
        """Whether that was a yes. An empty word hangs up."""
        said = self.says.get(to, plain)
        if not said:
            writer.close()
            raise ConnectionResetError
        writer.write(said.encode() + b"\r\n")
        await writer.drain()
        return said[0] in "23"


def certificate(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for this machine, made now: the server's side, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(secret + made.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=made.public_bytes(pem).decode())
