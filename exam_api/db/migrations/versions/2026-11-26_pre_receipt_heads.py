"""receipt heads: seals in the public log, a copy by mail, and the log's tree in tiles"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "receipt_heads"
down_revision = "attachments"
branch_labels = None
depends_on = None

WIDTH, HASH = 256, 32


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "log_tiles",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_log_tiles")),
    )
    op.create_table(
        "receipt_heads",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("log_index", sa.BigInteger(), nullable=True),
        sa.Column("proof", sa.String(), nullable=True),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_receipt_heads_attempt_id_attempts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_receipt_heads")),
        sa.UniqueConstraint("log_index", name=op.f("uq_receipt_heads_log_index")),
    )
    op.create_index(
        "ix_receipt_heads_waiting", "receipt_heads", ["sealed_at"], postgresql_where=sa.text("log_index IS NULL")
    )
    op.create_table(
        "receipt_mails",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_receipt_mails_attempt_id_attempts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_receipt_mails")),
    )
    # What was submitted before goes into the log too, with the next batch: its entry then says "by today", which is true.
    op.execute(
        "INSERT INTO receipt_heads (attempt_id, sealed_at) SELECT id, submitted_at FROM attempts "
        "WHERE jsonb_typeof(seal) = 'object' AND submitted_at IS NOT NULL"
    )
    _fill_tiles()


def _fill_tiles() -> None:
    """The tiles over the entries that the log has already; later ones are written with each entry.

    The standard's arithmetic is spelled out here: a migration does not change when the code it came with does.
    """
    bind, level = op.get_bind(), 0
    hashes = list(bind.scalars(sa.text("SELECT leaf FROM log_entries ORDER BY index")))
    while hashes:
        cut = [hashes[at : at + WIDTH] for at in range(0, len(hashes), WIDTH)]
        rows = [{"level": level, "index": at, "hashes": b"".join(tile)} for at, tile in enumerate(cut)]
        bind.execute(sa.text("INSERT INTO log_tiles VALUES (:level, :index, :hashes)"), rows)
        hashes, level = [_root(tile) for tile in cut if len(tile) == WIDTH], level + 1


def _root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("receipt_mails")
    op.drop_index("ix_receipt_heads_waiting", table_name="receipt_heads")
    op.drop_table("receipt_heads")
    op.drop_table("log_tiles")
