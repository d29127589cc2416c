"""A key service that speaks AWS KMS's protocol (JSON 1.1 over HTTP, `X-Amz-Target: TrentService.*`) with a real key, on this machine.

moto, the usual stand-in, knows no Ed25519 keys. Requests are read as botocore sends them; their SigV4 signature is looked for, not checked.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEED = b"a key that only the service has!"
NAME = "alias/exam-issuer"


class Service:
    """The keys and what happened. `fail` is the code that every answer has; `wrong` signs with another key."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(SEED)
        self.asked: list[str] = []
        self.fail: tuple[int, str] | None = None
        self.wrong = False

    def answer(self, target: str, body: dict[str, Any], signed: bool) -> tuple[int, dict[str, Any]]:
        self.asked.append(target)
        if self.fail is not None:
            return self.fail[0], {"__type": self.fail[1], "message": "as the test wants it"}
        if not signed:
            return 400, {"__type": "MissingAuthenticationTokenException"}
        if body["KeyId"] == "alias/rsa":
            return 200, self._public(ec.generate_private_key(ec.SECP256R1()).public_key(), "ECDSA_SHA_256")
        if body["KeyId"] != NAME:
            return 400, {"__type": "NotFoundException"}
        if target == "TrentService.GetPublicKey":
            return 200, self._public(self.key.public_key(), "ED25519_SHA_512")
        if (target, body["SigningAlgorithm"], body["MessageType"]) != ("TrentService.Sign", "ED25519_SHA_512", "RAW"):
            return 400, {"__type": "ValidationException"}
        key = Ed25519PrivateKey.generate() if self.wrong else self.key
        signature = key.sign(base64.b64decode(body["Message"]))
        return 200, {"KeyId": body["KeyId"], "Signature": base64.b64encode(signature).decode()}

    @staticmethod
    def _public(key: Any, algorithm: str) -> dict[str, Any]:
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {
            "PublicKey": base64.b64encode(spki).decode(),
            "SigningAlgorithms": [algorithm],
            "KeyUsage": "SIGN_VERIFY",
        }


@contextmanager
def running(service: Service) -> Iterator[str]:
    """The service at an address of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            signed = self.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 ")
            status, answer = service.answer(self.headers["x-amz-target"], body, signed)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/x-amz-json-1.1")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
