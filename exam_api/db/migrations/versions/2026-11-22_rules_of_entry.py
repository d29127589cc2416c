"""rules of entry"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "entry_rules",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("networks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lessons", sa.Boolean(), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sitting_id"], ["sittings.id"], name=op.f("fk_entry_rules_sitting_id_sittings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sitting_id", name=op.f("pk_entry_rules")),
        sa.UniqueConstraint("link", name=op.f("uq_entry_rules_link")),
    )


def downgrade() -> None:
    op.drop_table("entry_rules")
