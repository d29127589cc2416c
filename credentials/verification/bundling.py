"""A bundle from a certificate and a copy of the log: for whoever has both and no platform of ours."""

from __future__ import annotations

from credentials.canonical import JsonObject, b64u
from credentials.errors import Malformed, NotProven
from credentials.transparency import history, layout, log, sources
from credentials.transparency.layout import Resource
from credentials.transparency.record import Record
from credentials.transparency.sources import Source
from credentials.transparency.tiles import WIDTH
from credentials.verification import verify

PURPOSES = ("issuer", "log")


def bundle(
    credential: JsonObject,
    salt: bytes,
    source: Source,
    record: Record,
    *,
    issuer: JsonObject,
    status_list: JsonObject | None = None,
    reasons: JsonObject | None = None,
) -> JsonObject:
    """The file with a fresh proof under the log's newest head, and the history of its keys. `record` was read from `source`.

    Raises NotProven where the certificate is not in this log (or the salt is another's).
    """
    index = position(log.certificate_leaf(credential, salt), record)
    tree = record.tree()
    told = [(number, entry(source, record, number), tree.inclusion(number)) for number in _about_keys(record)]
    return verify.bundle(
        credential,
        salt=b64u(salt),
        log_proof=log.format_proof(index, tree.inclusion(index), record.note),
        status_list=status_list,
        issuer=issuer,
        keys=history.part(told),
        reasons=reasons,
    )


def position(data: bytes, record: Record) -> int:
    """The number of this very entry. Raises NotProven."""
    wanted, tree = log.leaf_hash(data), record.tree()
    for index in range(record.head.size):
        if tree.leaf(index) == wanted:
            return index
    raise NotProven(
        "log", f"it is not among the {record.head.size} entries of {record.head.origin}, or its salt is another one's"
    )


def entry(source: Source, record: Record, index: int) -> bytes:
    """One entry's bytes, compared with the tree that was signed. Raises Malformed, NotProven, Unreachable."""
    if not 0 <= index < record.head.size:
        raise Malformed(f"the log has no entry {index}")
    width = min(WIDTH, record.head.size - index // WIDTH * WIDTH)
    found = layout.unbundle(sources.resource(source, Resource(None, index // WIDTH, width)), width)[index % WIDTH]
    if record.tree().leaf(index) != log.leaf_hash(found):
        raise NotProven("log entries", f"entry {index} changed while it was read")
    return found


def _about_keys(record: Record) -> list[int]:
    found = {
        number
        for purpose, told in record.histories.items()
        if purpose in PURPOSES
        for span in told.spans.values()
        for number in (span.told, span.retired, span.compromised)
        if number is not None
    }
    return sorted(found)
