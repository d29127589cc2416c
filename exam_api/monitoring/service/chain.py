"""Does an attempt's chain of pieces hold: is each signed by one of its devices, and does each name the one before it?"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u_decode, digest, jcs
from credentials.errors import CredentialError
from credentials.keys.es256 import WalletKey
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import ChainOut, genesis


async def check(session: AsyncSession, attempt_id: UUID) -> ChainOut:
    """Look at every header that was kept."""
    row = await queries.find_watching(session, attempt_id)
    headers = await queries.headers_of(session, attempt_id)
    if row is None:
        return ChainOut(pieces=len(headers), chained=0, signed=0, whole=not headers, head=genesis(attempt_id), late=0)
    late = await queries.came_late(session, attempt_id)
    return await asyncio.to_thread(examine, attempt_id, headers, row.devices, row.head, late)


def examine(
    attempt_id: UUID, headers: Sequence[dict[str, Any]], devices: Mapping[str, dict[str, Any]], head: str, late: int
) -> ChainOut:
    """Pure: the headers in any order, the public keys of the devices, and where the chain should end."""
    keys = [WalletKey.from_jwk(jwk) for jwk in devices.values()]
    following = {header["previous"]: header for header in headers}
    at, chained, signed = genesis(attempt_id), 0, 0
    while (header := following.pop(at, None)) is not None:
        said = {name: value for name, value in header.items() if name != "signature"}
        at, chained = digest(said), chained + 1
        signed += any(_holds(key, jcs(said), header["signature"]) for key in keys)
    whole = at == head and chained == signed == len(headers)
    return ChainOut(pieces=len(headers), chained=chained, signed=signed, whole=whole, head=head, late=late)


def _holds(key: WalletKey, said: bytes, signature: str) -> bool:
    try:
        key.verify(b64u_decode(signature), said)
    except CredentialError:
        return False
    return True
