"""giving: certificates found by name with their holder's consent; lists of certificates that a second person approves"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "giving"
down_revision = "renewing"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
LISTINGS, BATCHES, ROWS = "certificate_listings", "certificate_batches", "certificate_batch_rows"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        LISTINGS,
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        _to(LISTINGS, "certificate_id", "certificates", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_listings")),
    )
    op.create_index(op.f("ix_certificate_listings_folded"), LISTINGS, ["folded"])
    _batches()
    _rows()


def _batches() -> None:
    whole = "(approved_by IS NULL) = (approved_at IS NULL) AND (approved_by IS NULL) = (approved_digest IS NULL)"
    checks = {
        "four_eyes": "approved_by <> made_by",
        "approval_whole": whole,
        "approved_as_it_is": "approved_digest = digest",
        "withdrawn_before": "withdrawn_at IS NULL OR approved_at IS NULL",
        "finished_after": "finished_at IS NULL OR approved_at IS NOT NULL",
    }
    op.create_table(
        BATCHES,
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("terms", JSONB(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", TIME, nullable=True),
        sa.Column("approved_digest", sa.String(), nullable=True),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{BATCHES}_{name}")) for name, rule in checks.items()),
        _to(BATCHES, "made_by", "users"),
        _to(BATCHES, "approved_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batches")),
    )
    open_ones = sa.text("finished_at IS NULL")
    op.create_index("ix_certificate_batches_open", BATCHES, ["made_at"], postgresql_where=open_ones)


def _rows() -> None:
    op.create_table(
        ROWS,
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.CheckConstraint("certificate_id IS NULL OR problem IS NULL", name=op.f("ck_certificate_batch_rows_one_end")),
        _to(ROWS, "batch_id", BATCHES, ondelete="CASCADE"),
        _to(ROWS, "holder_id", "users"),
        _to(ROWS, "certificate_id", "certificates"),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_certificate_batch_rows")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_certificate_batch_rows_certificate_id")),
    )
    op.create_index(op.f("ix_certificate_batch_rows_holder_id"), ROWS, ["holder_id"])
    waiting = sa.text("certificate_id IS NULL AND problem IS NULL")
    op.create_index("ix_certificate_batch_rows_waiting", ROWS, ["batch_id", "number"], postgresql_where=waiting)


def _to(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in (ROWS, BATCHES, LISTINGS):
        op.drop_table(table)
