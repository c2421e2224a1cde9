"""What must not vanish: conversations, turns, feedback and releases, in SQLite or PostgreSQL by the same code."""

from bot.storage.database import Database, open_database

__all__ = ["Database", "open_database"]
