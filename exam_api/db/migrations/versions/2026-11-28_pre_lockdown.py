"""lockdown: sittings in Safe Exam Browser, and what each attempt's browser has proven"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "lockdown"
down_revision = "stacked_programme"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "lockdown_rules",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("exam_keys", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sitting_id"], ["sittings.id"], name=op.f("fk_lockdown_rules_sitting_id_sittings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sitting_id", name=op.f("pk_lockdown_rules")),
    )
    op.create_table(
        "browser_proofs",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("jkt", sa.String(), nullable=True),
        sa.Column("proven_at", TIME, nullable=True),
        sa.Column("failed_at", TIME, nullable=True),
        sa.Column("lapses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("excused_at", TIME, nullable=True),
        sa.Column("excused_by", sa.Uuid(), nullable=True),
        sa.Column("excused_why", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_browser_proofs_attempt_id_attempts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["excused_by"], ["users.id"], name=op.f("fk_browser_proofs_excused_by_users")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_browser_proofs")),
        postgresql_with={"fillfactor": 50},
    )
    # A passkey's answer that was given on another device, until the one that asked fetches it.
    op.add_column("challenges", sa.Column("answer", JSONB(), nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("challenges", "answer")
    op.drop_table("browser_proofs")
    op.drop_table("lockdown_rules")
