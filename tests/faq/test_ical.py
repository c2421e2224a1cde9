"""Collection days as iCalendar, and what to remind of in the evening."""

from datetime import date, datetime, timedelta

import httpx
import pytest

from faq.garbage.calendar import Calendar, Closure, District, parse_schedule
from faq.garbage.ical import CalendarNames, ical
from faq.garbage.reminders import reminder

NORTH = District("north", {"ja": "北"}, (), {"burnable": parse_schedule("木"), "paper": parse_schedule("水1")})
YEAR_END = Calendar({"north": NORTH}, (Closure(date(2026, 12, 31), date(2027, 1, 3), (), date(2027, 1, 5)),))
NAMES = CalendarNames("星見市 北, 南", {"burnable": "燃やすごみ; 袋\\で\n朝に", "paper": "長い" * 40}, "hoshimi.madoguchi")


def unfolded(text: str) -> list[str]:
    """Return the content lines as a reader of RFC 5545 sees them."""
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_lines_are_short_ended_by_crlf_and_no_character_is_torn() -> None:
    """RFC 5545 §3.1: 75 octets at most."""
    text = ical(YEAR_END, NORTH, NAMES, date(2026, 11, 1), 60)
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    lines = text.encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)
    assert f"SUMMARY;LANGUAGE=ja:{'長い' * 40}" in unfolded(text)


def test_an_event_says_its_day_and_escapes_its_words() -> None:
    """All-day events whose end is the day after; commas, semicolons, backslashes and line breaks are escaped."""
    lines = unfolded(ical(YEAR_END, NORTH, NAMES, date(2026, 12, 3), 1))
    assert "X-WR-CALNAME:星見市 北\\, 南" in lines
    assert "SUMMARY;LANGUAGE=ja:燃やすごみ\\; 袋\\\\で\\n朝に" in lines
    assert {"DTSTART;VALUE=DATE:20261203", "DTEND;VALUE=DATE:20261204"} <= set(lines)
    assert "UID:20261203-burnable-north@hoshimi.madoguchi" in lines
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1


def test_uids_are_stable_and_unique() -> None:
    """Another start and another language name the same events."""
    uids = [line for line in unfolded(ical(YEAR_END, NORTH, NAMES, date(2026, 11, 1), 90)) if line.startswith("UID:")]
    later = ical(YEAR_END, NORTH, CalendarNames("North", {}, NAMES.domain, "en"), date(2026, 12, 1), 60)
    assert len(set(uids)) == len(uids)
    assert {line for line in unfolded(later) if line.startswith("UID:")} <= set(uids)


def test_closures_and_the_day_instead_are_kept() -> None:
    """Year-end is left out, its replacement is there."""
    text = ical(YEAR_END, NORTH, NAMES, date(2026, 12, 28), 10)
    assert "20261231-burnable" not in text
    assert "UID:20270105-burnable" in text


@pytest.mark.parametrize(
    ("day", "collected", "stopped"),
    [
        (date(2026, 12, 23), ("burnable",), ()),
        (date(2026, 12, 30), (), ("burnable",)),
        (date(2027, 1, 4), ("burnable",), ()),
        (date(2027, 1, 5), ("paper",), ()),
        (date(2027, 1, 6), ("burnable",), ()),
    ],
)
def test_the_evening_before_over_year_end(day: date, collected: tuple[str, ...], stopped: tuple[str, ...]) -> None:
    """What is collected tomorrow, what is not although it usually is, at 19:00 in Japan."""
    found = reminder(YEAR_END, NORTH, day)
    assert found is not None
    assert (found.day, found.categories, found.stopped) == (day + timedelta(days=1), collected, stopped)
    assert found.at.isoformat() == f"{day}T19:00:00+09:00"
    assert found.at.utcoffset() == timedelta(hours=9)
    assert isinstance(found.at, datetime)


def test_no_reminder_without_a_collection_or_beyond_what_is_published() -> None:
    """Silence on other evenings."""
    assert reminder(YEAR_END, NORTH, date(2026, 12, 4)) is None
    assert reminder(Calendar({}, valid_until=date(2026, 12, 2)), NORTH, date(2026, 12, 2)) is None


async def test_the_route_gives_a_district_in_the_wanted_language(client: httpx.AsyncClient) -> None:
    """Names in the resident's language; an unknown district is told."""
    response = await client.get("/opendata/hoshimi/garbage/hoshigaoka.ics?lang=en")
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = unfolded(response.text)
    assert "X-WR-CALNAME:Hoshimi City Hoshigaoka" in lines
    assert "SUMMARY;LANGUAGE=en:burnable garbage" in lines
    assert (await client.get("/opendata/hoshimi/garbage/hoshigaoka.ics")).text.count("燃やすごみ") > 50
    assert (await client.get("/opendata/hoshimi/garbage/nowhere.ics")).status_code == 404
    assert (await client.get("/opendata/nowhere/garbage/hoshigaoka.ics")).status_code == 404
