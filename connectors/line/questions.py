"""Questions on LINE: words, taps, pictures and places go through the same shell as on the web."""

import asyncio
from dataclasses import replace

from bot.messages import Block, Choice, Message, Outcome, Turn
from bot.storage.line_events import Ending, EventState, events_of_message
from bot.storage.line_residents import save_resident
from connectors.line.events import Kind
from connectors.line.handoff import with_link
from connectors.line.office import Office
from connectors.line.postbacks import OUTDATED, open_choice
from connectors.line.talk import Talk, send_reply, show_menu

# An answer that takes longer than this is announced by LINE's animation (L-35).
SLOW_SECONDS = 2.0


async def text(office: Office, talk: Talk) -> Ending:
    """Words: the bot answers, unless they were taken back before they came."""
    if await _was_unsent(office, talk):
        return Ending(EventState.IGNORED, detail="unsent")
    return await _asked(office, talk, talk.event.text, talk.language)


async def postback(office: Office, talk: Talk) -> Ending:
    """A tapped button: its value, or the day that was picked (in Asia/Tokyo, L-34)."""
    value = open_choice(office.keys, talk.city, talk.event.data)
    picked = talk.event.picked if value != OUTDATED else ""
    return await _asked(office, talk, picked.replace("T", " ") or value, _without_words(talk))


async def media(office: Office, talk: Talk) -> Ending:
    """A picture, a sticker, a file: not looked at; the resident is asked for words (L-17)."""
    return await _asked(office, talk, "", _without_words(talk), "line.no-media")


async def unknown(office: Office, talk: Talk) -> Ending:
    """Something that LINE invented after us: the resident is asked for words (L-14)."""
    return await _asked(office, talk, "", _without_words(talk))


async def location(office: Office, talk: Talk) -> Ending:
    """A place on the map: not stored; where it counts, on garbage days, the district is asked for (L-17)."""
    return await _asked(office, talk, "say:collection", _without_words(talk), "line.location")


def _without_words(talk: Talk) -> str | None:
    """Return the language for what has no words to tell it by: Japanese where nothing else is known."""
    return talk.language or ("ja" if talk.is_first else None)


async def _asked(office: Office, talk: Talk, text: str, language: str | None, lead: str = "") -> Ending:
    """Have a message answered, and send the answer."""
    message = Message(
        talk.city, text, "line", talk.stored.lane, language, talk.event.id, opens=True, late=talk.late,
        chosen=talk.resident.language is not None,
    )  # fmt: skip
    turn = await _answered(office, talk, message)
    await _remember_language(office, talk, turn)
    reply = await with_link(office, talk.city, talk.stored.lane, turn.reply)
    if text == OUTDATED and not reply.choices:
        reply = replace(reply, choices=(Choice(office.sayer(talk.city, reply.language)("choice.menu"), "say:menu"),))
    if lead:
        said = office.sayer(talk.city, reply.language)(lead)
        reply = replace(reply, blocks=(Block(said, reply.language), *reply.blocks))
    return await send_reply(office, talk, reply)


async def _answered(office: Office, talk: Talk, message: Message) -> Turn:
    """Return the turn of a message; while it takes long, LINE shows that an answer is on its way."""
    answering = asyncio.ensure_future(office.garbage.handle(message))
    try:
        done, _ = await asyncio.wait({answering}, timeout=SLOW_SECONDS)
        if not done:
            await office.client(talk.city).show_loading(talk.event.resident)
        return await answering
    finally:
        answering.cancel()


async def _remember_language(office: Office, talk: Talk, turn: Turn) -> None:
    """Keep a language that the resident chose; it outlives the conversation and a block (L-38)."""
    asks = any(choice.value.startswith("language:") for choice in turn.reply.choices)
    if turn.reply.outcome is not Outcome.LANGUAGE_CHANGED or asks or talk.late:
        return
    language, now = turn.reply.language, office.now()
    await office.database.write(lambda connection: save_resident(connection, talk.city, talk.stored.lane, now, language=language))
    await show_menu(office, talk, language)


async def _was_unsent(office: Office, talk: Talk) -> bool:
    found = await office.database.read(lambda connection: events_of_message(connection, talk.city, talk.event.message))
    return any(kind == Kind.UNSEND for _, kind, _ in found)
