"""Documents of other issuers, fetched for whoever checks their certificate: keys and status lists, from addresses that a stranger's file names.

Whoever writes the file chooses the address, so it could be one of ours: a server behind the firewall, the cloud's metadata. Therefore: https on
its usual port only, the name resolved once and every answer a public address, the connection made to that very address (a second look at
the name could say something else), no redirects, no proxies, no cookies, a few seconds, a quarter of a megabyte.
"""

import asyncio
import ipaddress
import json
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from credentials.canonical import load
from credentials.errors import CredentialError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SECONDS = 3.0
MOST = 256 * 1024
AT_ONCE = 4  # documents for one file; a certificate needs its issuer's keys, and a list or two
# Public by the registry, but they only wrap an IPv4 address, which could be any.
WRAPPED = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class NotFetched(Exception):
    """This document could not be fetched."""


def is_public(address: Address) -> bool:
    """Whether this is an address of the internet, and not of this machine, its networks, or something in between."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in each for each in WRAPPED):
            return False
    return address.is_global and not address.is_multicast


async def by_name(host: str, port: int) -> list[Address]:
    """What the system's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(each[4][0]) for each in found]


@dataclass(frozen=True)
class Strangers:
    """The way to other issuers. The fields are for tests: a resolver, a server and certificates of their own."""

    resolve: Callable[[str, int], Awaitable[list[Address]]] = by_name
    permitted: Callable[[Address], bool] = is_public
    port: int = 443
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    seconds: float = SECONDS

    async def fetch(self, addresses: Iterable[str]) -> dict[str, Any]:
        """Those of the first few documents that could be fetched, by address: JSON objects, or the text of a token."""
        wanted: Sequence[str] = list(dict.fromkeys(addresses))[:AT_ONCE]
        found = await asyncio.gather(*(self._one(each) for each in wanted), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException) and not isinstance(each, NotFetched):
                raise each
        return {name: each for name, each in zip(wanted, found, strict=True) if not isinstance(each, BaseException)}

    async def _one(self, url: str) -> dict[str, Any] | str:
        """Raises `NotFetched`."""
        host = self._host(url)
        try:
            # Each step has its limit, so that the client closes what it opened; all of them together have one, too.
            async with asyncio.timeout(self.seconds + 1):
                content = await self._get(url, host, await self._where(host))
        except (TimeoutError, OSError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise NotFetched(f"{host} does not answer") from error
        return read(content)

    def _host(self, url: str) -> str:
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError as error:
            raise NotFetched("that is no address") from error
        plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
        if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or port != 443 or not plain:
            raise NotFetched("only plain https addresses on the usual port are asked")
        return parts.hostname

    async def _where(self, host: str) -> Address:
        """One address of the host, where all that the name stands for are public."""
        found = await self.resolve(host, self.port)
        if not found or not all(self.permitted(each) for each in found):
            raise NotFetched(f"{host} is not on the internet")
        return found[0]

    async def _get(self, url: str, host: str, where: Address) -> bytes:
        parts = urlsplit(url)
        literal = f"[{where}]" if where.version == 6 else str(where)
        there = parts._replace(netloc=f"{literal}:{self.port}", fragment="").geturl()
        headers = {
            "Host": host,
            "Accept": "application/json, application/vc+jwt, */*;q=0.1",
            "Accept-Encoding": "identity",
        }
        async with (
            httpx.AsyncClient(verify=self.tls, trust_env=False, follow_redirects=False, timeout=self.seconds) as client,
            # The name is what the certificate must be for, the address is where the connection goes.
            client.stream("GET", there, headers=headers, extensions={"sni_hostname": host}) as answer,
        ):
            if answer.status_code != 200:
                raise NotFetched(f"{host} answers {answer.status_code}")
            content = b""
            async for piece in answer.aiter_raw():
                content += piece
                if len(content) > MOST:
                    raise NotFetched(f"{host} sends more than a document of an issuer has")
            return content


def read(content: bytes) -> dict[str, Any] | str:
    """A JSON object, or the text of a token. Raises `NotFetched` for anything else, such as a web page."""
    text = content.strip()
    if text.startswith(b"ey") and text.isascii():
        return text.decode()
    try:
        return load(text)
    except (CredentialError, json.JSONDecodeError) as error:
        raise NotFetched("that is neither JSON nor a token") from error
