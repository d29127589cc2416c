"""Programmes, into which certificates stack; what they rest on; what a person has to look at; maps of skills.

Revises: anchors
"""

import sqlalchemy as sa
from alembic import op

revision = "pathways"
down_revision = "anchors"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "programmes",
        *_versioned("programmes"),
        sa.Column("opened_at", TIME, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
    )
    op.create_index(
        op.f("uq_programmes_open"),
        "programmes",
        ["slug"],
        unique=True,
        postgresql_where=sa.text("opened_at IS NOT NULL AND closed_at IS NULL"),
    )
    op.create_table("skill_maps", *_versioned("skill_maps"))
    op.create_table(
        "stacked_parts",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        _to("stacked_parts", "certificate_id", "certificates", "CASCADE"),
        _to("stacked_parts", "part_id", "certificates", "CASCADE"),
        sa.PrimaryKeyConstraint("certificate_id", "part_id", name=op.f("pk_stacked_parts")),
    )
    op.create_index(op.f("ix_stacked_parts_part_id"), "stacked_parts", ["part_id"])
    op.create_table(
        "stack_notices",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_words", sa.String(), nullable=True),
        _to("stack_notices", "certificate_id", "certificates", "CASCADE"),
        _to("stack_notices", "settled_by", "users"),
        sa.CheckConstraint(
            "what IN ('revoked', 'suspended', 'expired', 'missing', 'old', 'level', 'score')",
            name=op.f("ck_stack_notices_what"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stack_notices")),
    )
    op.create_index(op.f("ix_stack_notices_certificate_id"), "stack_notices", ["certificate_id"])
    op.create_index(
        op.f("uq_stack_notices_open"),
        "stack_notices",
        ["certificate_id"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
    )


def _versioned(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        _to(table, "created_by", "users"),
        sa.CheckConstraint("number >= 1", name=op.f(f"ck_{table}_counted")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("slug", "number", name=op.f(f"uq_{table}_slug_number")),
    ]


def _to(table: str, column: str, other: str, on_delete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=on_delete)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("stack_notices", "stacked_parts", "skill_maps", "programmes"):
        op.drop_table(table)
