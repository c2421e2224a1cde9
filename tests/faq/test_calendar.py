"""The collection calendar in 5374 notation."""

from datetime import date

import pytest

from faq.garbage.calendar import Calendar, Closure, District, parse_schedule


def district(**cells: str) -> District:
    """Make a district from cells."""
    return District("north", {"ja": "北"}, (), {name: parse_schedule(cell) for name, cell in cells.items()})


@pytest.mark.parametrize(
    ("cell", "day", "collected"),
    [
        ("月 木", date(2026, 11, 23), True),
        ("月 木", date(2026, 11, 24), False),
        ("水2", date(2026, 11, 11), True),
        ("水2", date(2026, 11, 18), False),
        ("水2 水4", date(2026, 11, 25), True),
        ("日1-4 8", date(2026, 4, 5), True),
        ("日1-4 8", date(2026, 5, 3), False),
        ("20261105", date(2026, 11, 5), True),
        ("*20261105 2026-12-03", date(2026, 12, 3), True),
        ("木5", date(2026, 10, 29), True),
        ("月", date(2028, 2, 28), True),
    ],
)
def test_a_cell_names_its_days(cell: str, day: date, collected: bool) -> None:
    """Every form of the notation means what 5374 means by it."""
    assert parse_schedule(cell).covers(day) is collected


@pytest.mark.parametrize("cell", ["毎日", "月曜日", "水6", "20261305", "月-13"])
def test_what_is_not_the_notation_is_refused_with_the_part_that_is_wrong(cell: str) -> None:
    """A typo in a city's file is an error, never a day that is missed."""
    with pytest.raises(ValueError, match=r"month|collection day|13|range"):
        parse_schedule(cell)


def test_nothing_is_collected_in_a_closure_and_the_day_instead_is() -> None:
    """Year-end: the Monday is skipped and made up for."""
    closure = Closure(date(2026, 12, 31), date(2027, 1, 3), (), date(2027, 1, 5))
    calendar = Calendar({}, (closure,))
    north = district(burnable="木")
    assert calendar.on(north, date(2026, 12, 31)) == ()
    assert calendar.on(north, date(2027, 1, 5)) == ("burnable",)
    assert calendar.next_of(north, "burnable", date(2026, 12, 28)) == date(2027, 1, 5)


def test_a_closure_of_one_category_leaves_the_others() -> None:
    """Only what is named is stopped."""
    calendar = Calendar({}, (Closure(date(2026, 11, 24), date(2026, 11, 24), ("paper",)),))
    assert calendar.on(district(burnable="火", paper="火"), date(2026, 11, 24)) == ("burnable",)


def test_days_beyond_what_the_city_published_are_not_guessed() -> None:
    """After `valid_until` there is nothing."""
    calendar = Calendar({}, valid_until=date(2026, 11, 30))
    assert calendar.next_of(district(burnable="火"), "burnable", date(2026, 12, 1)) is None


def test_a_slow_and_obvious_count_agrees_over_a_whole_year() -> None:
    """The second and fourth Wednesdays of 2026, counted by hand."""
    schedule = parse_schedule("水2 水4")
    for month in range(1, 13):
        wednesdays = [date(2026, month, d) for d in range(1, 29) if date(2026, month, d).weekday() == 2]
        found = [day for day in wednesdays if schedule.covers(day)]
        assert found == [wednesdays[1], wednesdays[3]]
