"""life of certificates: some rest on no attempt, take the place of another, are suspended, end"""

import sqlalchemy as sa
from alembic import op

revision = "life_of_certificates"
down_revision = "public_record"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column("certificates", "attempt_id", nullable=True)
    op.add_column("certificates", sa.Column("holder_id", sa.Uuid(), nullable=True))
    op.add_column("certificates", sa.Column("replaces_id", sa.Uuid(), nullable=True))
    op.add_column("certificates", sa.Column("revoked_code", sa.String(), nullable=True))
    op.add_column("certificates", sa.Column("suspended_at", TIME, nullable=True))
    op.add_column("certificates", sa.Column("suspended_code", sa.String(), nullable=True))
    op.add_column("certificates", sa.Column("valid_until", TIME, nullable=True))
    op.create_foreign_key(op.f("fk_certificates_holder_id_users"), "certificates", "users", ["holder_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_certificates_replaces_id_certificates"), "certificates", "certificates", ["replaces_id"], ["id"]
    )
    op.create_index(op.f("ix_certificates_holder_id"), "certificates", ["holder_id"])
    op.create_index(op.f("ix_certificates_replaces_id"), "certificates", ["replaces_id"])
    op.create_index(op.f("ix_certificates_valid_until"), "certificates", ["valid_until"])
    op.create_check_constraint("whose", "certificates", "(attempt_id IS NULL) <> (holder_id IS NULL)")
    op.execute(
        "UPDATE certificates SET valid_until = (document ->> 'validUntil')::timestamptz WHERE document ? 'validUntil'"
    )
    op.execute("UPDATE certificates SET revoked_code = 'unspecified' WHERE revoked_at IS NOT NULL")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_certificates_whose"), "certificates")
    op.drop_index(op.f("ix_certificates_valid_until"), "certificates")
    op.drop_index(op.f("ix_certificates_replaces_id"), "certificates")
    op.drop_index(op.f("ix_certificates_holder_id"), "certificates")
    op.drop_constraint(op.f("fk_certificates_replaces_id_certificates"), "certificates")
    op.drop_constraint(op.f("fk_certificates_holder_id_users"), "certificates")
    for name in ("valid_until", "suspended_code", "suspended_at", "revoked_code", "replaces_id", "holder_id"):
        op.drop_column("certificates", name)
    op.alter_column("certificates", "attempt_id", nullable=False)
