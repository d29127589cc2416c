"""when an answer was written, counted from our signed time"""

import sqlalchemy as sa
from alembic import op

revision = "written_at"
down_revision = "several_attempts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("responses", sa.Column("written_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("responses", "written_at")
