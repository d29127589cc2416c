"""renewing: lists of suspensions and reasons, erased certificates, changed names, continuing credits, reminders"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "renewing"
down_revision = "on_device"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("status_lists", sa.Column("suspended", JSONB(), nullable=True))
    op.add_column("status_lists", sa.Column("reasons", JSONB(), nullable=True))
    op.add_column("certificates", sa.Column("suspended_reason", sa.String(), nullable=True))
    op.add_column("certificates", sa.Column("erased_at", TIME, nullable=True))
    op.add_column("certificates", sa.Column("erasure", JSONB(), nullable=True))
    _names()
    _credits()
    op.create_table(
        "certificate_reminders",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificates.id"],
            name=op.f("fk_certificate_reminders_certificate_id_certificates"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("certificate_id", "days", name=op.f("pk_certificate_reminders")),
    )


def _names() -> None:
    op.create_table(
        "name_changes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        *_decided("name_changes"),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_name_changes_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_changes")),
    )
    op.create_index(op.f("ix_name_changes_user_id"), "name_changes", ["user_id"])
    waiting = sa.text("decided_at IS NULL")
    op.create_index("uq_name_changes_waiting", "name_changes", ["user_id"], unique=True, postgresql_where=waiting)


def _credits() -> None:
    op.create_table(
        "credit_activities",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("credits", sa.Float(), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("blob", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=True),
        sa.Column("noted_at", TIME, nullable=False),
        *_decided("credit_activities"),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificates.id"],
            name=op.f("fk_credit_activities_certificate_id_certificates"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_activities")),
    )
    op.create_index(op.f("ix_credit_activities_certificate_id"), "credit_activities", ["certificate_id"])
    waiting = sa.text("decided_at IS NULL")
    op.create_index("ix_credit_activities_waiting", "credit_activities", ["noted_at"], postgresql_where=waiting)


def _decided(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f(f"fk_{table}_decided_by_users")),
    ]


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("certificate_reminders", "credit_activities", "name_changes"):
        op.drop_table(table)
    for column in ("erasure", "erased_at", "suspended_reason"):
        op.drop_column("certificates", column)
    for column in ("reasons", "suspended"):
        op.drop_column("status_lists", column)
