"""The work of `madoguchi line work`: the application without its door, and only LINE at work in it."""

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress

from bot.app import create_app
from bot.commands.serve import configure_logs, served_cities
from bot.messages import BotError
from bot.settings import Settings
from connectors.line.beside import NICE, Bell, work_alone


def work_until_stopped(settings: Settings, cities: Sequence[str], *, bell: bool) -> None:
    """Answer on LINE until a signal, or until the bell on standard input ends. Raises BotError without a channel."""
    if not settings.line_channels:
        raise BotError("line_channels", "LINE_CHANNELS は空です (no LINE channel is set)", "docs/line.md", 500)
    if not bell and settings.cache_url == "memory://":
        message = "CACHE_URL=memory:// では、ほかのプロセスと話の状態を分け合えません (a cache in memory cannot be shared)。"
        raise BotError("cache", message, "CACHE_URL=redis://…", 500)
    configure_logs(settings)
    hung = _bell() if bell else None
    app = create_app(settings, served_cities(settings, cities))

    async def work() -> None:
        working = asyncio.ensure_future(work_alone(app, hung))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
        await asyncio.gather(working, return_exceptions=True)
        await app.state.handler.cache.close()
        app.state.handler.database.close()

    asyncio.run(work())


def _bell() -> Bell:
    """Return the bell, listened to before anything is opened: that takes seconds, and whoever serves may end meanwhile."""
    with suppress(OSError):
        os.nice(NICE)
    return Bell()
