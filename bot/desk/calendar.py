"""Special days and listed holidays that staff put in: laid over the hours of the content files, in every process."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import cast

from sqlalchemy import Connection

from bot.service import Service
from bot.storage import Database
from bot.storage.special_days import SpecialDay, list_holidays, list_special_days
from faq.city import City, Department
from faq.holidays import Holidays
from faq.opening import Opening, OpeningRow, Span, opening_of
from faq.release import Release


def spans_of(hours: str, day: date) -> tuple[Span, ...]:
    """Return hours written as `8:30-12:00, 13:00-17:15` in minutes of the day; empty: closed. Raises ValueError where wrong."""
    plain = hours.replace("、", ",").replace("〜", "-").replace("～", "-")
    parts = tuple(part.strip() for part in plain.split(",") if part.strip())
    opening = opening_of(OpeningRow(special={day: parts}))
    return opening.special[day] if opening else ()


async def apply_calendar(service: Service, database: Database, content: Mapping[str, Release]) -> None:
    """Give every city the hours of `content` (its releases as the files tell them) with what staff put in."""

    def _read(connection: Connection) -> tuple[list[SpecialDay], dict[date, str]]:
        return list_special_days(connection), list_holidays(connection)

    days, listed = await database.read(_read)
    # The one thing of a service that is exchanged while it runs; each request keeps the release that it began with.
    releases = cast("dict[str, Release]", service.releases)
    for city, release in content.items():
        releases[city] = with_days(release, [one for one in days if one.city == city], listed)


def with_days(release: Release, days: Sequence[SpecialDay], listed: Mapping[date, str]) -> Release:
    """Return a release with these special days and holidays beside those of its files."""
    knowledge = release.knowledge
    years = {day.year for day in listed}
    kept = {day: name for day, name in knowledge.holidays.listed.items() if day.year not in years}
    holidays = Holidays({**kept, **listed}) if listed else knowledge.holidays
    return replace(release, knowledge=replace(knowledge, city=_with_days(knowledge.city, days), holidays=holidays))


def _with_days(city: City, days: Sequence[SpecialDay]) -> City:
    found = {role: {one.day: spans_of(one.hours, one.day) for one in days if one.department == role} for role in _roles(days)}
    everywhere = found.get("", {})
    departments: dict[str, Department] = {
        role: replace(one, opening=_opening(one.opening, {**everywhere, **found.get(role, {})}))
        for role, one in city.departments.items()
    }
    return replace(city, opening=_opening(city.opening, everywhere), departments=departments)


def _roles(days: Sequence[SpecialDay]) -> set[str]:
    return {one.department for one in days}


def _opening(opening: Opening | None, days: Mapping[date, tuple[Span, ...]]) -> Opening | None:
    return replace(opening, special={**opening.special, **days}) if opening and days else opening
