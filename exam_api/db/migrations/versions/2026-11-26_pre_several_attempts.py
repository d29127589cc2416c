"""several attempts of one person, writing late at a price, and the time that answers may be on their way"""

import sqlalchemy as sa
from alembic import op

revision = "several_attempts"
down_revision = "0004"
branch_labels = None
depends_on = None

OLD, NEW = "uq_attempts_sitting_id_candidate_id", "uq_attempts_sitting_id_candidate_id_number"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("sittings", sa.Column("attempts", sa.Integer(), server_default="1", nullable=True))
    op.add_column("sittings", sa.Column("delay_minutes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sittings", sa.Column("counts", sa.String(), server_default="best", nullable=False))
    op.add_column("sittings", sa.Column("late_minutes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sittings", sa.Column("late_percent", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sittings", sa.Column("late_each", sa.String(), server_default="minute", nullable=False))
    op.add_column("sittings", sa.Column("grace_minutes", sa.Integer(), nullable=True))
    op.add_column("attempts", sa.Column("number", sa.Integer(), server_default="1", nullable=False))
    op.add_column("attempts", sa.Column("section_minutes", sa.Integer(), nullable=True))
    op.add_column("attempts", sa.Column("late_seconds", sa.Integer(), server_default="0", nullable=False))
    op.add_column("attempts", sa.Column("late_percent", sa.Integer(), server_default="0", nullable=False))
    op.add_column("responses", sa.Column("written_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(NEW, "attempts", ["sitting_id", "candidate_id", "number"])
    op.drop_constraint(OLD, "attempts")


def downgrade() -> None:
    op.create_unique_constraint(OLD, "attempts", ["sitting_id", "candidate_id"])  # fails where somebody tried twice
    op.drop_constraint(NEW, "attempts")
    op.drop_column("responses", "written_at")
    for name in ("late_percent", "late_seconds", "section_minutes", "number"):
        op.drop_column("attempts", name)
    policy = ("grace_minutes", "late_each", "late_percent", "late_minutes", "counts", "delay_minutes", "attempts")
    for name in policy:
        op.drop_column("sittings", name)
