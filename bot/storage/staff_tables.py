"""The tables of staff: accounts, roles, sessions, one-time links, failed sign-ins, the audit log.

The audit log is appended only: triggers of the migration refuse every change, and every deletion of rows that
`audit_head` still holds for kept (`oldest`). `audit_head` has one row; writing it first makes writers wait for each other.
"""

from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, Index, Integer, String, Table, Text

from bot.storage.tables import metadata

staff = Table(
    "staff",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("break_glass", Boolean, nullable=False),
    Column("password", Text),
    Column("totp", Text),
    Column("totp_on", Boolean, nullable=False),
    Column("totp_step", Integer, nullable=False),
    Column("identity", String(256), unique=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
)

staff_roles = Table(
    "staff_roles",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("staff", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("city", String(64), nullable=False),
    Column("departments", JSON),
    Column("languages", JSON),
)

staff_recovery_codes = Table(
    "staff_recovery_codes",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("staff", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, index=True),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("staff", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("method", String(16), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("device", String(64), nullable=False),
    Column("roles", JSON),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)

staff_links = Table(
    "staff_links",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("staff", String(32), ForeignKey("staff.id", ondelete="CASCADE"), index=True),
    Column("until", DateTime(timezone=True), nullable=False),
)

staff_failures = Table(
    "staff_failures",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("closed_until", DateTime(timezone=True)),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("staff", String(32), nullable=False),
    Column("name", String(64), nullable=False),
    Column("city", String(64), nullable=False),
    Column("action", String(48), nullable=False),
    Column("target", String(96), nullable=False),
    Column("detail", Text, nullable=False),
    Column("before", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index("ix_audit_city_number", "city", "number"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("oldest", Integer, nullable=False),
    Column("before_oldest", String(64), nullable=False),
)
