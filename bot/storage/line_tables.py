"""The tables of LINE: events taken in, residents, messages sent, the quota, reminders."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Integer, String, Table, Text

from bot.storage.tables import metadata

# `lane` is whose turn it waits for (a resident's conversation); `body` is sealed, and gone once the event is handled.
line_events = Table(
    "line_events",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("lane", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("message", String(64), nullable=False),
    Column("happened_ms", BigInteger, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    Column("state", String(16), nullable=False),
    Column("body", Text),
    Column("worker", String(32)),
    Column("lease_until", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("leaving", Boolean, nullable=False),
    Column("way", String(8), nullable=False, server_default=""),
    Column("detail", String(64), nullable=False, server_default=""),
    Column("request_id", String(64), nullable=False, server_default=""),
    Column("done_at", DateTime(timezone=True)),
    Index("ix_line_events_state", "state", "happened_ms"),
    Index("ix_line_events_lane", "city", "lane", "state", "happened_ms"),
    Index("ix_line_events_message", "city", "message"),
)

# `sealed` is the real id, the only place where it stays; `language` is the resident's own choice.
line_residents = Table(
    "line_residents",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("conversation", String(64), primary_key=True),
    Column("sealed", Text),
    Column("language", String(16)),
    Column("profile_language", String(16)),
    Column("following", Boolean, nullable=False),
    Column("last_ms", BigInteger, nullable=False, server_default="0"),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("erase_at", DateTime(timezone=True), index=True),
)

# Each push, and each try that failed, without any text: `key` is LINE's retry key or our own number of the try.
line_sent = Table(
    "line_sent",
    metadata,
    Column("key", String(48), primary_key=True),
    Column("city", String(64), nullable=False),
    Column("conversation", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("way", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("status", Integer, nullable=False),
    Column("refusal", String(16), nullable=False, server_default=""),
    Column("request_id", String(64), nullable=False, server_default=""),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_line_sent_city", "city", "at"),
)

# `spent_month` (2026-11) is the month whose messages LINE called used up.
line_quotas = Table(
    "line_quotas",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("most", Integer),
    Column("used", Integer, nullable=False),
    Column("spent_month", String(7), nullable=False, server_default=""),
    Column("checked_at", DateTime(timezone=True), nullable=False),
)

# What the last `madoguchi line check` or `setup` found, as JSON rows for staff.
line_checks = Table(
    "line_checks",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("checked_at", DateTime(timezone=True), nullable=False),
    Column("findings", Text, nullable=False),
)

# A resident's wish, kept with their consent: `slot` is evening, morning or never (only the district is remembered);
# `bins` are the categories wanted, divided by spaces, empty for all.
line_reminders = Table(
    "line_reminders",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("conversation", String(64), primary_key=True),
    Column("district", String(64), nullable=False),
    Column("slot", String(8), nullable=False),
    Column("bins", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("consent", String(16), nullable=False),
    Column("consented_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("ix_line_reminders_slot", "city", "slot"),
)

# One request to LINE: the same text to at most 500 residents; `key` is LINE's retry key, so that a second try never doubles.
line_reminder_batches = Table(
    "line_reminder_batches",
    metadata,
    Column("key", String(36), primary_key=True),
    Column("city", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("slot", String(8), nullable=False),
    Column("district", String(64), nullable=False),
    Column("bins", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("residents", Integer, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("detail", String(64), nullable=False, server_default=""),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("lease_until", DateTime(timezone=True)),
    Index("ix_line_reminder_batches_state", "state", "due_at"),
)

# Who gets which: a resident stands here once for a day and slot, whatever crashes.
line_reminder_days = Table(
    "line_reminder_days",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("conversation", String(64), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("slot", String(8), primary_key=True),
    Column("batch", String(36), nullable=False, index=True),
)
