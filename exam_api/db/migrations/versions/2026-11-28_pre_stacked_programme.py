"""Of which programme a certificate that rests on others is: what its holder erased no longer says it, and must not come back.

Revises: pathways
"""

import sqlalchemy as sa
from alembic import op

revision = "stacked_programme"
down_revision = "pathways"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("stacked_parts", sa.Column("programme_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_stacked_parts_programme_id_programmes"), "stacked_parts", "programmes", ["programme_id"], ["id"]
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f("fk_stacked_parts_programme_id_programmes"), "stacked_parts")
    op.drop_column("stacked_parts", "programme_id")
