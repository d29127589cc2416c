"""the clock: percentage and incident time on the roster, breaks on the attempt"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "seeds_and_sections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("attempts", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attempts", sa.Column("paused", sa.Interval(), server_default="0", nullable=False))
    op.add_column("attempts", sa.Column("time_note", sa.String(), nullable=True))
    op.add_column("roster", sa.Column("extra_percent", sa.Integer(), server_default="0", nullable=False))
    op.add_column("roster", sa.Column("incident_minutes", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("roster", "incident_minutes")
    op.drop_column("roster", "extra_percent")
    op.drop_column("attempts", "time_note")
    op.drop_column("attempts", "paused")
    op.drop_column("attempts", "paused_at")
