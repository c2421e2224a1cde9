"""What LINE needs now and then: answers of staff delivered, quota asked, old texts and ids deleted."""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.storage.line_events import delete_ended, expire_bodies
from bot.storage.line_residents import forget_ids
from connectors.line.handoff import deliver_due
from connectors.line.office import Office
from connectors.line.sending import refresh_quota

_log = structlog.get_logger("madoguchi.line")
DELIVER_SECONDS, QUOTA_SECONDS, CLEAN_SECONDS = 2.0, 3600.0, 600.0
# Raw text lives at most this long (P-04); what has ended is known for longer, so that a redelivery is recognised.
RAW_LIVES, ENDED_LIVES = timedelta(hours=24), timedelta(days=90)


async def deliver(office: Office) -> None:
    """Deliver until cancelled."""
    while True:
        try:
            await deliver_due(office)
        except SQLAlchemyError as error:
            _log.warning("deliveries wait for the database", kind=type(error).__name__)
        await asyncio.sleep(DELIVER_SECONDS)


async def watch_quota(office: Office) -> None:
    """Ask LINE for every city's quota, each hour, until cancelled."""
    while True:
        for city in office.channels:
            try:
                await refresh_quota(office, city)
            except SQLAlchemyError as error:
                _log.warning("quota not kept", city=city, kind=type(error).__name__)
        await asyncio.sleep(QUOTA_SECONDS)


async def clean(office: Office) -> None:
    """Delete what has lived long enough, until cancelled."""
    while True:
        try:
            await office.database.write(lambda connection: clean_now(connection, office.now()))
        except SQLAlchemyError as error:
            _log.warning("old events not deleted", kind=type(error).__name__)
        await asyncio.sleep(CLEAN_SECONDS)


def clean_now(connection: Connection, now: datetime) -> None:
    """End events whose raw text has lived 24 hours, delete old ended ones, and the ids of those who left long ago."""
    expire_bodies(connection, now - RAW_LIVES, now)
    delete_ended(connection, now - ENDED_LIVES)
    forget_ids(connection, now)
