"""badges: connected apps with their consents, codes and tokens; certificates of other issuers; statuses of the VC-API"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "badges"
down_revision = "giving"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "connected_apps",
        _id(),
        sa.Column("secret_hash", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("redirect_uris", JSONB(), nullable=False),
        sa.Column("scopes", JSONB(), nullable=False),
        sa.Column("registration", JSONB(), nullable=False),
        sa.Column("registered_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connected_apps")),
    )
    op.create_index(op.f("ix_connected_apps_registered_at"), "connected_apps", ["registered_at"])
    op.create_table(
        "app_consents",
        _id(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", JSONB(), nullable=False),
        sa.Column("given_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        _foreign("app_consents", "user_id", "users"),
        _foreign("app_consents", "app_id", "connected_apps"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_consents")),
    )
    op.create_index(op.f("ix_app_consents_user_id"), "app_consents", ["user_id"])
    op.create_index(op.f("ix_app_consents_app_id"), "app_consents", ["app_id"])
    good = sa.text("revoked_at IS NULL")
    op.create_index("uq_app_consents_good", "app_consents", ["user_id", "app_id"], unique=True, postgresql_where=good)
    _codes_and_tokens()
    _held()


def _codes_and_tokens() -> None:
    op.create_table(
        "app_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", JSONB(), nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("challenge", sa.String(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        _foreign("app_codes", "consent_id", "app_consents"),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_app_codes")),
    )
    op.create_index(op.f("ix_app_codes_consent_id"), "app_codes", ["consent_id"])
    op.create_table(
        "app_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scopes", JSONB(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        _foreign("app_tokens", "consent_id", "app_consents"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_app_tokens")),
    )
    op.create_index(op.f("ix_app_tokens_consent_id"), "app_tokens", ["consent_id"])
    op.create_index(op.f("ix_app_tokens_expires_at"), "app_tokens", ["expires_at"])


def _held() -> None:
    op.create_table(
        "held_credentials",
        _id(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("issuer_name", sa.String(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        _foreign("held_credentials", "user_id", "users"),
        _foreign("held_credentials", "app_id", "connected_apps", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_credentials")),
        sa.UniqueConstraint(
            "user_id", "issuer", "credential_id", name=op.f("uq_held_credentials_user_id_issuer_credential_id")
        ),
    )
    op.create_index(op.f("ix_held_credentials_app_id"), "held_credentials", ["app_id"])
    op.create_table(
        "badge_profiles",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        _foreign("badge_profiles", "user_id", "users"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_badge_profiles")),
    )
    op.create_table(
        "issued_statuses",
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("issued_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_issued_statuses")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_issued_statuses_credential_id")),
    )
    op.create_index(op.f("ix_issued_statuses_revoked_at"), "issued_statuses", ["revoked_at"])


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def _foreign(table: str, column: str, to: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=ondelete)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("issued_statuses", "badge_profiles", "held_credentials", "app_tokens", "app_codes", "app_consents"):
        op.drop_table(table)
    op.drop_table("connected_apps")
