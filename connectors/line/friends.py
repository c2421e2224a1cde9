"""Friends come and go: the greeting with its notice, the end of all pushes, and no talk in groups."""

from dataclasses import replace

from sqlalchemy import Connection

from bot.desk.memory import forget
from bot.messages import Block, Choice, Conversation, Decision, Outcome, Reply
from bot.storage.conversations import load_conversation, save_conversation
from bot.storage.line_events import Ending, EventState, StoredEvent, drop_waiting
from bot.storage.line_reminders import forget_rows
from bot.storage.line_residents import save_resident
from connectors.line.events import Event
from connectors.line.handoff import resident_left
from connectors.line.office import Office
from connectors.line.render import text_message
from connectors.line.sending import Outgoing, send
from connectors.line.talk import Talk, send_reply, show_menu

IGNORED = Ending(EventState.IGNORED)


async def follow(office: Office, talk: Talk) -> Ending:
    """A new friend gets the notice and the languages; one who comes back a shorter welcome in their language (L-51, P-01)."""
    now = office.now()
    await office.database.write(
        lambda connection: save_resident(connection, talk.city, talk.stored.lane, now, following=True, erase_at=None)
    )
    language = talk.resident.language or talk.resident.profile_language or "ja"
    again = talk.event.unblocked
    reply = welcome(office, talk.city, language, again=again)
    followed = replace(talk, resident=replace(talk.resident, following=True))
    await _offer(office, talk, reply)
    ending = await send_reply(office, followed, reply)
    await show_menu(office, talk, language)
    return ending


async def _offer(office: Office, talk: Talk, reply: Reply) -> None:
    """Remember the choices of a greeting, so that they can be typed by number too (L-32)."""
    city, lane, now = talk.city, talk.stored.lane, office.now()
    language = talk.resident.language or talk.resident.profile_language

    def remember(connection: Connection) -> None:
        known = load_conversation(connection, city, lane) or Conversation(lane, city, "line", language)
        save_conversation(connection, replace(known, choices=reply.choices), now)

    await office.handler.database.write(remember)
    await forget(office.handler.cache, city, lane)


def welcome(office: Office, city: str, language: str, *, again: bool) -> Reply:
    """Return the greeting: who answers, what is kept, the languages."""
    request, channel = office.request(city, language), office.channels[city]
    keys = ["line.welcome-back" if again else "welcome"]
    keys += ["welcome.fictional"] if request.release.knowledge.city.fictional else []
    keys += [] if again else ["line.notice"]
    said = [request.say(key, days=channel.forget_after_days) for key in keys]
    choices = [Choice(request.say("choice.menu"), "say:menu")] if again else []
    choices += [] if again else [Choice(row.name, f"language:{row.code}") for row in request.release.languages]
    blocks = tuple(Block(text, language) for text in said)
    return Reply(Decision.ACT, Outcome.CONVERSED, language, blocks, tuple(choices))


async def unfollow(office: Office, talk: Talk) -> Ending:
    """The resident blocked us: nothing is pushed any more, what waits is dropped, and the clock of deletion starts (L-51)."""
    now = office.now()
    erase_at = now + office.forgets_after(talk.city)
    await office.database.write(
        lambda connection: save_resident(connection, talk.city, talk.stored.lane, now, following=False, erase_at=erase_at)
    )
    await office.database.write(
        lambda connection: drop_waiting(connection, talk.city, talk.stored.lane, talk.stored.happened_ms, now)
    )
    await office.database.write(forget_rows(talk.city, talk.stored.lane))
    await resident_left(office, talk.city, talk.stored.lane)
    return IGNORED



async def group(office: Office, stored: StoredEvent, event: Event) -> Ending:
    """We do not talk in groups: say so where we may, and leave; nothing of it is kept (L-41)."""
    if event.type == "join" and event.reply_token:
        texts = [office.sayer(stored.city, language)("line.no-groups") for language in ("ja", "en")]
        message = text_message("\n\n".join(texts))
        await send(office, Outgoing(stored.city, stored.id, "", "", [message], "ja", reply_token=event.reply_token))
    if event.place and event.source in ("group", "room"):
        await office.client(stored.city).leave(event.source, event.place)
    return replace(IGNORED, detail="group")


async def nobody(office: Office, stored: StoredEvent, event: Event) -> Ending:
    """An event that names nobody: where LINE gives a reply token, say that we read words only; there is no talk to keep."""
    if not event.reply_token:
        return IGNORED
    message = text_message(office.sayer(stored.city, "ja")("unreadable"))
    return await send(
        office, Outgoing(stored.city, stored.id, "", "", [message], "ja", reply_token=event.reply_token, resumed=stored.leaving)
    )
