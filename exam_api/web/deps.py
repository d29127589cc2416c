"""What a handler may ask for: the installation, the session, the time, chance."""

import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from exam_api.db.session import transaction
from exam_api.installation import Installation
from exam_api.web.render import Renderer


# All of these are async although they wait for nothing: FastAPI runs a plain function in a thread, which costs each
# request about 0.1 ms and, under load, much more in waiting.
async def _installation(connection: HTTPConnection) -> Installation:
    return connection.state.installation  # type: ignore[no-any-return]  # state is untyped; app.py puts it there


async def _renderer(connection: HTTPConnection) -> Renderer:
    return connection.state.renderer  # type: ignore[no-any-return]  # state is untyped; app.py puts it there


async def _session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with transaction(connection.state.installation.sessions) as session:
        yield session


def server_time() -> datetime:
    """The server's clock: the only one that decides."""
    return datetime.now(UTC)


async def now() -> datetime:
    """When this request came."""
    return server_time()


async def chance() -> Callable[[int], bytes]:
    """Random bytes for ids, tokens and challenges."""
    return os.urandom


# scope="function": the commit happens before the answer leaves; if it fails, the client reads an error, not "saved".
Session = Annotated[AsyncSession, Depends(_session, scope="function")]
Here = Annotated[Installation, Depends(_installation)]
Pages = Annotated[Renderer, Depends(_renderer)]
Now = Annotated[datetime, Depends(now)]
Chance = Annotated[Callable[[int], bytes], Depends(chance)]
