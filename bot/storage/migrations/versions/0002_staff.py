"""Staff: accounts, roles, sessions, one-time links, failed sign-ins, the audit log that can only grow."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
# What the chain of the audit log begins with.
_NOTHING = "0" * 64
_REFUSED = "the audit log can only be appended to"


def upgrade() -> None:
    """Make the tables."""
    _make_staff()
    _make_what_belongs_to_staff()
    _make_failures()
    _make_audit()
    _refuse_changes()


def _make_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("break_glass", sa.Boolean, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("totp", sa.Text),
        sa.Column("totp_on", sa.Boolean, nullable=False),
        sa.Column("totp_step", sa.Integer, nullable=False),
        sa.Column("identity", sa.String(256)),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("login", name="uq_staff_login"),
        sa.UniqueConstraint("identity", name="uq_staff_identity"),
    )


def _of_staff(*, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column("staff", sa.String(32), sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=nullable)


def _make_what_belongs_to_staff() -> None:
    op.create_table(
        "staff_roles",
        sa.Column("id", sa.String(32), primary_key=True),
        _of_staff(),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("city", sa.String(64), nullable=False),
        sa.Column("departments", sa.JSON),
        sa.Column("languages", sa.JSON),
    )
    op.create_table("staff_recovery_codes", sa.Column("digest", sa.String(64), primary_key=True), _of_staff())
    op.create_table(
        "staff_sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(32), nullable=False),
        _of_staff(),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("device", sa.String(64), nullable=False),
        sa.Column("roles", sa.JSON),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("id", name="uq_staff_sessions_id"),
    )
    op.create_table(
        "staff_links",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.String(16), nullable=False),
        _of_staff(nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    for table in ("staff_roles", "staff_recovery_codes", "staff_sessions", "staff_links"):
        op.create_index(f"ix_{table}_staff", table, ["staff"])


def _make_failures() -> None:
    op.create_table(
        "staff_failures",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_until", sa.DateTime(timezone=True)),
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.String(size), nullable=False) for name, size in
          (("staff", 32), ("name", 64), ("city", 64), ("action", 48), ("target", 96))),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )  # fmt: skip
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_city_number", "audit", ["city", "number"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("oldest", sa.Integer, nullable=False),
        sa.Column("before_oldest", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "digest": _NOTHING, "oldest": 1, "before_oldest": _NOTHING}])


def _refuse_changes() -> None:
    """No row is ever changed; a row goes only after `audit_head.oldest` has passed it (the end of its retention)."""
    kept = "OLD.number >= (SELECT oldest FROM audit_head)"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' THEN IF NOT ({kept}) THEN RETURN OLD; END IF; END IF; "
            f"RAISE EXCEPTION '{_REFUSED}'; END $$"
        )
        op.execute("CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()")
        op.execute("CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()")
        return
    op.execute(f"CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END")
    op.execute(f"CREATE TRIGGER audit_kept BEFORE DELETE ON audit WHEN {kept} BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END")


def downgrade() -> None:
    """Remove the tables."""
    for table in ("audit", "audit_head", "staff_failures", "staff_links", "staff_sessions", "staff_recovery_codes",
                  "staff_roles", "staff"):  # fmt: skip
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuse()")
