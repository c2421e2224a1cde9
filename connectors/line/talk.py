"""One event with the resident it comes from, and how an answer to it is sent."""

from dataclasses import dataclass
from typing import Any

import structlog

from bot.messages import Reply
from bot.storage.line_events import Ending, StoredEvent
from bot.storage.line_residents import Resident
from connectors.line.errors import LineError
from connectors.line.events import Event
from connectors.line.office import Office
from connectors.line.postbacks import seal_choice
from connectors.line.render import Page, render
from connectors.line.sending import Outgoing, send
from connectors.line.setup import link_menu

_log = structlog.get_logger("madoguchi.line")


@dataclass(frozen=True)
class Talk:
    """One event with the resident it comes from. `late` says that newer ones were handled before (L-09)."""

    stored: StoredEvent
    event: Event
    resident: Resident
    late: bool

    @property
    def city(self) -> str:
        """The city asked."""
        return self.stored.city

    @property
    def language(self) -> str | None:
        """The resident's own choice; for a first message what LINE's profile says (L-38)."""
        return self.resident.language or (self.resident.profile_language if self.is_first else None)

    @property
    def is_first(self) -> bool:
        """Say whether the resident has told us nothing before."""
        return self.resident.last_ms == 0


async def send_reply(office: Office, talk: Talk, reply: Reply) -> Ending:
    """Send a reply to the resident of a talk, and return how it ended."""
    quote = talk.event.quote_token if talk.late or talk.stored.attempts > 1 else ""
    messages = render(reply, page_of(office, talk.city, reply), quote)
    return await send(office, outgoing(talk, messages, reply.language))


def outgoing(talk: Talk, messages: list[dict[str, Any]], language: str) -> Outgoing:
    """Return messages on their way to the resident of a talk."""
    return Outgoing(
        talk.city, talk.event.id, talk.stored.lane, talk.event.resident, messages, language,
        reply_token=talk.event.reply_token, resumed=talk.stored.leaving, following=talk.resident.following,
    )  # fmt: skip


def page_of(office: Office, city: str, reply: Reply) -> Page:
    """Return what rendering needs for a city's reply."""
    release = office.handler.service.release(city)
    public = office.settings.public_url.rstrip("/")
    address = f"{public}/{city}/faq/{reply.entry}?lang={reply.language}" if public and reply.entry else reply.source or ""
    return Page(
        office.sayer(city, reply.language), lambda value: seal_choice(office.keys, city, value, str(release.number)), address
    )


async def show_menu(office: Office, talk: Talk, language: str) -> None:
    """Show the resident the rich menu of a language; without menus (`madoguchi line setup`) nothing changes (L-39)."""
    try:
        await link_menu(office.client(talk.city), talk.event.resident, language)
    except LineError as error:
        _log.info("menu not linked", city=talk.city, language=language, refusal=error.refusal.value)
