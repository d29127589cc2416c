"""programs that candidates try, and references that are tried before an exam is published"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "trials"
down_revision = "written_at"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "trials",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("response", JSON, nullable=False),
        sa.Column("stdin", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("started_at", WHEN, nullable=True),
        sa.Column("finished_at", WHEN, nullable=True),
        sa.Column("result", JSON, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name="fk_trials_attempt_id_attempts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_trials"),
    )
    op.create_index("ix_trials_attempt_id_asked_at", "trials", ["attempt_id", "asked_at"])
    op.create_index(
        "ix_trials_waiting", "trials", ["asked_at"], postgresql_where=sa.text("state IN ('waiting', 'running')")
    )
    op.create_table(
        "exam_checks",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("untried", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("finished_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name="fk_exam_checks_exam_id_exams", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name="fk_exam_checks_asked_by_users"),
        sa.PrimaryKeyConstraint("exam_id", name="pk_exam_checks"),
    )


def downgrade() -> None:
    op.drop_table("exam_checks")
    op.drop_table("trials")
