"""anchors: where heads of the log are anchored outside of it, and the policies that it announced"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "anchors"
down_revision = "restless"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "log_policies",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("anchors", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_log_policies")),
    )
    op.create_table(
        "log_anchors",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", JSONB(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["size"], ["checkpoints.size"], name=op.f("fk_log_anchors_size_checkpoints")),
        sa.PrimaryKeyConstraint("size", "kind", name=op.f("pk_log_anchors")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("log_anchors")
    op.drop_table("log_policies")
