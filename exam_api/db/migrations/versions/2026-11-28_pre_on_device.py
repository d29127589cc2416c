"""on device: what a candidate's own computer says it saw, checks of that at moments by chance, a check before the start"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "on_device"
down_revision = "life_of_certificates"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("frames", sa.Column("claimed", JSONB(), nullable=True))
    op.add_column("frames", sa.Column("spot", sa.Integer(), nullable=True))
    op.add_column("watchings", sa.Column("looks", sa.String(), server_default="server", nullable=False))
    op.add_column("watchings", sa.Column("check_in", JSONB(), nullable=True))
    op.create_table(
        "spot_checks",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("nonce", sa.String(), nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("frame", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("signal", JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_spot_checks_attempt_id_attempts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", "number", name=op.f("pk_spot_checks")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("spot_checks")
    op.drop_column("watchings", "check_in")
    op.drop_column("watchings", "looks")
    op.drop_column("frames", "spot")
    op.drop_column("frames", "claimed")
