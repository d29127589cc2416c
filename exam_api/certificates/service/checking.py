"""The whole log against its newest signed head. Appending looks at the tree's edge alone; this looks at everything."""

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.errors import CredentialError
from credentials.transparency import log, tiles
from credentials.transparency.tiles import Place, Tree
from exam_api.certificates import queries
from exam_api.errors import LogInconsistent
from exam_api.installation import Installation
from exam_api.web.i18n import _

DIFFERS = _("From entry {index} on the public log is not what was signed.")
PAGE = 64 * tiles.WIDTH  # leaves at a time: half a megabyte, some 30 ms of hashing


async def check(session: AsyncSession, here: Installation) -> int:
    """Compute the tree again from its entries; how many they are. Raises `LogInconsistent` where a head or a tile differs."""
    head = await queries.newest_checkpoint(session)
    if head is None:
        return 0
    size, edge = 0, dict[Place, bytes]()
    try:
        while size < head.size:
            leaves = await queries.some_leaves(session, size, min(size + PAGE, head.size))
            made = tiles.append(edge, size, leaves)
            kept = await queries.tiles(session, made)
            # A tile at the right edge may have grown since the head that we compare with.
            if not leaves or not all(kept.get(place, b"").startswith(tile) for place, tile in made.items()):
                raise LogInconsistent(DIFFERS.format(index=size))
            size += len(leaves)
            edge = {place: tile for place, tile in {**edge, **made}.items() if place in tiles.needed(size)}
        if log.open_checkpoint(head.note, here.keyring.log_keys).root != Tree(edge, size).root():
            raise LogInconsistent("The entries of the public log do not lead to the head that was signed.")
    except CredentialError as error:
        raise LogInconsistent from error
    return size
