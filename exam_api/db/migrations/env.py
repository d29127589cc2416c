"""Alembic's way in: the caller hands over a connection."""

from alembic import context

from exam_api.db import models
from exam_api.db.base import Base

assert models
# PgQueuer installs and upgrades its own tables; we neither create nor compare them.
FOREIGN = "pgqueuer"


def ours(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Whether a table or index belongs to our schema."""
    return not (reflected and kind in {"table", "index"} and (name or "").startswith(FOREIGN))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=ours,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
