"""LINE: events taken in, residents, messages sent, reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    _make_events()
    _make_residents()
    _make_sent()
    _make_reminders()


def _make_events() -> None:
    op.create_table(
        "line_events",
        sa.Column("city", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("lane", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("happened_ms", sa.BigInteger, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("worker", sa.String(32)),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("leaving", sa.Boolean, nullable=False),
        sa.Column("way", sa.String(8), nullable=False, server_default=""),
        sa.Column("detail", sa.String(64), nullable=False, server_default=""),
        sa.Column("request_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("done_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_line_events_state", "line_events", ["state", "happened_ms"])
    op.create_index("ix_line_events_lane", "line_events", ["city", "lane", "state", "happened_ms"])
    op.create_index("ix_line_events_message", "line_events", ["city", "message"])


def _make_residents() -> None:
    op.create_table(
        "line_residents",
        sa.Column("city", sa.String(64), primary_key=True),
        sa.Column("conversation", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.Text),
        sa.Column("language", sa.String(16)),
        sa.Column("profile_language", sa.String(16)),
        sa.Column("following", sa.Boolean, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erase_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_line_residents_erase_at", "line_residents", ["erase_at"])


def _make_sent() -> None:
    op.create_table(
        "line_sent",
        sa.Column("key", sa.String(48), primary_key=True),
        sa.Column("city", sa.String(64), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("refusal", sa.String(16), nullable=False, server_default=""),
        sa.Column("request_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_line_sent_city", "line_sent", ["city", "at"])
    op.create_table(
        "line_quotas",
        sa.Column("city", sa.String(64), primary_key=True),
        sa.Column("most", sa.Integer),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("spent_month", sa.String(7), nullable=False, server_default=""),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "line_checks",
        sa.Column("city", sa.String(64), primary_key=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
    )


def _make_reminders() -> None:
    """Make the tables of the reminders of collection days."""
    _make_reminder_wishes()
    _make_reminder_batches()


def _make_reminder_wishes() -> None:
    op.create_table(
        "line_reminders",
        sa.Column("city", sa.String(64), primary_key=True),
        sa.Column("conversation", sa.String(64), primary_key=True),
        sa.Column("district", sa.String(64), nullable=False),
        sa.Column("slot", sa.String(8), nullable=False),
        sa.Column("bins", sa.Text, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("consent", sa.String(16), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_line_reminders_slot", "line_reminders", ["city", "slot"])


def _make_reminder_batches() -> None:
    op.create_table(
        "line_reminder_batches",
        sa.Column("key", sa.String(36), primary_key=True),
        sa.Column("city", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("slot", sa.String(8), nullable=False),
        sa.Column("district", sa.String(64), nullable=False),
        sa.Column("bins", sa.Text, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("residents", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("detail", sa.String(64), nullable=False, server_default=""),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_line_reminder_batches_state", "line_reminder_batches", ["state", "due_at"])
    op.create_table(
        "line_reminder_days",
        sa.Column("city", sa.String(64), primary_key=True),
        sa.Column("conversation", sa.String(64), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("slot", sa.String(8), primary_key=True),
        sa.Column("batch", sa.String(36), nullable=False),
    )
    op.create_index("ix_line_reminder_days_batch", "line_reminder_days", ["batch"])


def downgrade() -> None:
    """Remove the tables."""
    reminders = ("line_reminder_days", "line_reminder_batches", "line_reminders")
    for table in (*reminders, "line_checks", "line_quotas", "line_sent", "line_residents", "line_events"):
        op.drop_table(table)
