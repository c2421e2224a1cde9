"""When a counter is open, as a city writes it: hours of each weekday with breaks, yearly closures, special days."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from faq.yaml_file import Row

# From and to, in minutes of the day.
Span = tuple[int, int]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"^(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)$")


def _checked(spans: tuple[str, ...]) -> tuple[str, ...]:
    before = 0
    for start, end in map(span, spans):
        if not before <= start < end <= 24 * 60:
            raise ValueError("hours must follow each other within one day, such as [8:30-12:00, 13:00-17:15]")
        before = end
    return spans


_Spans = Annotated[tuple[Annotated[str, StringConstraints(pattern=_SPAN.pattern)], ...], AfterValidator(_checked)]
_MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class YearlyRow(Row):
    """Days that are closed every year, both ends included; `12-29` to `01-03` reaches over new year."""

    start: _MonthDay = Field(alias="from")
    end: _MonthDay = Field(alias="to")


class OpeningRow(Row):
    """The hours of a counter in a content file. `holidays` says that it is open on national holidays too."""

    week: dict[str, _Spans] = Field(default_factory=dict)
    holidays: bool = False
    closed_yearly: tuple[YearlyRow, ...] = ()
    special: dict[date, _Spans] = Field(default_factory=dict)


@dataclass(frozen=True)
class Opening:
    """When a counter is open. `week` by weekday (0 is Monday); `special` days outrank everything, an empty one is closed."""

    week: Mapping[int, tuple[Span, ...]]
    holidays: bool = False
    closed_yearly: tuple[tuple[str, str], ...] = ()
    special: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def spans(self, day: date, *, holiday: bool) -> tuple[Span, ...]:
        """Return from when to when it is open on a day, in minutes of the day."""
        if day in self.special:
            return self.special[day]
        if (holiday and not self.holidays) or any(_within(f"{day:%m-%d}", start, end) for start, end in self.closed_yearly):
            return ()
        return self.week.get(day.weekday(), ())


def span(text: str) -> Span:
    """Return `8:30-17:15` as minutes of the day. Raises ValueError for anything else."""
    found = _SPAN.match(text)
    if found is None:
        raise ValueError(f"{text!r} is not written as 8:30-17:15")
    hour, minute, to_hour, to_minute = map(int, found.groups())
    return hour * 60 + minute, to_hour * 60 + to_minute


def opening_of(row: OpeningRow | None, of_city: Opening | None = None) -> Opening | None:
    """Return the hours a row tells; the city's yearly closures and special days hold for each department as well."""
    if row is None:
        return of_city
    unknown = set(row.week) - set(WEEKDAYS)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} is no weekday; write {', '.join(WEEKDAYS)}")
    week = {WEEKDAYS.index(name): tuple(map(span, spans)) for name, spans in row.week.items()}
    special = {day: tuple(map(span, spans)) for day, spans in row.special.items()}
    yearly = tuple((one.start, one.end) for one in row.closed_yearly)
    if of_city:
        yearly, special = (*of_city.closed_yearly, *yearly), {**of_city.special, **special}
    return Opening(week or (of_city.week if of_city else {}), row.holidays, yearly, special)


def _within(day: str, start: str, end: str) -> bool:
    return start <= day <= end if start <= end else day >= start or day <= end
