"""A simulated device: its key, its DPoP proofs (RFC 9449), and its own record of the receipts it was given."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

import httpx
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256


def b64u(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(value: Any) -> str:
    """What the receipts call a digest: SHA-256 of the JCS (RFC 8785)."""
    return b64u(hashlib.sha256(rfc8785.dumps(value)).digest())


def verify_signed(said: dict[str, Any], key: Ed25519PublicKey) -> None:
    """The signature of a receipt or a seal over the JCS of everything else. Raises `InvalidSignature`."""
    body = {name: value for name, value in said.items() if name != "signature"}
    key.verify(base64.urlsafe_b64decode(said["signature"] + "=="), rfc8785.dumps(body))


class NotKept(Exception):
    """The server's receipt does not prove that it kept the answer."""


@dataclass
class Device:
    """One device of one candidate in one attempt."""

    client: httpx.AsyncClient
    attempt: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    token: str | None = None
    nonce: str | None = None
    seq: int = 0
    head: str = ""
    receipt_key: Ed25519PublicKey | None = None
    wrong: float = 0.0  # seconds that this device's own clock is ahead
    skew: float = 0.0  # seconds that the server's clock is ahead of the device's, as far as the device knows
    mark: dict[str, Any] | None = None  # the server's signed word about its time, at the last token
    due: float = math.inf  # when the time is over, as far as the device knows
    public: str = ""  # the platform's address, where the client knocks at another one (one machine of several)

    @property
    def address(self) -> str:
        """What proofs and the browser's Origin name."""
        return self.public or str(self.client.base_url).rstrip("/")

    def now(self) -> float:
        """The time as this device believes it, in seconds."""
        return time.time() + self.wrong + self.skew

    def learn_time(self, date: str | None) -> None:
        """Correct what is clearly wrong by the answer's Date, as the page does."""
        if date and abs(moment := parsedate_to_datetime(date).timestamp() - self.now()) > 2:
            self.skew += moment

    def jwk(self) -> dict[str, str]:
        """The public key; in this order its JSON is also its thumbprint's input (RFC 7638)."""
        numbers = self.key.public_key().public_numbers()
        return {
            "crv": "P-256",
            "kty": "EC",
            "x": b64u(numbers.x.to_bytes(32, "big")),
            "y": b64u(numbers.y.to_bytes(32, "big")),
        }

    def proof(self, method: str, path: str, token: str | None) -> str:
        """A proof for one request."""
        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": self.address + path.partition("?")[0],
            "iat": int(self.now()),
        }
        if self.nonce:
            claims["nonce"] = self.nonce
        if token:
            claims["ath"] = b64u(hashlib.sha256(token.encode()).digest())
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk()}
        signed = ".".join(b64u(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{b64u(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        bare: bool = False,
        tries: int = 3,
        lost: int = 5,
        said: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One proven request; a fresh nonce or token is fetched when the server asks for one.

        A body of bytes goes out as it is; `said` are more headers.
        """
        if not bare and self.token is None:
            await self.renew(lost)
        token = None if bare else self.token
        headers = {"DPoP": self.proof(method, path, token), "Origin": self.address}
        headers |= said or {}
        if token:
            headers["Authorization"] = f"DPoP {token}"
        try:
            sent: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
            answer = await self.client.request(method, path, headers=headers, **sent)
        except httpx.TransportError:
            if lost <= 0:
                raise
            # A connection broke. Sending again is safe: a save that came through gets the same receipt again.
            await asyncio.sleep(0.5)
            return await self.send(method, path, body, bare=bare, tries=tries, lost=lost - 1, said=said)
        self.nonce = answer.headers.get("dpop-nonce", self.nonce)
        self.learn_time(answer.headers.get("date"))
        if answer.status_code == 401 and tries > 1:
            code = answer.json().get("code")
            if code == "token-not-valid" and not bare:
                self.token = None
            if code in {"nonce-needed", "token-not-valid", "proof-replayed"}:
                return await self.send(method, path, body, bare=bare, tries=tries - 1, lost=lost, said=said)
        return answer

    async def get(self, path: str, body: Any = None, *, method: str = "GET") -> Any:
        """The JSON of a request that must succeed."""
        return (await self.send(method, path, body)).raise_for_status().json()

    def take(self, granted: dict[str, Any]) -> None:
        """A fresh token, and the signed time that comes with it."""
        self.token, self.mark = granted["token"], granted["mark"]

    def proof_of_time(self, mark: dict[str, Any] | None) -> dict[str, Any]:
        """What a save brings along that may come after the end: the signed time before it was written."""
        return {"mark": mark} if mark and self.now() > self.due - 5 else {}

    async def renew(self, lost: int = 5) -> None:
        """A fresh token for this key."""
        answer = await self.send("POST", f"/api/attempts/{self.attempt}/token", bare=True, lost=lost)
        self.take(answer.raise_for_status().json())

    async def sign(self, step: str, authenticator: Any) -> dict[str, Any]:
        """Have the passkey sign the statement of `start` or `hand-over`; the granted token."""
        base = f"/api/attempts/{self.attempt}/{step}"
        asked = (await self.send("POST", f"{base}/options", bare=True)).raise_for_status().json()
        if asked["statement"]["jkt"] != digest(self.jwk()):
            raise NotKept("the start statement names another device")
        body = {"id": asked["id"], "credential": authenticator.get(asked["options"])}
        granted: dict[str, Any] = (await self.send("POST", base, body, bare=True)).raise_for_status().json()
        self.take(granted)
        return granted

    async def open_paper(self) -> dict[str, Any]:
        """The questions; continues the chain where the server is."""
        paper: dict[str, Any] = await self.get(f"/api/attempts/{self.attempt}/paper")
        self.learn(paper)
        return paper

    def learn(self, paper: dict[str, Any]) -> None:
        """Where the chain is, and the key that signs receipts."""
        self.seq, self.head = paper["seq"], paper["head"]
        due = paper["clock"]["late_from"] or paper["clock"]["ends_at"]
        self.due = datetime.fromisoformat(due).timestamp() if due else math.inf
        raw = paper["receipt_jwk"]["x"]
        self.receipt_key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))

    async def send_part(self, attachment: str, start: int, content: bytes) -> httpx.Response:
        """One part of a file, with its digest."""
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        path = f"/api/attempts/{self.attempt}/attachments/{attachment}/chunks/{start}"
        said = {"Content-Digest": f"sha-256=:{digest}:", "Content-Type": "application/octet-stream"}
        return await self.send("PUT", path, content, said=said)

    async def hand_in(self, item: str, name: str, content: bytes, part: int = 256 * 1024) -> dict[str, Any]:
        """A whole file in parts; what an answer says of it."""
        attachment = str(uuid4())
        path = f"/api/attempts/{self.attempt}/attachments/{attachment}"
        await self.get(path, {"item": item, "name": name, "size": len(content)}, method="PUT")
        for start in range(0, len(content), part):
            (await self.send_part(attachment, start, content[start : start + part])).raise_for_status()
        whole = {"size": len(content), "sha256": b64u(hashlib.sha256(content).digest())}
        kept = await self.get(f"{path}/finish", whole, method="POST")
        if kept["sha256"] != whole["sha256"]:
            raise NotKept(kept["refused"])
        return {name: kept[name] for name in ("id", "name", "media_type", "size", "sha256")}

    async def save(self, item: str, answer: dict[str, Any]) -> dict[str, Any]:
        """Save one answer and believe it only when its receipt is verified. Raises `NotKept`."""
        body = {"seq": self.seq + 1, "previous": self.head, "item": item, "answer": answer}
        sent = await self.send("POST", f"/api/attempts/{self.attempt}/responses", body)
        receipt: dict[str, Any] = sent.raise_for_status().json()
        self.verify(receipt, item, answer)
        self.seq, self.head = receipt["seq"], digest(receipt)
        return receipt

    def verify(self, receipt: dict[str, Any], item: str, answer: dict[str, Any]) -> None:
        """Check everything the receipt says about this answer, then its signature."""
        wanted = {"seq": self.seq + 1, "item": item, "answer_hash": digest(answer), "previous": self.head}
        if any(receipt[name] != value for name, value in wanted.items()) or self.receipt_key is None:
            raise NotKept(f"receipt {receipt.get('seq')} says something else")
        verify_signed(receipt, self.receipt_key)

    async def submit(self) -> dict[str, Any]:
        """Seal the chain where our own record of it ends."""
        body = {"seq": self.seq, "head": self.head}
        seal: dict[str, Any] = await self.get(f"/api/attempts/{self.attempt}/submit", body, method="POST")
        return seal
