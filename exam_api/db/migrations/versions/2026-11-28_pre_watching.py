"""watching: signed pieces of pictures and sound, clips, signs of life, agreements, keys of the evidence and their erasure"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "watching"
down_revision = "certified_anew"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _attempt(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f(f"fk_{table}_attempt_id_attempts"), ondelete="CASCADE"
        ),
    ]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("frames", sa.Column("header", JSONB(), nullable=True))
    op.add_column("frames", sa.Column("skew", sa.Float(), nullable=True))
    op.add_column("frames", sa.Column("challenge", sa.Integer(), nullable=True))
    op.add_column("frames", sa.Column("passed_at", TIME, nullable=True))
    op.create_index(
        "ix_frames_waiting", "frames", ["attempt_id", "number"], postgresql_where=sa.text("analysed_at IS NULL")
    )
    op.create_index("ix_frames_taken", "frames", ["attempt_id", "taken_at"])
    op.add_column("roster", sa.Column("accommodations", JSONB(), server_default="[]", nullable=False))
    _sounds()
    _memory()
    _answers()
    _keys()


def _sounds() -> None:
    op.create_table(
        "sounds",
        *_attempt("sounds"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taken_at", TIME, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("blob", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("header", JSONB(), nullable=True),
        sa.Column("skew", sa.Float(), nullable=True),
        sa.Column("reading", JSONB(), nullable=True),
        sa.Column("analysed_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", "number", name=op.f("pk_sounds")),
    )
    op.create_index(
        "ix_sounds_waiting", "sounds", ["attempt_id", "number"], postgresql_where=sa.text("analysed_at IS NULL")
    )
    op.create_index("ix_sounds_taken", "sounds", ["attempt_id", "taken_at"])


def _memory() -> None:
    op.create_table(
        "watchings",
        *_attempt("watchings"),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("devices", JSONB(), nullable=False),
        sa.Column("watch", JSONB(), nullable=True),
        sa.Column("memory", JSONB(), nullable=True),
        sa.Column("calibration", JSONB(), nullable=True),
        sa.Column("settled_to", TIME, nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_watchings")),
    )
    op.create_table(
        "left_out",
        *_attempt("left_out"),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "rule", "started_at", name=op.f("pk_left_out")),
    )
    op.create_table(
        "lookalikes",
        sa.Column("one", sa.Uuid(), nullable=False),
        sa.Column("other", sa.Uuid(), nullable=False),
        sa.Column("distance", sa.Float(), nullable=False),
        sa.Column("noticed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["one"], ["attempts.id"], name=op.f("fk_lookalikes_one_attempts"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["other"], ["attempts.id"], name=op.f("fk_lookalikes_other_attempts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_lookalikes")),
    )
    op.create_index(op.f("ix_lookalikes_other"), "lookalikes", ["other"])


def _answers() -> None:
    op.create_table(
        "clips",
        *_attempt("clips"),
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("until_at", TIME, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("blob", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("received_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", "flag_id", name=op.f("pk_clips")),
    )
    op.create_table(
        "life_signs",
        *_attempt("life_signs"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("colours", JSONB(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("judged_at", TIME, nullable=True),
        sa.Column("signal", JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", "number", name=op.f("pk_life_signs")),
    )


def _keys() -> None:
    op.create_table(
        "evidence_keys",
        *_attempt("evidence_keys"),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("erased_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_evidence_keys")),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        *_attempt("erasures"),
        sa.Column("at", TIME, nullable=False),
        sa.Column("record", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_attempt_id"), "erasures", ["attempt_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in (
        "erasures",
        "evidence_keys",
        "life_signs",
        "clips",
        "lookalikes",
        "left_out",
        "watchings",
        "sounds",
    ):
        op.drop_table(table)
    op.drop_column("roster", "accommodations")
    op.drop_index("ix_frames_taken", table_name="frames")
    op.drop_index("ix_frames_waiting", table_name="frames")
    for column in ("passed_at", "challenge", "skew", "header"):
        op.drop_column("frames", column)
