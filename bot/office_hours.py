"""When a department is open: working time, lunch breaks, holidays, special days, promised reply dates (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from bot.messages import JST
from faq.holidays import Holidays
from faq.loader import CityKnowledge
from faq.opening import Opening

# Nobody is promised a day further off; a counter that is closed as long as this has no hours at all.
HORIZON = timedelta(days=400)
_MINUTE = timedelta(minutes=1)


def hours_of(knowledge: CityKnowledge, role: str) -> "OfficeHours | None":
    """Return the hours of a city's department; None where the city has not given any as data: nothing can be promised then."""
    opening = knowledge.city.department(role).opening
    return OfficeHours(opening, knowledge.holidays) if opening else None


@dataclass(frozen=True)
class OfficeHours:
    """The hours of a counter and the holidays that interrupt them. All times are Asia/Tokyo; others are turned into it."""

    opening: Opening
    holidays: Holidays = field(default_factory=Holidays)

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return from when to when the counter is open on a day; none where it is closed."""
        midnight = datetime.combine(day, time(), JST)
        found = self.opening.spans(day, holiday=self.holidays.name(day) is not None)
        return [(midnight + start * _MINUTE, midnight + end * _MINUTE) for start, end in found]

    def is_open(self, now: datetime) -> bool:
        """Say whether the counter is open; at the minute of closing it no longer is."""
        now = now.astimezone(JST)
        return any(start <= now < end for start, end in self.spans(now.date()))

    def next_open(self, now: datetime) -> datetime | None:
        """Return now where the counter is open, else when it opens next; None where that is beyond the horizon."""
        return next((start for start, _ in self._spans_from(now)), None)

    def add_business_time(self, start: datetime, minutes: int) -> datetime | None:
        """Return when so many open minutes will have passed; none left to pass: the next open moment. None beyond the horizon."""
        left = minutes * _MINUTE
        for opens, closes in self._spans_from(start):
            if opens + left <= closes:
                return opens + left
            left -= closes - opens
        return None

    def business_minutes_between(self, start: datetime, end: datetime) -> int:
        """Return how many whole open minutes lie between two times; none where the end is not later."""
        open_time, end = timedelta(), end.astimezone(JST)
        for opens, closes in self._spans_from(start, end - start):
            if opens >= end:
                break
            open_time += min(closes, end) - opens
        return open_time // _MINUTE

    def _spans_from(self, start: datetime, horizon: timedelta = HORIZON) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open spans from a moment on; the first begins at that moment where it lies within one."""
        start = start.astimezone(JST)
        day, last = start.date(), (start + max(horizon, timedelta())).date()
        while day <= last:
            for opens, closes in self.spans(day):
                if closes > start:
                    yield max(opens, start), closes
            day += timedelta(days=1)
