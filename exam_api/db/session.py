"""The only place that commits: one transaction per request or job, before the answer leaves."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Row, TextClause
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

Sessions = async_sessionmaker[AsyncSession]
AT_ONCE = "at-once"
AFTERWARDS = "afterwards"


def open_engine(url: str, size: int = 20, patience: float | None = 30) -> AsyncEngine:
    """An engine on `url` (postgresql://…). Dead connections are found and replaced, so a restart of PostgreSQL heals.

    None beyond `size`: under load, connections that are opened and closed again cost more than the wait for one.
    A statement gets `patience` seconds.
    """
    return create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        pool_use_lifo=True,  # the connection used last has its statements planned and its memory warm
        pool_timeout=10,
        pool_recycle=1800,
        hide_parameters=True,  # a failed statement's values are answers and addresses: they belong in no log
        connect_args={"timeout": 5, "command_timeout": patience, "server_settings": {"application_name": "invigil"}},
    )


def open_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions whose rows stay readable after the commit; nothing is loaded by surprise."""
    return async_sessionmaker(
        engine, expire_on_commit=False, info={AT_ONCE: engine.execution_options(isolation_level="AUTOCOMMIT")}
    )


@asynccontextmanager
async def transaction(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """Commit at the end, roll back on any error."""
    async with sessions.begin() as session:
        yield session
    for act in session.info.pop(AFTERWARDS, ()):
        act()


def after_commit(session: AsyncSession, act: Callable[[], None]) -> None:
    """Do this when the transaction has committed. It must neither wait nor fail: the change is made already."""
    session.info.setdefault(AFTERWARDS, []).append(act)


async def at_once(sessions: Sessions, statement: TextClause, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """Run one statement that commits itself, and return its rows: a transaction in one round trip instead of three.

    For the one path where that matters, the saving of an answer; everything else uses `transaction`.
    """
    engine: AsyncEngine = sessions.kw["info"][AT_ONCE]
    async with engine.connect() as connection:
        return (await connection.execute(statement, values)).all()


def lost(error: DBAPIError) -> bool:
    """Whether the connection (not the statement) failed, or the server is just starting or stopping."""
    return (
        error.connection_invalidated
        or isinstance(error, InterfaceError | OperationalError)
        or is_away(getattr(error.orig, "sqlstate", None))
    )


def nobody_there(error: Exception) -> bool:
    """Whether the database did not work at all, whatever it was asked: what comes next would go no better."""
    if isinstance(error, DBAPIError):
        return lost(error)
    # While connecting, the driver's own errors come through.
    return isinstance(error, ConnectionError | PoolTimeout) or is_away(getattr(error, "sqlstate", None))


def is_away(sqlstate: str | None) -> bool:
    """Whether the server cannot work now, whatever it is asked.

    SQLSTATE classes 08 (connection), 53 (no resources, a full disk among them), 57P (shutting down, starting up) and 58
    (the disk does not give or take), and 25006 (it only reads: a standby, or a disk that is read-only).
    """
    return (sqlstate or "").startswith(("08", "53", "57P", "58", "25006"))
