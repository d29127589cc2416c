"""seeds and sections"""

import sqlalchemy as sa
from alembic import op

revision = "seeds_and_sections"
down_revision = "aside_answers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("attempts", sa.Column("seed", sa.String(), nullable=True))
    op.add_column("attempts", sa.Column("form", sa.String(), nullable=True))
    # Attempts from before had no seed; their id has random bits enough. Their start statements name no form.
    op.execute("UPDATE attempts SET seed = replace(id::text, '-', ''), form = ''")
    op.alter_column("attempts", "seed", nullable=False)
    op.alter_column("attempts", "form", nullable=False)
    op.add_column("attempts", sa.Column("section", sa.Integer(), server_default="0", nullable=False))
    op.add_column("attempts", sa.Column("section_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attempts", sa.Column("section_ends_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("section_ends_at", "section_from", "section", "form", "seed"):
        op.drop_column("attempts", name)
