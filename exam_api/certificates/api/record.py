"""The public log as static files (c2sp.org/tlog-tiles): whoever wants a copy fetches these, and needs no account."""

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.errors import Malformed
from credentials.transparency import layout, log
from credentials.transparency.layout import Resource
from credentials.transparency.tiles import WIDTH
from exam_api.certificates import queries
from exam_api.certificates.api.public import TEXT, IfNoneMatch, documented
from exam_api.certificates.service import institution, proving
from exam_api.certificates.service.keepable import OPEN, keepable
from exam_api.errors import NotFound
from exam_api.web.deps import Here, Session
from exam_api.web.i18n import _

router = APIRouter(tags=["public"])

BYTES = "application/octet-stream"
YEAR = 365 * 24 * 3600  # seconds: a tile of that width and a bundle never change
NO_FILE = _("The log has no such file.")
NOT_KEPT = _("An older version of this platform did not keep some of these entries; their hashes are in the tiles.")


@router.get("/log/vkey", response_class=Response, responses=documented(TEXT))
async def read_vkey(here: Here, if_none_match: IfNoneMatch = None) -> Response:
    """The log's key as other log tools take it (C2SP signed-note)."""
    text = log.vkey(institution.log_origin(here), here.keyring.log.public)
    return keepable(f"{text}\n".encode(), TEXT, if_none_match, headers=OPEN, seconds=300)


@router.get("/log/tile/{path:path}", response_class=Response, responses=documented(BYTES, 404))
async def read_file(path: str, session: Session, if_none_match: IfNoneMatch = None) -> Response:
    """A tile of the log's tree, or under `entries/` a bundle of its entries (C2SP tlog-tiles)."""
    try:
        resource = layout.parse(f"tile/{path}")
    except Malformed as error:
        raise NotFound(NO_FILE) from error
    if not layout.has((await proving.newest(session)).size, resource):
        raise NotFound(NO_FILE)
    return keepable(await public_file(session, resource), BYTES, if_none_match, headers=OPEN, seconds=YEAR)


async def public_file(session: AsyncSession, resource: Resource) -> bytes:
    """The bytes of a file that the log has. Raises `NotFound` where entries of a bundle were not kept."""
    return await (_bundle if resource.level is None else _tile)(session, resource)


async def _tile(session: AsyncSession, resource: Resource) -> bytes:
    place = (resource.level or 0, resource.index)
    return (await queries.tiles(session, [place]))[place][: resource.width * log.HASH_BYTES]


async def _bundle(session: AsyncSession, resource: Resource) -> bytes:
    first = resource.index * WIDTH
    wanted = range(first, first + resource.width)
    found = await queries.some_entries(session, wanted)
    if len(found) < len(wanted):
        raise NotFound(NOT_KEPT)
    return layout.bundle([found[index] for index in wanted])
