"""The first tables: conversations, turns, feedback, releases."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _make_conversations()
    _make_turns()
    _make_feedback_and_releases()


def _make_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("city", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_conversations_changed_at", "conversations", ["changed_at"])


def _make_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("conversation", sa.String(64), sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("city", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.String(64)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("entry", sa.String(96)),
        sa.Column("version", sa.String(32)),
        sa.Column("probability", sa.Float),
        sa.Column("reply", sa.JSON, nullable=False),
        sa.Column("milliseconds", sa.Float, nullable=False),
        sa.UniqueConstraint("city", "client_id", name="uq_turns_city_client_id"),
    )
    op.create_index("ix_turns_conversation", "turns", ["conversation", "id"])
    op.create_index("ix_turns_city_at", "turns", ["city", "at"])


def _make_feedback_and_releases() -> None:
    op.create_table(
        "feedback",
        sa.Column("turn", sa.String(32), sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("solved", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "releases",
        sa.Column("city", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Remove the tables."""
    for table in ("releases", "feedback", "turns", "conversations"):
        op.drop_table(table)
