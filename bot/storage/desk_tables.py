"""The tables of the hand-off desk: tickets, notes, links, drafts for the FAQ, special days."""

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from bot.storage.tables import metadata

# What a ticket remembers in days and hours: all in Asia/Tokyo.
_TIMES = (
    "promised_at", "taken_at", "first_reply_at", "closed_at", "resident_at", "staff_at", "warned_at", "breached_at", "alerted_at",
)  # fmt: skip

tickets = Table(
    "tickets",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("number", String(16), primary_key=True),
    Column("conversation", String(64)),
    Column("channel", String(16), nullable=False),
    Column("language", String(16), nullable=False),
    Column("department", String(64), nullable=False),
    Column("question", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("assignee", String(64)),
    Column("assignee_name", String(120), nullable=False),
    *(Column(name, DateTime(timezone=True)) for name in _TIMES),
    Column("closed_by", String(16)),
    Column("unread", Integer, nullable=False),
    Column("sealed_email", Text),
    Index("ix_tickets_city_state", "city", "state", "opened_at"),
    Index("ix_tickets_conversation", "conversation"),
    # A conversation is in one pair of hands at a time, whatever two processes think.
    Index(
        "uq_tickets_open", "city", "conversation", unique=True,
        sqlite_where=text("state <> 'closed'"), postgresql_where=text("state <> 'closed'"),
    ),
)  # fmt: skip

ticket_numbers = Table(
    "ticket_numbers",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("city", String(64), nullable=False),
    Column("ticket", String(16), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("staff", String(64)),
    Column("staff_name", String(120), nullable=False),
    Column("detail", Text, nullable=False),
    ForeignKeyConstraint(["city", "ticket"], ["tickets.city", "tickets.number"], ondelete="CASCADE"),
    Index("ix_ticket_events_city", "city", "ticket", "id"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("city", String(64), nullable=False),
    Column("ticket", String(16), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("staff", String(64), nullable=False),
    Column("staff_name", String(120), nullable=False),
    Column("text", Text, nullable=False),
    ForeignKeyConstraint(["city", "ticket"], ["tickets.city", "tickets.number"], ondelete="CASCADE"),
    Index("ix_notes_city", "city", "ticket", "id"),
)

unsent_replies = Table(
    "unsent_replies",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("ticket", String(16), primary_key=True),
    Column("staff", String(64), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("text", Text, nullable=False),
    ForeignKeyConstraint(["city", "ticket"], ["tickets.city", "tickets.number"], ondelete="CASCADE"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("city", String(64), nullable=False),
    Column("conversation", String(64)),
    Column("ticket", String(16), nullable=False),
    Column("turn", String(32)),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("error", String(200), nullable=False),
    Index("ix_deliveries_channel", "channel", "state", "due_at"),
    Index("ix_deliveries_city", "city", "ticket"),
)

links = Table(
    "links",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("city", String(64), nullable=False),
    Column("conversation", String(64), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    Index("ix_links_conversation", "conversation"),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("language", String(16), primary_key=True),
    Column("department", String(64), nullable=False),
    Column("title", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("changed_by", String(64), nullable=False),
)

# What officers answered and would like to see in the FAQ; the curation room takes it from here.
draft_suggestions = Table(
    "draft_suggestions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("city", String(64), nullable=False),
    Column("ticket", String(16), nullable=False),
    Column("turn", String(32), nullable=False),
    Column("department", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("nearest", String(96), nullable=False),
    Column("state", String(16), nullable=False),
    Column("staff", String(64), nullable=False),
    Column("staff_name", String(120), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_draft_suggestions_city", "city", "state", "id"),
)

# Days on which a department (empty: the whole city) keeps other hours than its week; `hours` as 8:30-12:00, empty is closed.
special_days = Table(
    "special_days",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("department", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("hours", String(200), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("changed_by", String(64), nullable=False),
)

# The Cabinet Office's list of holidays as somebody put it in; a year of which it has any day is told by it alone.
listed_holidays = Table(
    "listed_holidays",
    metadata,
    Column("day", Date, primary_key=True),
    Column("name", String(120), nullable=False),
)
