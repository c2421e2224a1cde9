"""The FAQ that needs no JavaScript: questions by topic, search, one answer a page, and a sheet to print."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.answers import Request as Asked
from bot.answers import answer, decline
from bot.messages import BlockKind, BotError, Reply
from connectors.web.api import Shell
from connectors.web.pages import asked_by, show_page
from connectors.web.suggestions import suggestions
from faq.entry import Entry
from faq.languages import JAPANESE

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Question:
    """A published question as a page shows it: `language` is the code of the language that it is in."""

    entry: str
    language: str
    text: str


@dataclass(frozen=True)
class Shelf:
    """The questions of one topic."""

    id: str
    label: str
    questions: tuple[Question, ...]


@router.get("/{city}/faq")
async def faq_page(city: str, request: Request, handler: Shell, q: str = "", topic: str = "") -> HTMLResponse:
    """List the city's questions by topic, or those close to a search."""
    asked, language = asked_by(city, request, handler)
    found = suggestions(asked.release, q[:200], language.code, asked.now.date(), limit=10) if q.strip() else []
    shelves = [] if q.strip() else shelves_of(asked)
    alone = next((shelf for shelf in shelves if shelf.id == topic), None)
    return show_page(
        "faq.html", city, request, handler, query=q[:200], found=found, topics=[alone] if alone else shelves, alone=alone
    )


@router.get("/{city}/faq/print")
async def print_sheet(city: str, request: Request, handler: Shell, topic: str = "") -> HTMLResponse:
    """Show the questions of a topic, or of all, with their whole answers: to be printed and put up or handed out."""
    asked, _ = asked_by(city, request, handler)
    shelves = shelves_of(asked)
    shown = [shelf for shelf in shelves if shelf.id == topic] or shelves
    entries = asked.release.knowledge.entries
    sheets = [(shelf, [(one, answer(asked, entries[one.entry])) for one in shelf.questions]) for shelf in shown]
    data = faq_data([(one.text, reply) for _, rows in sheets for one, reply in rows])
    return show_page("print.html", city, request, handler, sheets=sheets, today=asked.now.date().isoformat(), data=data)


@router.get("/{city}/faq/{entry}")
async def entry_page(city: str, entry: str, request: Request, handler: Shell) -> HTMLResponse:
    """Show one question with its answer."""
    asked, _ = asked_by(city, request, handler)
    found = asked.release.knowledge.entries.get(entry)
    if found is None:
        raise BotError("unknown_entry", f"There is no question {entry!r}.", f"See /{city}/faq for all of them.", 404)
    question = question_of(asked, found)
    reply = answer(asked, found) if found.in_force(asked.now.date()) else decline(asked, key="decline.being-updated")
    topic = asked.texts.label("topic", found.topic, asked.language)
    return show_page(
        "entry.html", city, request, handler,
        question=question, reply=reply, topic=(found.topic, topic), data=faq_data([(question.text, reply)]),
    )  # fmt: skip


def question_of(asked: Asked, entry: Entry) -> Question:
    """Return an entry's question in the nearest language."""
    language, text = asked.release.languages.choose(entry.texts, asked.language) or (JAPANESE, entry.texts[JAPANESE])
    return Question(entry.id, language, text.question)


def shelves_of(asked: Asked) -> list[Shelf]:
    """Return the topics that have questions, in menu order."""
    shelves = []
    for topic in asked.release.topics.menu_of:
        today = asked.now.date()
        entries = [entry for entry in asked.release.knowledge.by_topic.get(topic, []) if entry.in_force(today)]
        if entries:
            label = asked.texts.label("topic", topic, asked.language)
            shelves.append(Shelf(topic, label, tuple(question_of(asked, entry) for entry in entries)))
    return shelves


def faq_data(rows: Iterable[tuple[str, Reply]]) -> str:
    """Return questions with their answers as schema.org FAQPage (JSON-LD), safe to stand inside a page."""
    questions = [
        {"@type": "Question", "name": question, "acceptedAnswer": {"@type": "Answer", "text": _plain(reply)}}
        for question, reply in rows
    ]
    data = {"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": questions}
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _plain(reply: Reply) -> str:
    return "\n".join(block.text for block in reply.blocks if block.kind is not BlockKind.LINK)
