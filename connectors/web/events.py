"""The event stream of a conversation: every turn, resumable by `Last-Event-ID`, with a heartbeat that browsers can see."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from bot.handler import Handler
from bot.messages import Turn
from bot.storage.conversations import load_conversation
from bot.storage.turns import turns_after
from connectors.web.api import ERRORS, Shell, require_conversation, turn_to_json
from connectors.web.schemas import Id

router = APIRouter(prefix="/api/v1/{city}", tags=["web"], responses=ERRORS)
HEARTBEAT_SECONDS = 15.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
# An event, not a comment: a script cannot see comments, so it could not tell a quiet talk from a proxy that holds all back.
_HEARTBEAT = "event: heartbeat\ndata: {}\n\n"


@router.get("/conversations/{conversation}/events", response_class=StreamingResponse)
async def stream(city: str, conversation: Id, request: Request, handler: Shell, after: Id = "") -> StreamingResponse:
    """Stream the turns of a conversation as server-sent events (`turn`, `heartbeat`), from `Last-Event-ID` or `after` on."""
    await require_conversation(handler, city, conversation)
    last = request.headers.get("last-event-id") or after
    return StreamingResponse(_events(handler, city, conversation, last), media_type="text/event-stream", headers=_HEADERS)


async def _events(handler: Handler, city: str, conversation: str, last: str) -> AsyncIterator[str]:
    async with handler.cache.subscribe(f"talk:{city}:{conversation}") as news:
        yield f"retry: 3000\n{_HEARTBEAT}"
        waiting: asyncio.Task[str] | None = None
        try:
            while True:
                while turns := await handler.database.read(
                    partial(turns_after, city=city, conversation=conversation, last=last)
                ):
                    for turn in turns:
                        yield _event(turn)
                    last = turns[-1].id
                waiting = waiting or asyncio.ensure_future(anext(news))
                done, _ = await asyncio.wait({waiting}, timeout=HEARTBEAT_SECONDS)
                if done:
                    waiting = None
                    if await handler.database.read(partial(load_conversation, city=city, id_=conversation)) is None:
                        return  # erased: whoever asks again is told so
                else:
                    yield _HEARTBEAT
        finally:
            if waiting:
                waiting.cancel()
                with suppress(asyncio.CancelledError, StopAsyncIteration):
                    await waiting


def _event(turn: Turn) -> str:
    return f"id: {turn.id}\nevent: turn\ndata: {json.dumps(turn_to_json(turn), ensure_ascii=False)}\n\n"
