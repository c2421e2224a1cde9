"""The hand-off desk: tickets, notes, links."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _time(name: str, *, nullable: bool = True) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int, *, key: bool = False, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), primary_key=key, nullable=nullable and not key)


def _of_ticket(table: str) -> sa.ForeignKeyConstraint:
    columns = ["tickets.city", "tickets.number"]
    return sa.ForeignKeyConstraint(["city", "ticket"], columns, name=f"fk_{table}_city", ondelete="CASCADE")


def upgrade() -> None:
    """Make the tables."""
    _make_tickets()
    _make_events_and_notes()
    _make_deliveries()
    _make_links_and_canned_replies()
    _make_drafts_and_days()


def _make_tickets() -> None:
    seen = ("promised_at", "taken_at", "first_reply_at", "closed_at", "resident_at", "staff_at")
    times = (*seen, "warned_at", "breached_at", "alerted_at")
    op.create_table(
        "tickets",
        _text("city", 64, key=True),
        _text("number", 16, key=True),
        _text("conversation", 64, nullable=True),
        _text("channel", 16),
        _text("language", 16),
        _text("department", 64),
        sa.Column("question", sa.Text, nullable=False),
        _time("opened_at", nullable=False),
        _time("changed_at", nullable=False),
        _text("state", 16),
        sa.Column("version", sa.Integer, nullable=False),
        _text("assignee", 64, nullable=True),
        _text("assignee_name", 120),
        *(_time(name) for name in times),
        _text("closed_by", 16, nullable=True),
        sa.Column("unread", sa.Integer, nullable=False),
        sa.Column("sealed_email", sa.Text),
    )
    op.create_index("ix_tickets_city_state", "tickets", ["city", "state", "opened_at"])
    op.create_index("ix_tickets_conversation", "tickets", ["conversation"])
    still_open = sa.text("state <> 'closed'")
    op.create_index(
        "uq_tickets_open", "tickets", ["city", "conversation"], unique=True, sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_table(
        "ticket_numbers",
        _text("city", 64, key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )


def _make_events_and_notes() -> None:
    op.create_table(
        "ticket_events", _text("id", 32, key=True), _text("city", 64), _text("ticket", 16), _time("at", nullable=False),
        _text("kind", 16), _text("staff", 64, nullable=True), _text("staff_name", 120),
        sa.Column("detail", sa.Text, nullable=False), _of_ticket("ticket_events"),
    )  # fmt: skip
    op.create_index("ix_ticket_events_city", "ticket_events", ["city", "ticket", "id"])
    op.create_table(
        "notes", _text("id", 32, key=True), _text("city", 64), _text("ticket", 16), _time("at", nullable=False),
        _text("staff", 64), _text("staff_name", 120), sa.Column("text", sa.Text, nullable=False), _of_ticket("notes"),
    )  # fmt: skip
    op.create_index("ix_notes_city", "notes", ["city", "ticket", "id"])
    op.create_table(
        "unsent_replies", _text("city", 64, key=True), _text("ticket", 16, key=True), _text("staff", 64, key=True),
        _time("at", nullable=False), sa.Column("text", sa.Text, nullable=False), _of_ticket("unsent_replies"),
    )  # fmt: skip


def _make_deliveries() -> None:
    op.create_table(
        "deliveries", _text("id", 32, key=True), _text("channel", 16), _text("city", 64),
        _text("conversation", 64, nullable=True), _text("ticket", 16), _text("turn", 32, nullable=True),
        _text("kind", 16), _text("state", 16),
        sa.Column("attempts", sa.Integer, nullable=False), _time("due_at", nullable=False), _time("created_at", nullable=False),
        _text("error", 200),
    )  # fmt: skip
    op.create_index("ix_deliveries_channel", "deliveries", ["channel", "state", "due_at"])
    op.create_index("ix_deliveries_city", "deliveries", ["city", "ticket"])


def _make_links_and_canned_replies() -> None:
    op.create_table(
        "links", _text("hash", 64, key=True), _text("city", 64), _text("conversation", 64), _time("created_at", nullable=False),
        _time("expires_at", nullable=False), _time("used_at"),
    )  # fmt: skip
    op.create_index("ix_links_conversation", "links", ["conversation"])
    op.create_table(
        "canned_replies", _text("city", 64, key=True), _text("id", 64, key=True), _text("language", 16, key=True),
        _text("department", 64), _text("title", 200), sa.Column("text", sa.Text, nullable=False), _text("state", 16),
        _time("changed_at", nullable=False), _text("changed_by", 64),
    )  # fmt: skip


def _make_drafts_and_days() -> None:
    op.create_table(
        "draft_suggestions", _text("id", 32, key=True), _text("city", 64), _text("ticket", 16), _text("turn", 32),
        _text("department", 64), _text("language", 16), sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False), _text("nearest", 96), _text("state", 16), _text("staff", 64),
        _text("staff_name", 120), _time("at", nullable=False),
    )  # fmt: skip
    op.create_index("ix_draft_suggestions_city", "draft_suggestions", ["city", "state", "id"])
    op.create_table(
        "special_days", _text("city", 64, key=True), _text("department", 64, key=True),
        sa.Column("day", sa.Date, primary_key=True, nullable=False), _text("hours", 200), _time("changed_at", nullable=False),
        _text("changed_by", 64),
    )  # fmt: skip
    op.create_table("listed_holidays", sa.Column("day", sa.Date, primary_key=True, nullable=False), _text("name", 120))


def downgrade() -> None:
    """Remove the tables."""
    tables = (
        "listed_holidays", "special_days", "draft_suggestions", "canned_replies", "links", "deliveries", "unsent_replies",
        "notes", "ticket_events", "ticket_numbers", "tickets",
    )  # fmt: skip
    for table in tables:
        op.drop_table(table)
