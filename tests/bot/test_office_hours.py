"""When a counter is open and when a reply is promised: the calendar of Japan, held against a slow and obvious count."""

import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.messages import JST
from bot.office_hours import OfficeHours, hours_of
from bot.service import Service
from faq.errors import ContentError
from faq.holidays import Holidays, read_holidays
from faq.opening import Opening, Span, opening_of, span
from tests.conftest import ROOT

DAY = ((510, 1035),)  # 8:30–17:15
LUNCH = ((510, 720), (780, 1035))
NEW_YEAR = (("12-29", "01-03"),)
HOURS = OfficeHours(Opening(dict.fromkeys(range(5), DAY), closed_yearly=NEW_YEAR))
WITH_LUNCH = OfficeHours(Opening({**dict.fromkeys(range(5), LUNCH), 3: ((510, 720), (780, 1140))}, closed_yearly=NEW_YEAR))
REAL_CITIES = ("anjo", "fuchu", "handa", "ichinomiya", "tomi")


def at(text: str) -> datetime:
    """Return a time in Japan."""
    return datetime.fromisoformat(text).replace(tzinfo=JST)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-09-22", "国民の休日, between two holidays"),
        ("2026-05-06", "振替休日 of three holidays in a row"),
        ("2027-03-22", "振替休日 of the spring equinox on a Sunday"),
        ("2026-12-29", "the first day of the new year's closure"),
        ("2026-12-31", "the last day of a year"),
        ("2027-01-01", "元日"),
        ("2028-01-03", "a Monday, the last day of the closure"),
        ("2026-11-21", "a Saturday"),
    ],
)
def test_a_day_off_has_no_hours(day: str, why: str) -> None:
    """A holiday, a substitute, a bridge, the new year and a weekend are closed all day."""
    assert HOURS.spans(date.fromisoformat(day)) == [], why


@pytest.mark.parametrize("day", ["2026-12-28", "2027-01-04", "2028-02-29", "2026-03-31", "2026-04-01", "2026-09-24"])
def test_a_working_day_beside_a_day_off_is_open(day: str) -> None:
    """The days around closures, leap day and both sides of the fiscal year's border are ordinary."""
    assert HOURS.spans(date.fromisoformat(day)) == [(at(f"{day}T08:30"), at(f"{day}T17:15"))]


@pytest.mark.parametrize(
    ("now", "open_"),
    [
        ("2026-11-24T08:29", False), ("2026-11-24T08:30", True), ("2026-11-24T17:14", True), ("2026-11-24T17:15", False),
        ("2026-11-24T23:59", False), ("2026-11-25T00:00", False),
    ],
)  # fmt: skip
def test_a_counter_is_open_from_the_first_minute_and_closed_from_the_last(now: str, open_: bool) -> None:
    """8:30 is within the hours, 17:15 is not, midnight belongs to the new day."""
    assert HOURS.is_open(at(now)) is open_


def test_a_server_that_counts_in_utc_opens_at_the_same_moment() -> None:
    """23:30 UTC of Monday is 8:30 of Tuesday in Japan, and 15:00 UTC begins Japan's next day."""
    assert HOURS.is_open(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    assert not HOURS.is_open(datetime(2026, 11, 23, 23, 29, tzinfo=UTC))
    assert HOURS.next_open(datetime(2026, 11, 24, 15, 0, tzinfo=UTC)) == at("2026-11-25T08:30")


@pytest.mark.parametrize(
    ("hours", "start", "minutes", "promised"),
    [
        (HOURS, "2026-11-24T10:00", 240, "2026-11-24T14:00"),
        (WITH_LUNCH, "2026-11-24T10:00", 240, "2026-11-24T15:00"),
        (HOURS, "2026-11-24T16:15", 120, "2026-11-25T09:30"),
        (HOURS, "2026-11-20T17:15", 60, "2026-11-24T09:30"),  # a Friday evening before 勤労感謝の日
        (WITH_LUNCH, "2026-11-26T18:00", 120, "2026-11-27T09:30"),  # Thursday evening is open
        (HOURS, "2026-09-18T17:00", 30, "2026-09-24T08:45"),  # over silver week with its bridge day
        (HOURS, "2026-12-28T17:00", 30, "2027-01-04T08:45"),  # over new year
        (HOURS, "2028-02-28T17:00", 30, "2028-02-29T08:45"),  # into a leap day
        (HOURS, "2026-11-24T10:00", 435, "2026-11-24T17:15"),  # exactly the rest of the day
        (WITH_LUNCH, "2026-11-24T11:30", 30, "2026-11-24T12:00"),  # exactly until lunch
    ],
)
def test_a_promise_counts_open_minutes_only(hours: OfficeHours, start: str, minutes: int, promised: str) -> None:
    """Nights, breaks, holidays and closures do not count."""
    assert hours.add_business_time(at(start), minutes) == at(promised)
    assert hours.business_minutes_between(at(start), at(promised)) == minutes


def test_special_days_outrank_weekdays_holidays_and_closures() -> None:
    """A Sunday can be open, an ordinary day closed, and the new year served."""
    special = {date(2026, 11, 22): ((540, 720),), date(2026, 11, 24): (), date(2027, 1, 1): ((600, 660),)}
    hours = OfficeHours(Opening(dict.fromkeys(range(5), DAY), closed_yearly=NEW_YEAR, special=special))

    assert hours.is_open(at("2026-11-22T09:00"))
    assert hours.next_open(at("2026-11-22T12:00")) == at("2026-11-25T08:30")
    assert hours.is_open(at("2027-01-01T10:30"))


def test_a_counter_that_never_opens_promises_nothing() -> None:
    """Without an open day within the horizon there is no promise, and the search ends."""
    never = OfficeHours(Opening({}))

    assert never.next_open(at("2026-11-24T10:00")) is None
    assert never.add_business_time(at("2026-11-24T10:00"), 1) is None
    assert never.business_minutes_between(at("2026-11-24T10:00"), at("2027-11-24T10:00")) == 0


def slowly(opening: Opening, holidays: Holidays, minute: datetime) -> bool:
    """Say whether a counter is open in the minute that begins now: by looking at the day and nothing else."""
    now = minute.hour * 60 + minute.minute
    return any(a <= now < b for a, b in opening.spans(minute.date(), holiday=holidays.name(minute.date()) is not None))


def slow_promise(opening: Opening, holidays: Holidays, start: datetime, minutes: int) -> datetime:
    """Walk minute by minute until so many open ones have passed."""
    now = start
    while minutes:
        minutes -= slowly(opening, holidays, now)
        now += timedelta(minutes=1)
    return now


def made_up(chance: random.Random) -> Opening:
    """Make up a counter: some weekdays, sometimes a break, closures, special days, holidays or not."""

    def spans() -> tuple[Span, ...]:
        edges = sorted(chance.sample(range(420, 1260, 15), chance.choice((2, 4))))
        return tuple(zip(edges[::2], edges[1::2], strict=True))

    week = {weekday: spans() for weekday in chance.sample(range(7), chance.randint(1, 7))}
    start = date(2026, 11, 1)
    special = {start + timedelta(days=chance.randrange(120)): chance.choice(((), spans())) for _ in range(4)}
    return Opening(week, chance.random() < 0.3, NEW_YEAR if chance.random() < 0.7 else (), special)


@pytest.mark.parametrize("seed", range(200))
def test_the_clock_agrees_with_a_count_minute_by_minute(seed: int) -> None:
    """Two hundred made-up counters, starts and lengths: fast and slow say the same."""
    chance = random.Random(seed)
    opening, holidays = made_up(chance), Holidays()
    start = datetime.combine(date(2026, 11, 1), time(), JST) + timedelta(minutes=chance.randrange(70 * 24 * 60))
    minutes = chance.randint(1, 900)
    expected = slow_promise(opening, holidays, start, minutes)
    hours = OfficeHours(opening, holidays)

    assert hours.add_business_time(start, minutes) == expected
    assert hours.business_minutes_between(start, expected) == minutes
    assert hours.is_open(start) is slowly(opening, holidays, start)


def test_the_cabinet_offices_list_outranks_the_computation(tmp_path: Path) -> None:
    """For a year on the list only the list counts, read in the encoding it is published in; other years are computed."""
    path = tmp_path / "holidays.csv"
    path.write_text("国民の祝日・休日月日,国民の祝日・休日名称\r\n2026/1/1,元日\r\n2026/11/24,試しの休日\r\n", encoding="cp932")
    hours = OfficeHours(HOURS.opening, read_holidays(path))

    assert not hours.is_open(at("2026-11-24T10:00"))
    assert hours.is_open(at("2026-09-22T10:00"))  # not on the list
    assert not hours.is_open(at("2027-09-20T10:00"))  # 敬老の日, of a year that the list does not tell


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        ("日付,名前\r\n", 1, "国民の祝日・休日月日"),
        ("国民の祝日・休日月日,国民の祝日・休日名称\r\n2026/13/1,元日\r\n", 2, "2026/13/1"),
    ],
)
def test_a_broken_list_of_holidays_says_where(tmp_path: Path, content: str, line: int, told: str) -> None:
    """The file, the line and what is expected are named."""
    path = tmp_path / "holidays.csv"
    path.write_text(content, encoding="cp932")

    with pytest.raises(ContentError) as error:
        read_holidays(path)
    (problem,) = error.value.problems
    assert problem.line == line
    assert told in problem.message


def test_hours_are_written_as_clock_times() -> None:
    """8:30-17:15 is minutes of the day; anything else is refused; no hours at all are no hours."""
    assert span("8:30-17:15") == (510, 1035)
    assert opening_of(None) is None
    with pytest.raises(ValueError, match="8:30-17:15"):
        span("8.30-17.15")


@pytest.mark.parametrize("city", REAL_CITIES)
def test_no_hours_are_made_up_for_a_real_city(service: Service, city: str) -> None:
    """The five cities' own papers give no office hours: none stand in their file, and nothing is promised."""
    knowledge = service.release(city).knowledge
    papers = "".join((ROOT / "faq" / "cities" / city / "city.yaml").read_text(encoding="utf-8").split())

    assert "opening:" not in papers
    assert knowledge.city.desk is None
    assert hours_of(knowledge, "general") is None


@pytest.mark.parametrize(
    ("role", "start", "minutes", "promised"),
    [
        ("residents", "2026-11-25T17:00", 60, "2026-11-25T18:00"),  # a Wednesday, open until 19:00
        ("tax", "2026-11-25T17:00", 60, "2026-11-26T09:15"),
        ("environment", "2026-11-25T11:30", 60, "2026-11-25T13:30"),  # with its lunch break
        ("roads", "2026-12-28T17:00", 60, "2027-01-04T09:15"),
    ],
)
def test_the_demo_citys_departments_keep_their_own_hours(
    service: Service, role: str, start: str, minutes: int, promised: str
) -> None:
    """One is open one evening, one closes over lunch, all are closed at new year."""
    hours = hours_of(service.release("hoshimi").knowledge, role)

    assert hours is not None
    assert hours.add_business_time(at(start), minutes) == at(promised)
