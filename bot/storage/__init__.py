"""What must not vanish: conversations, turns, feedback and releases, in SQLite or PostgreSQL by the same code."""

# Every table is known as soon as one of them is, so that the schema is whole wherever it is looked at.
from bot.storage import desk_tables, line_tables, staff_tables
from bot.storage.database import Database, open_database

__all__ = ["Database", "desk_tables", "line_tables", "open_database", "staff_tables"]
