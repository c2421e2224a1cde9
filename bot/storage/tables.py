"""The tables, one for each noun. Their history is in `migrations/`; a test holds the two equal."""

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("city", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("language", String(16)),
    Column("state", JSON, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, index=True),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("city", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("client_id", String(64)),
    Column("text", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("decision", String(16), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("entry", String(96)),
    Column("version", String(32)),
    Column("probability", Float),
    Column("reply", JSON, nullable=False),
    Column("milliseconds", Float, nullable=False),
    UniqueConstraint("city", "client_id", name="uq_turns_city_client_id"),
    Index("ix_turns_conversation", "conversation", "id"),
    Index("ix_turns_city_at", "city", "at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("turn", String(32), ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("solved", Integer, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", DateTime(timezone=True), nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
)
