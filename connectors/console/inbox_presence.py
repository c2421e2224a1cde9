"""Who has which ticket open, and who is typing: kept in the cache for seconds, shared by all processes."""

from dataclasses import dataclass
from datetime import timedelta

from bot.handler import Handler
from bot.handoff import Officer

# A page says every ten seconds that it is open; one that says nothing has gone.
HERE = timedelta(seconds=30)
TYPING = timedelta(seconds=10)
_Rows = dict[str, dict[str, list[object]]]


@dataclass(frozen=True)
class Present:
    """Somebody who has a ticket open."""

    id: str
    name: str
    typing: bool


async def present(handler: Handler, city: str) -> dict[str, list[Present]]:
    """Return who has which ticket of a city open, by ticket number."""
    now = handler.clock().timestamp()
    return {number: _people(rows, now) for number, rows in (await _rows(handler, city)).items()}


async def note_presence(handler: Handler, city: str, number: str, officer: Officer, *, typing: bool) -> None:
    """Note that somebody has a ticket open; the others are told where that is new."""
    now = handler.clock()
    until, typed = (now + HERE).timestamp(), (now + TYPING).timestamp() if typing else 0.0
    await _change(handler, city, number, officer.id, [officer.name, until, typed])


async def forget_presence(handler: Handler, city: str, number: str, officer: Officer) -> None:
    """Note that somebody has closed a ticket's page."""
    await _change(handler, city, number, officer.id, None)


async def _change(handler: Handler, city: str, number: str, officer: str, row: list[object] | None) -> None:
    now = handler.clock().timestamp()
    async with handler.cache.lock(f"presence:{city}"):
        kept = await _rows(handler, city)
        rows = {id_: one for id_, one in kept.get(number, {}).items() if _is_there(one, now)}
        before = _people(rows, now)
        rows.pop(officer, None)
        if row is not None:
            rows[officer] = row
        kept = {one: found for one, found in {**kept, number: rows}.items() if any(_is_there(r, now) for r in found.values())}
        await handler.cache.put(_key(city), kept, HERE.total_seconds() * 2)
    if _people(rows, now) != before:
        await handler.cache.publish(f"desk:{city}", number)


async def _rows(handler: Handler, city: str) -> _Rows:
    found: _Rows = await handler.cache.get(_key(city)) or {}
    return found


def _people(rows: dict[str, list[object]], now: float) -> list[Present]:
    found = [Present(id_, str(row[0]), float(str(row[2])) > now) for id_, row in rows.items() if _is_there(row, now)]
    return sorted(found, key=lambda one: one.id)


def _is_there(row: list[object], now: float) -> bool:
    return float(str(row[1])) > now


def _key(city: str) -> str:
    return f"presence:{city}"
