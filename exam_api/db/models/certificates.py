"""Certificates, the append-only log they are written to, and their status lists."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, false, text
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id


class Certificate(Base):
    __tablename__ = "certificates"
    __table_args__ = (
        # An average that changes is certified anew, and may rest on the same attempt as before.
        Index("uq_certificates_good", "attempt_id", unique=True, postgresql_where=text("revoked_at IS NULL")),
        CheckConstraint("(attempt_id IS NULL) <> (holder_id IS NULL)", name="whose"),
    )

    id: Mapped[Id]
    # Whose it is follows from the attempt that it rests on; `holder_id` says so where it rests on none.
    attempt_id: Mapped[UUID | None] = mapped_column(ForeignKey("attempts.id"), index=True)
    holder_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("certificates.id"), index=True)
    document: Mapped[dict[str, Any]]  # the signed credential
    salt: Mapped[bytes]
    log_index: Mapped[int] = mapped_column(BigInteger, unique=True)
    status_index: Mapped[int] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    valid_until: Mapped[datetime | None] = mapped_column(index=True)  # as the document says
    revoked_at: Mapped[datetime | None]
    revoked_code: Mapped[str | None]  # why, in one word for everybody
    revoked_reason: Mapped[str | None]  # why, in words for its holder
    suspended_at: Mapped[datetime | None]
    suspended_code: Mapped[str | None]
    suspended_reason: Mapped[str | None]
    # Erased: `document` is empty and `salt` too; the numbers stay, so that nobody gets them again.
    erased_at: Mapped[datetime | None]
    erasure: Mapped[dict[str, Any] | None]  # our signed statement of that


class LogEntry(Base):
    """One leaf of the Merkle tree. No personal data: type and a salted hash."""

    __tablename__ = "log_entries"

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)  # RFC 6962 leaf hash
    kind: Mapped[str]
    at: Mapped[datetime]
    # What the leaf is the hash of, for whoever mirrors the log. None only where an older version did not keep it.
    entry: Mapped[bytes | None] = mapped_column(LargeBinary)


class LogTile(Base):
    """256 hashes of the tree over the leaves above, or fewer at its right edge (credentials.transparency.tiles): follows from them."""

    __tablename__ = "log_tiles"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class Checkpoint(Base):
    """A signed head of the log: once signed, never taken back."""

    __tablename__ = "checkpoints"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    note: Mapped[str]  # C2SP signed note
    at: Mapped[datetime]
    cosignatures: Mapped[str] = mapped_column(server_default="", default="")  # signature lines of witnesses
    witnessed: Mapped[bool] = mapped_column(server_default=false(), default=False)  # by as many as the policy asks for

    @property
    def signed(self) -> str:
        """The note with everybody's signatures."""
        return self.note + self.cosignatures


class LogKey(Base):
    """A key that the log has named, and the numbers of the entries that say so: follows from them (credentials.transparency.history)."""

    __tablename__ = "log_keys"

    key: Mapped[str] = mapped_column(primary_key=True)  # Multikey
    purpose: Mapped[str]
    added: Mapped[int] = mapped_column(BigInteger)
    retired: Mapped[int | None] = mapped_column(BigInteger)
    compromised: Mapped[int | None] = mapped_column(BigInteger)


class StatusListVersion(Base):
    __tablename__ = "status_lists"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]]  # the signed BitstringStatusListCredential, which names the two beside it by hash
    suspended: Mapped[dict[str, Any] | None]  # the signed list of suspensions
    reasons: Mapped[dict[str, Any] | None]  # the list of reasons (credentials.revocation.reasons)
    at: Mapped[datetime]
