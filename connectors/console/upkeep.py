"""What the console does beside requests: removes what is over, and lines of the log whose retention has ended."""

import asyncio
from datetime import timedelta

import structlog
from fastapi import FastAPI
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.handler import Handler
from bot.settings import Settings
from bot.storage.audit import Event, expire_audit, write_audit
from bot.storage.staff_sessions import sweep

_SECONDS = 3600.0


async def keep_tidy(app: FastAPI) -> None:
    """Tidy up now, and every hour; several processes at once do no harm."""
    while True:
        try:
            await tidy(app.state.handler, app.state.settings)
        except (SQLAlchemyError, OSError) as error:
            structlog.get_logger("madoguchi").error("console upkeep failed", kind=type(error).__name__)
        await asyncio.sleep(_SECONDS)


async def tidy(handler: Handler, settings: Settings) -> None:
    """Remove sessions, links and counts that are over, and lines of the audit log older than its retention."""
    now = handler.clock()
    idle = now - timedelta(minutes=settings.staff_idle_minutes)
    started = now - timedelta(hours=settings.staff_session_hours)

    def _tidy(connection: Connection) -> None:
        sweep(connection, idle, started, now)
        if count := expire_audit(connection, now - timedelta(days=settings.audit_days)):
            write_audit(connection, Event("audit-expired", detail={"lines": str(count)}), now)

    await handler.database.write(_tidy)
