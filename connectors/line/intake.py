"""The webhook of each city: verified on the raw bytes, stored for good, acknowledged; the work comes later (L-01 to L-08).

Nothing here waits for the search, for Redis, or for answers being stored. Where the database is slow, events go to a file.
"""

import asyncio
import hmac
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from bot.line_limits import BODY_BYTES
from bot.messages import BotError
from bot.storage.line_events import StoredEvent, event_row
from connectors.line.channels import Channel
from connectors.line.events import Event, Kind, kinds_of, read_webhook
from connectors.line.keys import signature
from connectors.line.office import Office

_log = structlog.get_logger("madoguchi.line")
router = APIRouter(tags=["line"])
# So long the database may take before events go to the spool.
PATIENCE_SECONDS, SPOOL_SECONDS = 0.08, 0.3


@router.post("/line/{city}/webhook")
async def webhook(city: str, request: Request, x_line_signature: Annotated[str, Header()] = "") -> Response:
    """Take in what LINE tells. 200 once it is stored, 4xx for what LINE did not send, 503 where it could not be stored."""
    office: Office | None = getattr(request.app.state, "line", None)
    channel = office.channels.get(city) if office else None
    if office is None or channel is None:
        raise BotError("unknown_channel", f"{city!r} has no LINE channel here.", "See LINE_CHANNELS in docs/line.md.", 404)
    office.taking_in += 1
    try:
        return await _taken_in(office, channel, await _body(request), x_line_signature)
    finally:
        office.taking_in -= 1


async def _taken_in(office: Office, channel: Channel, body: bytes, given: str) -> Response:
    city = channel.city
    _require_signature(channel, body, given)
    destination, events = read_webhook(body)
    if events and destination != channel.bot_id:
        _log.warning("webhook for another bot dropped", city=city, events=len(events))
        return JSONResponse({})
    if events:
        _log.info("line events", city=city, kinds=kinds_of(events))
        await take_in(office, [stored(office, city, event) for event in events])
    return JSONResponse({})


async def _body(request: Request) -> bytes:
    """Return the raw bytes. Raises BotError where there are more than LINE ever sends."""
    size, parts = 0, []
    async for part in request.stream():
        size += len(part)
        if size > BODY_BYTES:
            raise BotError("too_large", "The body is too large.", f"LINE sends at most {BODY_BYTES} bytes.", 413)
        parts.append(part)
    return b"".join(parts)


def _require_signature(channel: Channel, body: bytes, given: str) -> None:
    expected = [signature(secret, body).encode() for secret in channel.secrets]
    if not any(hmac.compare_digest(one, given.strip().encode()) for one in expected):
        hint = "Sign the raw bytes with the channel secret."
        raise BotError("bad_signature", "The signature does not fit the body.", hint, 401)


def stored(office: Office, city: str, event: Event) -> StoredEvent:
    """Return an event as it waits: sealed, in the lane of its resident; what is not for us keeps neither words nor persons."""
    if event.kind in (Kind.GROUP, Kind.IGNORED):
        event = replace(event, resident="", message="", text="", data="")
    lane = office.keys.conversation(city, event.resident) if event.resident else event.id
    sealed = office.keys.seal(event.to_json())
    return StoredEvent(city, event.id, lane, event.kind.value, event.message, event.happened_ms, sealed)


async def take_in(office: Office, events: Sequence[StoredEvent]) -> None:
    """Store events, all or none; return once they cannot be lost any more. Raises BotError where that failed."""
    if not await _into_database(office, events):
        try:
            await asyncio.to_thread(office.spool.keep, events)
        except OSError as error:
            _log.error("events not stored", kind=type(error).__name__)
            raise BotError("not_stored", "The events could not be stored.", "Send them again.", 503) from error
    office.awake.set()


async def _into_database(office: Office, events: Sequence[StoredEvent]) -> bool:
    """Say whether the events are stored in time. Once they were not, nobody waits until a write has come through again."""
    if office.doubted is not None:
        if office.doubted.done():
            office.doubted = _begin(office, events)
        return False
    writing = _begin(office, events)
    done, _ = await asyncio.wait({writing}, timeout=PATIENCE_SECONDS)
    if done and writing.exception() is None:
        return True
    office.doubted = office.doubted or writing
    return False


def _begin(office: Office, events: Sequence[StoredEvent]) -> "asyncio.Future[None]":
    """Begin to store events; however late it succeeds, the database is trusted again."""

    def seen(done: "asyncio.Future[None]") -> None:
        if done.cancelled():
            return
        if isinstance(error := done.exception(), SQLAlchemyError):
            _log.warning("database slow or away, events went to the spool", kind=type(error).__name__)
        elif error is None:
            office.doubted = None

    writing = asyncio.ensure_future(save_events(office, events))
    writing.add_done_callback(seen)
    return writing


async def save_events(office: Office, events: Sequence[StoredEvent]) -> None:
    """Store events in one transaction; those that are there already stay as they are."""
    dialect, now = office.database.engine.dialect.name, office.now()
    await office.database.write([event_row(dialect, event, now) for event in events])


async def empty_spool(office: Office) -> int:
    """Bring what waits on the disk into the database; return how many files there were. Raises SQLAlchemyError."""
    paths = await asyncio.to_thread(office.spool.waiting)
    for path in paths:
        await save_events(office, await asyncio.to_thread(office.spool.read, path))
        await asyncio.to_thread(office.spool.drop, path)
        office.awake.set()
    return len(paths)


async def keep_spool_empty(office: Office) -> None:
    """Bring what waits on the disk into the database as soon as it takes it, until cancelled."""
    while True:
        try:
            await empty_spool(office)
        except (SQLAlchemyError, OSError, ValueError) as error:
            _log.warning("spool waits", kind=type(error).__name__)
        await asyncio.sleep(SPOOL_SECONDS)
