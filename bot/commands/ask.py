"""`madoguchi ask`: what a resident would get, for one question or a file of them."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.handler import now_in_japan
from bot.messages import Conversation, Message
from bot.service import Answered, Service, open_service
from bot.settings import Settings
from faq.errors import ContentError, Problem
from faq.evaluation_files import read_json_lines
from faq.release import ENTRY, ITEM, Release


def ask_one(settings: Settings, city: str, language: str | None, text: str, out: Console, *, as_json: bool) -> None:
    """Ask one question and print the reply."""
    service = open_service(settings, _served(settings, city))
    answered = _respond(service, city, language, text)
    if as_json:
        out.print_json(json.dumps(decision_to_json(answered, service.release(city), text), ensure_ascii=False))
        return
    reply = answered.reply
    for block in reply.blocks:
        out.print(block.text + (f"\n{block.url}" if block.url else ""), markup=False)
    for number, choice in enumerate(reply.choices, start=1):
        out.print(f"  {number}. {choice.label}", markup=False)
    if reply.contact:
        who = reply.contact
        out.print(f"[{' · '.join(part for part in (who.department, who.phone, who.hours) if part)}]", markup=False)
    sure = f" · {reply.probability:.2f}" if reply.probability is not None else ""
    out.print(f"({reply.decision} · {reply.entry or reply.outcome} · {reply.version or '-'}{sure})", style="dim", markup=False)


def ask_file(settings: Settings, city: str, language: str | None, file: Path) -> None:
    """Ask every question of a JSON Lines file and print one JSON decision a line."""
    service = open_service(settings, _served(settings, city))
    release = service.release(city)
    for line, row in read_json_lines(file):
        if not isinstance(row.get("query"), str):
            raise ContentError([Problem(file, line, "query is missing; every line needs it")])
        answered = _respond(service, city, language or row.get("language"), row["query"])
        sys.stdout.write(json.dumps(decision_to_json(answered, release, row["query"]), ensure_ascii=False) + "\n")


def _served(settings: Settings, city: str) -> list[str] | None:
    """Load only the city that is asked; an unknown one gets the error that lists all."""
    return [city] if city in settings.files.city_ids() else None


def _respond(service: Service, city: str, language: str | None, text: str) -> Answered:
    conversation = Conversation("ask", city, "command", service.languages.resolve(language))
    return service.respond(replace(Message(city, text), language=language), conversation, now_in_japan())


def decision_to_json(answered: Answered, release: Release, query: str) -> dict[str, Any]:
    """Return one decision in the form of the contract (design §4)."""
    reply, understood = answered.reply, answered.understanding
    item = understood.item.hits[0].key if understood and understood.item.hits else ""
    shown = item.removeprefix(ITEM) if item.startswith(ITEM) and reply.outcome in ("sorted", "declined") else None
    sorting = release.knowledge.garbage.sortings.get(shown or "")
    hits = [hit for hit in understood.hits if hit.key.startswith(ENTRY)] if understood else []
    return {
        "query": query,
        "language": reply.language,
        "decision": reply.decision.value,
        "outcome": reply.outcome.value,
        "entry": reply.entry,
        "probability": reply.probability,
        "hits": [{"entry": hit.key.removeprefix(ENTRY).split("@")[0], "probability": round(hit.probability, 4)} for hit in hits],
        "item": shown if reply.outcome == "sorted" else None,
        "category": sorting.category if sorting and reply.outcome == "sorted" else None,
        "text": reply.text,
    }
