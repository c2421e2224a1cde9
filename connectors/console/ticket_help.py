"""What helps an officer to answer: published answers that may fit, and canned replies with everything filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.answers import Request as Asked
from bot.answers import answer
from bot.desk.canned import render
from bot.handoff import Ticket
from bot.messages import BotError
from bot.service import Service
from bot.storage.canned import CannedReply
from connectors.console.ticket_talk import plain
from faq.entry import Entry
from faq.release import ENTRY

_SHOWN = 5
# Below this an entry is a guess that costs an officer time.
_LIKELY = 0.02


@dataclass(frozen=True)
class Suggestion:
    """A published answer that may fit, in the resident's language. `probability` is 0–1; `confirmed_on` an ISO date or empty."""

    entry: str
    title: str
    probability: float
    text: str
    language: str
    source: str
    confirmed_on: str


@dataclass(frozen=True)
class Prepared:
    """A canned reply with its variables filled. `wrong` says what cannot be filled; then there is no text."""

    id: str
    title: str
    text: str
    wrong: str = ""


def asked_of(service: Service, ticket: Ticket, now: datetime) -> Asked:
    """Return an empty request in the language of a ticket."""
    return service.greeting(service.release(ticket.city), ticket.language, now)


def suggestions(asked: Asked, question: str) -> list[Suggestion]:
    """Return the published answers nearest to a question, the likeliest first."""
    found = [(entry, chance) for entry, chance in nearest(asked, question) if chance >= _LIKELY]
    return [_suggestion(asked, entry, chance) for entry, chance in found[:_SHOWN]]


def nearest(asked: Asked, question: str) -> list[tuple[Entry, float]]:
    """Return the entries nearest to a question with their probability (0–1), without those that are out of force."""
    if not question.strip():
        return []
    release = asked.release
    hits = release.finder.find(question[:1000], [asked.release.languages[asked.language].search_group], top=15)
    found = [hit for hit in release.own_first(hits) if hit.key.startswith(ENTRY)]
    entries = [(release.entry(hit.key), hit.probability) for hit in found]
    return [(entry, chance) for entry, chance in entries if entry and entry.in_force(asked.now.date())]


def suggestion_of(asked: Asked, entry: str) -> Suggestion | None:
    """Return an entry's published answer; None where there is none of this id."""
    found = asked.release.knowledge.entries.get(entry)
    return _suggestion(asked, found, 0.0) if found else None


def _suggestion(asked: Asked, entry: Entry, probability: float) -> Suggestion:
    reply = answer(asked, entry)
    language, text = asked.release.languages.choose(entry.texts, asked.language) or ("ja", entry.texts["ja"])
    return Suggestion(
        entry.id, text.question, probability, plain(reply.blocks), language, reply.source or "", reply.confirmed_on or ""
    )


def prepared(asked: Asked, canned: Sequence[CannedReply], ticket: Ticket) -> list[Prepared]:
    """Return the approved canned replies of a ticket's department, in the resident's language, ready to send."""
    return [_prepared(asked, one, ticket) for one in canned if one.state == "approved"]


def _prepared(asked: Asked, canned: CannedReply, ticket: Ticket) -> Prepared:
    try:
        return Prepared(canned.id, canned.title, render(canned, asked, ticket))
    except BotError as error:
        return Prepared(canned.id, canned.title, "", error.message)
