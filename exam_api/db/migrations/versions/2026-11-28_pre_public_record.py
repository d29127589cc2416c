"""public record: the log's entries themselves, what witnesses signed, and the history of the issuer's keys"""

import hashlib
from collections.abc import Iterator

import rfc8785
import sqlalchemy as sa
from alembic import op

revision = "public_record"
down_revision = "watching"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("log_entries", sa.Column("entry", sa.LargeBinary(), nullable=True))
    op.add_column("checkpoints", sa.Column("cosignatures", sa.String(), server_default="", nullable=False))
    op.add_column("checkpoints", sa.Column("witnessed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "log_keys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("retired", sa.BigInteger(), nullable=True),
        sa.Column("compromised", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_log_keys")),
    )
    _fill_entries()


def _fill_entries() -> None:
    """What each leaf is the hash of, made again from what was logged; only what hashes to the leaf is kept.

    The forms are spelled out here: a migration does not change when the code it came with does.
    """
    bind = op.get_bind()
    keep = sa.text("UPDATE log_entries SET entry = :entry WHERE leaf = :leaf AND entry IS NULL")
    numbered = sa.text("UPDATE log_entries SET entry = :entry WHERE index = :index AND leaf = :leaf")
    for index, entry in _salted():
        bind.execute(numbered, {"entry": entry, "index": index, "leaf": _leaf(entry)})
    for (document,) in bind.execute(sa.text("SELECT document FROM status_lists")):
        entry = b"status-list" + hashlib.sha256(rfc8785.dumps(document)).digest()
        bind.execute(keep, {"entry": entry, "leaf": _leaf(entry)})


def _salted() -> Iterator[tuple[int, bytes]]:
    questions = {
        b"certificate": "SELECT log_index, document, salt FROM certificates",
        b"receipt-head": "SELECT log_index, seal, salt FROM receipt_heads JOIN attempts ON id = attempt_id "
        "WHERE log_index IS NOT NULL AND salt IS NOT NULL AND jsonb_typeof(seal) = 'object'",
    }
    for kind, question in questions.items():
        for index, document, salt in op.get_bind().execute(sa.text(question)).fetchall():
            yield index, kind + hashlib.sha256(bytes(salt) + rfc8785.dumps(document)).digest()


def _leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("log_keys")
    op.drop_column("checkpoints", "witnessed")
    op.drop_column("checkpoints", "cosignatures")
    op.drop_column("log_entries", "entry")
