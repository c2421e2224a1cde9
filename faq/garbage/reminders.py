"""What to remind a resident of in the evening: the bins collected tomorrow, as data; channels word and send it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from faq.garbage.calendar import Calendar, District

EVENING = time(19, 0)
_JAPAN = timezone(timedelta(hours=9), "Asia/Tokyo")  # without summer time since 1951


@dataclass(frozen=True)
class Reminder:
    """One evening's reminder: when to send it (Asia/Tokyo), the day of collection, its bins, and those that a closure stops."""

    at: datetime
    day: date
    district: str
    categories: tuple[str, ...]
    stopped: tuple[str, ...] = ()


def reminder(calendar: Calendar, district: District, day: date, evening: time = EVENING) -> Reminder | None:
    """Return what to send on the evening of `day`; None where nothing would be collected tomorrow anyway.

    `stopped` are the bins whose usual day tomorrow is, and which a closure stops (year-end).
    """
    tomorrow = day + timedelta(days=1)
    if calendar.valid_until and tomorrow > calendar.valid_until:
        return None
    collected = calendar.on(district, tomorrow)
    stopped = tuple(
        name
        for name, schedule in district.schedules.items()
        if name not in collected and schedule.covers(tomorrow) and calendar.closure(name, tomorrow)
    )
    if not collected and not stopped:
        return None
    return Reminder(datetime.combine(day, evening, _JAPAN), tomorrow, district.id, collected, stopped)
