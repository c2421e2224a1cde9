"""Opens the channel and runs what works beside the requests: the worker, deliveries, upkeep, reminders."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from fastapi import FastAPI

from bot.handler import Handler
from bot.settings import Settings
from bot.storage.line_spool import spool_in
from connectors.line import intake, upkeep
from connectors.line.channels import load_channels
from connectors.line.garbage import GarbageTalk
from connectors.line.keys import load_keys
from connectors.line.office import Office
from connectors.line.scheduler import Scheduler
from connectors.line.worker import Worker

_log = structlog.get_logger("madoguchi.line")
Work = Callable[[], Awaitable[None]]


def open_office(handler: Handler, settings: Settings) -> Office:
    """Open the channel with a database thread of its own. Raises BotError where a file of the settings is wrong."""
    # At DEBUG the SDK prints what LINE answers, profiles among it (L-47).
    logging.getLogger("linebot").setLevel(logging.INFO)
    channels = load_channels(settings.line_channels)
    keys = load_keys(settings.line_key_file, settings.var_dir)
    offering = frozenset(city for city, channel in channels.items() if channel.reminders)
    garbage = GarbageTalk(handler, settings.files, offering)
    return Office(handler, settings, channels, keys, handler.database.beside(), spool_in(settings.var_dir), garbage)


async def work(app: FastAPI) -> None:
    """Work until cancelled, then close."""
    office: Office = app.state.line
    await asyncio.to_thread(_load_sdk)
    reminding = Scheduler(office.handler, office.keys, tuple(sorted(office.garbage.offering)), office.client)
    works: tuple[Work, ...] = (
        Worker(office).run,
        partial(intake.keep_spool_empty, office),
        partial(upkeep.deliver, office),
        partial(upkeep.watch_quota, office),
        partial(upkeep.clean, office),
        reminding.run,
    )
    try:
        await asyncio.gather(*(_kept_up(one) for one in works))
    finally:
        await office.close()


async def _kept_up(work: Work) -> None:
    """Begin a work again when it fails in a way that it does not know."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whatever broke, the channel works on
            _log.exception("line work begins again", kind=type(error).__name__)
        await asyncio.sleep(1.0)


def _load_sdk() -> None:
    """Load the SDK before the first answer needs it: it takes a second."""
    import linebot.v3.messaging  # noqa: F401
