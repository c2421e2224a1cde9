"""How a city's LINE is doing: the month's messages, what could not be answered and why, reminders, settings."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fastapi import Request, Response
from sqlalchemy import Connection

from bot.storage.line_events import count_undelivered
from bot.storage.line_overview import Overview, overview
from bot.storage.line_sent import load_quota
from bot.storage.line_spool import spool_in
from bot.storage.staff import Staff
from bot.storage.times import in_japan
from connectors.console.gate import console_router, current_staff, record
from connectors.console.pages import city_name, language_of, page
from connectors.console.permissions import Permission, cities_of, departments_of
from connectors.console.sessions import handler_of, settings_of
from connectors.console.texts import say, texts

router = console_router()
_SINCE = timedelta(days=7)
# Of a month's messages; from here on staff are told.
_SCARCE = 0.9
STATES = ("planned", "sent", "missed", "no-quota", "failed")
UNKNOWN = "reply-unknown"


@router.get("/{city}/line")
async def line_page(request: Request, city: str) -> Response:
    """Show the last seven days. Residents' (masked) words only to those who may read every talk of the city; that is logged."""
    handler, person = handler_of(request), current_staff(request)
    now = handler.clock()
    view = await handler.database.read(lambda connection: overview(connection, city, now - _SINCE))
    reads = reads_words(person, city)
    if reads and any(one.text for one in view.undelivered):
        await record(request, "line-words-read", city=city, detail={"events": str(len(view.undelivered))})
    spool = spool_in(settings_of(request).var_dir)
    said = texts(language_of(request))
    return page(
        request, "line.html", view=view, now=now, reads=reads, waiting_files=spool.count(), states=STATES,
        asked_at=in_japan(view.quota.checked_at) if view.quota else None, spent=_spent(view, now), failures=_failures(view),
        unknown=sum(one.reason == UNKNOWN for one in view.undelivered),
        reason_of=lambda reason: said.get(f"line.reason.{reason}") or say(language_of(request), "line.reason.other", what=reason),
        kind_of=lambda kind: said.get(f"line.kind.{kind}", kind),
    )  # fmt: skip


def reads_words(person: Staff, city: str) -> bool:
    """Say whether somebody may read what residents wrote, whatever department it belongs to."""
    return departments_of(person, Permission.DESK_READ, city) is None


async def line_troubles(request: Request) -> list[tuple[str, str, int]]:
    """Return (city, key, number) of what staff should look at on LINE, in the cities whose channel they may see."""
    handler = handler_of(request)
    cities = cities_of(current_staff(request), Permission.LINE_READ, list(handler.service.releases))
    now = handler.clock()

    def _read(connection: Connection) -> list[tuple[str, str, int]]:
        return [(city, key, number) for city in cities for key, number in _troubles(connection, city, now)]

    return await handler.database.read(_read) if cities else []


def _troubles(connection: Connection, city: str, now: datetime) -> Sequence[tuple[str, int]]:
    found, quota = [], load_quota(connection, city)
    if count := count_undelivered(connection, city, now - _SINCE):
        found.append(("line-undelivered", count))
    if quota and quota.most is not None and quota.used >= quota.most * _SCARCE:
        found.append(("line-quota", max(0, quota.most - quota.used)))
    return found


def line_name(request: Request, city: str) -> str:
    """Return a city's name for a card."""
    return city_name(request, city, language_of(request))


def _spent(view: Overview, now: datetime) -> bool:
    return view.quota is not None and view.quota.spent_month == now.strftime("%Y-%m")


def _failures(view: Overview) -> list[tuple[str, str, int]]:
    """Return (way, refusal, number) of requests that LINE refused, the most frequent first."""
    failed = [(way, refusal, number) for (way, state, refusal), number in view.requests.items() if state == "failed"]
    return sorted(failed, key=lambda row: -row[2])
