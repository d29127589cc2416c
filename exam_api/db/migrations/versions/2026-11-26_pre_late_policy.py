"""what happens after the end: time to go on at a price, and how long answers may travel"""

import sqlalchemy as sa
from alembic import op

revision = "late_policy"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("sittings", sa.Column("late_minutes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sittings", sa.Column("late_percent", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sittings", sa.Column("grace_minutes", sa.Integer(), nullable=True))
    op.add_column("attempts", sa.Column("late", sa.Interval(), server_default="0", nullable=False))
    op.add_column("attempts", sa.Column("late_seconds", sa.Integer(), server_default="0", nullable=False))
    op.add_column("attempts", sa.Column("late_off", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for column in ("late_off", "late_seconds", "late"):
        op.drop_column("attempts", column)
    for column in ("grace_minutes", "late_percent", "late_minutes"):
        op.drop_column("sittings", column)
