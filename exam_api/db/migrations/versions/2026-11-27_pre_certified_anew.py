"""an attempt has one good certificate at a time, beside those that were revoked"""

import sqlalchemy as sa
from alembic import op

revision = "certified_anew"
down_revision = "trials"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_certificates_attempt_id", "certificates", ["attempt_id"])
    good = sa.text("revoked_at IS NULL")
    op.create_index("uq_certificates_good", "certificates", ["attempt_id"], unique=True, postgresql_where=good)
    op.drop_constraint("uq_certificates_attempt_id", "certificates")


def downgrade() -> None:
    op.create_unique_constraint(
        "uq_certificates_attempt_id", "certificates", ["attempt_id"]
    )  # fails after a second one
    op.drop_index("uq_certificates_good", "certificates")
    op.drop_index("ix_certificates_attempt_id", "certificates")
