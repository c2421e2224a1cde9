"""Special days of departments, and the listed holidays: what staff put in about office hours, beside the content files."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select

from bot.storage.desk_tables import listed_holidays, special_days


@dataclass(frozen=True)
class SpecialDay:
    """A day with other hours. `department` is empty for the whole city; `hours` are 8:30-12:00, 13:00-17:15, empty for closed."""

    city: str
    department: str
    day: date
    hours: str


def save_special_day(connection: Connection, special: SpecialDay, staff: str, now: datetime) -> None:
    """Write a special day; one that was there for the same department and day is replaced."""
    drop_special_day(connection, special.city, special.department, special.day)
    connection.execute(insert(special_days), {**vars(special), "changed_at": now, "changed_by": staff})


def drop_special_day(connection: Connection, city: str, department: str, day: date) -> None:
    """Remove a special day."""
    columns = special_days.c
    connection.execute(delete(special_days).where(columns.city == city, columns.department == department, columns.day == day))


def list_special_days(connection: Connection) -> list[SpecialDay]:
    """Return the special days of all cities, by day."""
    columns = special_days.c
    query = select(columns.city, columns.department, columns.day, columns.hours).order_by(columns.day, columns.department)
    return [SpecialDay(**row) for row in connection.execute(query).mappings()]


def replace_holidays(connection: Connection, days: dict[date, str]) -> None:
    """Put a list of holidays in the place of the one before."""
    connection.execute(delete(listed_holidays))
    connection.execute(insert(listed_holidays), [{"day": day, "name": name} for day, name in days.items()])


def list_holidays(connection: Connection) -> dict[date, str]:
    """Return the listed holidays; none where nobody has put in a list."""
    rows = connection.execute(select(listed_holidays).order_by(listed_holidays.c.day)).mappings()
    return {row["day"]: row["name"] for row in rows}
