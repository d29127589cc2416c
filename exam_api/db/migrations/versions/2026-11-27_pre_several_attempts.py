"""several attempts of one person in a sitting, and which of them counts"""

import sqlalchemy as sa
from alembic import op

revision = "several_attempts"
down_revision = "receipt_heads"
branch_labels = None
depends_on = None

OLD, NEW = "uq_attempts_sitting_id_candidate_id", "uq_attempts_sitting_id_candidate_id_number"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("sittings", sa.Column("attempts", sa.Integer(), server_default="1", nullable=True))
    op.add_column("sittings", sa.Column("delay_minutes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sittings", sa.Column("counts", sa.String(), server_default="best", nullable=False))
    op.add_column("attempts", sa.Column("number", sa.Integer(), server_default="1", nullable=False))
    op.create_unique_constraint(NEW, "attempts", ["sitting_id", "candidate_id", "number"])
    op.drop_constraint(OLD, "attempts")


def downgrade() -> None:
    op.create_unique_constraint(OLD, "attempts", ["sitting_id", "candidate_id"])  # fails where somebody tried twice
    op.drop_constraint(NEW, "attempts")
    op.drop_column("attempts", "number")
    for name in ("counts", "delay_minutes", "attempts"):
        op.drop_column("sittings", name)
