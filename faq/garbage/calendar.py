"""When a category is collected in a district, in the notation of 5374: `月 木`, `水2`, `木1-4 7`, `20261105`.

`月 木` is every Monday and Thursday, `水2` the second Wednesday of a month, `日1-4 8` the first Sunday of April and August,
`20261105` (or `*20261105`, `2026-11-05`) that day. Several stand side by side, divided by spaces.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAYS = "月火水木金土日"
_RULE = re.compile(rf"^([{WEEKDAYS}])([1-5]?)$")
_MONTHS = re.compile(rf"^(.*[{WEEKDAYS}][1-5]?)-([\d\s]+)$")
_DAY = re.compile(r"^\*?(\d{4})-?(\d{2})-?(\d{2})$")


@dataclass(frozen=True)
class Rule:
    """One repeating day: weekday 0 (Monday)–6, which one in the month (1–5, 0 = every), months 1–12 (empty = all)."""

    weekday: int
    nth: int = 0
    months: tuple[int, ...] = ()

    def covers(self, day: date) -> bool:
        """Say whether the rule names this day."""
        if self.months and day.month not in self.months:
            return False
        return day.weekday() == self.weekday and self.nth in (0, (day.day - 1) // 7 + 1)


@dataclass(frozen=True)
class Schedule:
    """All days of one category in one district: repeating rules and single days."""

    rules: tuple[Rule, ...] = ()
    days: frozenset[date] = frozenset()
    notation: str = ""

    def covers(self, day: date) -> bool:
        """Say whether the category is collected on this day, closures left aside."""
        return day in self.days or any(rule.covers(day) for rule in self.rules)


def parse_schedule(cell: str) -> Schedule:
    """Read one cell in 5374 notation. Raises ValueError naming the part that is not understood."""
    limited = _MONTHS.match(cell.strip())
    before, months = (limited[1], limited[2]) if limited else (cell, "")
    chosen = tuple(int(month) for month in months.split())
    if any(not 1 <= month <= 12 for month in chosen):
        raise ValueError(f"{cell!r}: after the hyphen stand months, 1 to 12")
    rules, days = [], set()
    for part in before.replace("　", " ").split():
        if rule := _RULE.match(part):
            rules.append(Rule(WEEKDAYS.index(rule[1]), int(rule[2] or 0), chosen))
        elif day := _DAY.match(part):
            days.add(date(int(day[1]), int(day[2]), int(day[3])))
        else:
            raise ValueError(f"{part!r} is not a collection day; write 月 木, 水2 or 20261105")
    return Schedule(tuple(rules), frozenset(days), cell.strip())


@dataclass(frozen=True)
class Closure:
    """Days on which nothing (or not these categories) is collected, and the day that takes their place, if any."""

    first: date
    last: date
    categories: tuple[str, ...] = ()
    instead: date | None = None
    reason: Mapping[str, str] | None = None

    def stops(self, category: str, day: date) -> bool:
        """Say whether the closure stops this category on this day."""
        return self.first <= day <= self.last and (not self.categories or category in self.categories)


@dataclass(frozen=True)
class District:
    """A collection area: its names per language, the 町名 in it, and the schedule of each category."""

    id: str
    name: Mapping[str, str]
    towns: tuple[str, ...]
    schedules: Mapping[str, Schedule]


@dataclass(frozen=True)
class Collection:
    """One category collected on one day."""

    day: date
    category: str


@dataclass(frozen=True)
class Calendar:
    """The districts of a city and its closures. `valid_until` is the last day that the city has published."""

    districts: Mapping[str, District]
    closures: tuple[Closure, ...] = ()
    valid_until: date | None = None
    source: str = ""

    def on(self, district: District, day: date) -> tuple[str, ...]:
        """Return the categories collected in the district on this day, in the order of its schedules."""
        return tuple(name for name in district.schedules if self._collected(district, name, day))

    def upcoming(self, district: District, start: date, days: int = 60) -> Iterator[Collection]:
        """Yield every collection from `start` (inclusive) for so many days, day by day."""
        for offset in range(days):
            day = start + timedelta(days=offset)
            yield from (Collection(day, category) for category in self.on(district, day))

    def next_of(self, district: District, category: str, start: date) -> date | None:
        """Return the first day from `start` (inclusive) on which the category is collected; None within a year."""
        days = (start + timedelta(days=offset) for offset in range(366))
        return next((day for day in days if self._collected(district, category, day)), None)

    def closure(self, category: str, day: date) -> Closure | None:
        """Return the closure that stops this category on this day, if any."""
        return next((closure for closure in self.closures if closure.stops(category, day)), None)

    def _collected(self, district: District, category: str, day: date) -> bool:
        if self.valid_until and day > self.valid_until:
            return False
        schedule = district.schedules[category]
        if schedule.covers(day):
            return self.closure(category, day) is None
        return any(
            closure.instead == day and any(map(schedule.covers, _days(closure.first, closure.last)))
            for closure in self.closures
            if not closure.categories or category in closure.categories
        )


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))
