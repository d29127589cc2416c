"""The W3C's own test suites against our VC-API: `python -m bench.w3c_suites FOLDER…`, one folder for each suite.

A folder is a checkout of vc-data-model-2.0-test-suite, vc-di-eddsa-test-suite or vc-bitstring-status-list-test-suite with its
packages installed (`npm install`). A platform is started for the run, its VC-API on, behind TLS, since the suites ask for it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import json
import os
import secrets
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from loadtests.platform import Platform, free_port

NAME = "Invigil"
CONFIG = "localConfig.cjs"
ENVELOPED = "EnvelopingProof"
EVERY = ["vc2.0", "eddsa-rdfc-2022", "eddsa-jcs-2022", "BitstringStatusList", ENVELOPED]


@dataclass(frozen=True)
class Ran:
    """What one suite said. `failed` and `pending` are the titles of its tests."""

    suite: str
    commit: str
    passed: int
    failed: list[str]
    pending: list[str]


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for localhost that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "tls.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _relay(context: ssl.SSLContext, port: int, to: int, up: threading.Event) -> None:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", to)
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))

    server = await asyncio.start_server(one, "127.0.0.1", port, ssl=context)
    up.set()
    await server.serve_forever()


@contextmanager
def vc_api() -> Iterator[tuple[str, str, str]]:
    """The address of a running VC-API, its issuer and its token."""
    with tempfile.TemporaryDirectory(prefix="invigil-w3c-", ignore_cleanup_errors=True) as temporary:
        folder, token, port = Path(temporary), secrets.token_urlsafe(32), free_port()
        file = folder / "token"
        file.touch(0o600)
        file.write_text(token, "utf-8")
        more = {"INVIGIL_VC_API_TOKEN_FILE": str(file), "INVIGIL_WORKERS": "0"}
        address = f"https://localhost:{port}"
        started = Platform(folder / "state", public=address, web_workers=1, settings=more)
        started.start()
        try:
            asyncio.run(started.until_up())
            up = threading.Event()
            relay = _relay(certificate(folder), port, started.port, up)
            threading.Thread(target=asyncio.run, args=(relay,), daemon=True).start()
            up.wait(10)
            told = httpx.get(f"{started.url}/vc-api").raise_for_status().json()
            yield f"{address}/vc-api", told["issuer"], token
        finally:
            started.stop()


def config(address: str, issuer: str, token: str) -> str:
    """What the suites are told about us."""
    headers = {"Authorization": f"Bearer {token}"}

    def endpoint(path: str, tags: list[str], **options: Any) -> dict[str, Any]:
        told = {"id": issuer, "endpoint": f"{address}/{path}", "headers": headers, "tags": tags}
        return {**told, "supports": {"vc": ["2.0"]}, **({"options": options} if options else {})}

    issue, verify = "credentials/issue", "credentials/verify"
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    issuers = [
        endpoint(issue, ["vc2.0", "eddsa-rdfc-2022"]),
        endpoint(issue, ["eddsa-jcs-2022"], cryptosuite="eddsa-jcs-2022"),
        endpoint(issue, ["BitstringStatusList"], credentialStatus=entry),
        endpoint(issue, [ENVELOPED], mediaType="application/vc+jwt"),
    ]
    found = {
        "settings": {"enableInteropTests": False, "testAllImplementations": False},
        "implementations": [
            {
                "name": NAME,
                "implementation": NAME,
                "issuers": issuers,
                "verifiers": [endpoint(verify, EVERY)],
                "vpVerifiers": [endpoint("presentations/verify", ["vc2.0", "BitstringStatusList", ENVELOPED])],
            }
        ],
    }
    return f"module.exports = {json.dumps(found, indent=2)};\n"


def run(suite: Path, told: str) -> Ran:
    """One suite, by its own mocha. Raises SystemExit where it does not run at all."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=suite, capture_output=True, text=True, check=True)
    with tempfile.TemporaryDirectory() as folder:
        result, file = Path(folder) / "result.json", suite / CONFIG
        command = ["node", "node_modules/mocha/bin/mocha.js", "tests/", "--timeout", "15000", "--preserve-symlinks"]
        command += ["--reporter", "json", "--reporter-option", f"output={result}"]
        environment = {**os.environ, "NODE_TLS_REJECT_UNAUTHORIZED": "0", "NODE_NO_WARNINGS": "1"}
        file.write_text(told, "utf-8")
        try:
            ran = subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True, check=False)
        finally:
            file.unlink()
        if not result.exists():
            raise SystemExit(f"{suite.name} did not run:\n{(ran.stderr or ran.stdout)[-2000:]}")
        found = json.loads(result.read_text("utf-8"))
    failed = [f"{each['fullTitle']}: {each['err'].get('message', '')[:300]}" for each in found["failures"]]
    pending = [each["fullTitle"] for each in found["pending"]]
    return Ran(suite.name, commit.stdout.strip()[:8], found["stats"]["passes"], failed, pending)


def main() -> int:
    """Run the suites in the folders named; exit with 1 where a test failed."""
    folders = [Path(each).resolve() for each in sys.argv[1:]]
    if not folders:
        raise SystemExit(__doc__)
    with vc_api() as (address, issuer, token):
        told = config(address, issuer, token)
        results = [run(folder, told) for folder in folders]
    print("| Suite | Commit | Passed | Failed | Pending |\n| --- | --- | ---: | ---: | ---: |")
    for each in results:
        print(f"| {each.suite} | {each.commit} | {each.passed} | {len(each.failed)} | {len(each.pending)} |")
    for each in results:
        for kind, titles in (("FAILED", each.failed), ("pending", each.pending)):
            for title in titles:
                print(f"{kind} {each.suite}: {title}")
    return 1 if any(each.failed for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
