"""restless: until when something may be going on in front of a camera; calm pictures after that ask for no judging"""

import sqlalchemy as sa
from alembic import op

revision = "restless"
down_revision = "badges"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("watchings", sa.Column("restless_to", TIME, nullable=True))
    op.drop_column("watchings", "settled_to")  # nothing ever wrote or read it


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("watchings", sa.Column("settled_to", TIME, nullable=True))
    op.drop_column("watchings", "restless_to")
