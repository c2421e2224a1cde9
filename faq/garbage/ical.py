"""Writes the collection days of a district as an iCalendar file (RFC 5545), which telephones subscribe to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from faq.garbage.calendar import Calendar, Collection, District

_LONGEST_LINE = 75  # octets, RFC 5545 §3.1
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True)
class CalendarNames:
    """What stands in the file, in one language: its title, the name of each bin; `domain` makes its ids the city's own."""

    title: str
    categories: Mapping[str, str]
    domain: str
    language: str = "ja"


def ical(calendar: Calendar, district: District, names: CalendarNames, start: date, days: int) -> str:
    """Return the file's text: an all-day event for every collection from `start` (inclusive) for so many days.

    An event keeps its UID whatever the language and the day of asking, so that a calendar never shows it twice.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Madoguchi//Garbage//{names.language.upper()}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(names.title)}",
        "X-WR-TIMEZONE:Asia/Tokyo",
    ]
    for collection in calendar.upcoming(district, start, days):
        lines += _event(collection, district, names, start)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(collection: Collection, district: District, names: CalendarNames, start: date) -> list[str]:
    day, category = collection.day, collection.category
    name = names.categories.get(category, category)
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(f'{day:%Y%m%d}-{category}-{district.id}@{names.domain}')}",
        f"DTSTAMP:{start:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY;LANGUAGE={names.language}:{_escaped(name)}",
        f"CATEGORIES;LANGUAGE={names.language}:{_escaped(name)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    """Return a TEXT value (RFC 5545 §3.3.11); control characters other than line breaks go."""
    one_break = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in one_break if c == "\n" or (ord(c) >= 32 and ord(c) != 127)).translate(_ESCAPES)


def _folded(line: str) -> Iterator[str]:
    """Yield a line in parts of at most 75 octets, no character torn; parts after the first begin with a space."""
    part = ""
    for character in line:
        if len((part + character).encode()) > _LONGEST_LINE:
            yield part
            part = " "
        part += character
    yield part
