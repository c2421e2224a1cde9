"""What each kind of event leads to: the literal tables at the end. READ THIS FIRST."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.storage.line_events import Ending, EventState, StoredEvent, events_of_message
from bot.storage.line_residents import Resident, find_resident, note_event, save_resident
from bot.storage.line_unsent import bury_message
from connectors.line import friends, questions
from connectors.line.events import Event, Kind
from connectors.line.office import Office
from connectors.line.talk import Talk

PROFILE_SECONDS = 2.0
IGNORED = Ending(EventState.IGNORED)


async def handle_event(office: Office, stored: StoredEvent) -> Ending:
    """Do what an event asks for, and return how it ended. Raises what a store or the shell raises."""
    opened = office.keys.open(stored.body)
    if opened is None:
        return Ending(EventState.UNDELIVERED, "", "other-key")
    event = Event.from_json(opened)
    if event.kind in _WITHOUT_RESIDENT:
        return await _WITHOUT_RESIDENT[event.kind](office, stored, event)
    if not event.resident:
        return await friends.nobody(office, stored, event)
    resident = await _resident(office, stored, event)
    talk = Talk(stored, event, resident, late=stored.happened_ms < resident.last_ms)
    ending = await HANDLERS[event.kind](office, talk)
    await office.database.write(lambda connection: note_event(connection, stored.city, stored.lane, stored.happened_ms))
    if event.read_token:
        await office.client(stored.city).mark_as_read(event.read_token)
    return ending


async def _resident(office: Office, stored: StoredEvent, event: Event) -> Resident:
    """Return who sent an event; somebody new is asked of LINE for their language, and kept."""
    known = await office.database.read(lambda connection: find_resident(connection, stored.city, stored.lane))
    if known is not None and known.sealed is not None:
        return known
    profile = known.profile_language if known else None
    if event.kind is not Kind.UNFOLLOW and profile is None:
        profile = await _profile_language(office, stored.city, event.resident)
    sealed = office.keys.seal(event.resident)
    values = {"sealed": sealed, "profile_language": profile}
    now = office.now()
    await office.database.write(lambda connection: save_resident(connection, stored.city, stored.lane, now, **values))
    if known is not None:
        return replace(known, sealed=sealed, profile_language=profile)
    return Resident(stored.city, stored.lane, sealed, None, profile, following=True, last_ms=0)


async def _profile_language(office: Office, city: str, resident: str) -> str | None:
    try:
        async with asyncio.timeout(PROFILE_SECONDS):
            found = await office.client(city).profile_language(resident)
    except TimeoutError:
        return None
    return office.handler.service.languages.resolve(found)


async def _unsend(office: Office, talk: Talk) -> Ending:
    """The resident took a message back: what was stored of it becomes unreadable everywhere, only a tombstone stays (L-16)."""
    city, lane = talk.city, talk.stored.lane
    found = await office.database.read(lambda connection: events_of_message(connection, city, talk.event.message))
    said = [id_ for id_, kind, _ in found if kind != Kind.UNSEND]
    await office.database.write(lambda connection: bury_message(connection, city, lane, said))
    await office.handler.cache.drop(f"conversation:{city}:{lane}")
    return IGNORED


async def _ignored(_office: Office, _stored: StoredEvent, _event: Event) -> Ending:
    return IGNORED


_WITHOUT_RESIDENT: Mapping[Kind, Callable[[Office, StoredEvent, Event], Awaitable[Ending]]] = {
    Kind.GROUP: friends.group,
    Kind.IGNORED: _ignored,
}
HANDLERS: Mapping[Kind, Callable[[Office, Talk], Awaitable[Ending]]] = {
    Kind.TEXT: questions.text,
    Kind.POSTBACK: questions.postback,
    Kind.MEDIA: questions.media,
    Kind.LOCATION: questions.location,
    Kind.UNKNOWN: questions.unknown,
    Kind.FOLLOW: friends.follow,
    Kind.UNFOLLOW: friends.unfollow,
    Kind.UNSEND: _unsend,
}
