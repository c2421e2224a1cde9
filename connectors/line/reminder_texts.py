"""The words of a reminder: which bins are collected on a day in a district, in the resident's language. No network here."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from actions.days import day_text
from actions.sort_item import category_name
from bot.answers import Request
from faq.garbage.calendar import Calendar
from faq.garbage.reminders import Reminder, reminder

EVENING, MORNING, NEVER = "evening", "morning", "never"


def reminder_text(request: Request, district_id: str, bins: Sequence[str], slot: str, day: date) -> str | None:
    """Return what to send for a day of collection; None where there is nothing to say: no such district, nothing collected."""
    calendar = request.release.knowledge.garbage.calendar
    district = calendar.districts.get(district_id)
    found = reminder(calendar, district, day - timedelta(days=1)) if district else None
    wanted = _wanted(found, bins) if found else None
    if wanted is None:
        return None
    lines = _lines(request, wanted, slot)
    return "\n".join([*lines, request.say("line.reminders.footer", stop=request.say("line.reminders.stop"))])


def messages_ahead(calendar: Calendar, wishes: Iterable[tuple[str, Sequence[str], int]], start: date, days: int = 30) -> int:
    """Return how many messages the wishes (district, bins, residents) will cost in the days from `start` on."""
    ahead = [start + timedelta(days=offset) for offset in range(days)]
    return sum(residents * sum(_is_told(calendar, id_, bins, day) for day in ahead) for id_, bins, residents in wishes)


def _is_told(calendar: Calendar, district_id: str, bins: Sequence[str], day: date) -> bool:
    district = calendar.districts.get(district_id)
    found = reminder(calendar, district, day - timedelta(days=1)) if district else None
    return found is not None and _wanted(found, bins) is not None


def _wanted(found: Reminder, bins: Sequence[str]) -> Reminder | None:
    """Return the reminder without the bins that nobody asked for; None where none is left."""
    if not bins:
        return found
    kept = [tuple(name for name in names if name in bins) for names in (found.categories, found.stopped)]
    return replace(found, categories=kept[0], stopped=kept[1]) if any(kept) else None


def _lines(request: Request, found: Reminder, slot: str) -> list[str]:
    day, lines = day_text(request, found.day), []
    if found.categories:
        key = "line.reminders.tomorrow" if slot == EVENING else "line.reminders.today"
        names = bin_names(request, found.categories)
        lines.append(request.say(key, day=day, categories=names, district=district_name(request, found.district)))
    if found.stopped:
        lines.append(request.say("line.reminders.no-collection", day=day, categories=bin_names(request, found.stopped)))
    if request.release.knowledge.city.fictional:
        lines.append(request.say("answer.fictional"))
    return lines


def bin_names(request: Request, bins: Sequence[str]) -> str:
    """Return the names of bins, one after the other; all of them where none is named."""
    if not bins:
        return request.say("line.reminders.all")
    known = request.release.knowledge.garbage.categories
    return request.say("answer.list-joiner").join(category_name(request, known[name]) for name in bins if name in known)


def district_name(request: Request, district_id: str) -> str:
    """Return a district's name in the resident's language, its id where it has gone."""
    district = request.release.knowledge.garbage.calendar.districts.get(district_id)
    found = request.release.languages.choose(district.name, request.language) if district else None
    return found[1] if found else district_id


def slot_name(request: Request, slot: str) -> str:
    """Return when a slot reminds: the day before at 19:00, the same day at 7:00, or never."""
    if slot == NEVER:
        return request.say("line.reminders.never")
    return request.say(f"line.reminders.{slot}", time="19:00" if slot == EVENING else "7:00")
