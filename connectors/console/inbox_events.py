"""The news of the desk to pages that are open: that something changed, never what. A page then asks for itself again."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from bot.handler import Handler

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
# A stream ends after a minute and the browser opens the next: whoever was signed out is let in no more.
STREAM_SECONDS, HEARTBEAT_SECONDS = 60.0, 15.0


async def desk_news(handler: Handler, city: str, ticket: str = "") -> AsyncGenerator[str, None]:
    """Yield server-sent events `change` and `heartbeat` of a city's desk, or of one ticket."""
    async with handler.cache.subscribe(f"desk:{city}") as news:
        yield "retry: 1000\nevent: change\ndata: {}\n\n"
        clock = asyncio.get_running_loop().time
        until, waiting = clock() + STREAM_SECONDS, asyncio.ensure_future(anext(news))
        try:
            while (left := until - clock()) > 0:
                done, _ = await asyncio.wait({waiting}, timeout=min(left, HEARTBEAT_SECONDS))
                if not done:
                    yield "event: heartbeat\ndata: {}\n\n"
                    continue
                if ticket in ("", told := waiting.result()) or not told:
                    yield "event: change\ndata: {}\n\n"
                waiting = asyncio.ensure_future(anext(news))
        finally:
            waiting.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await waiting
