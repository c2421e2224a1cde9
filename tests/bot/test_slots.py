"""Values in a message: days, districts, bins, languages, other cities."""

from datetime import date

import pytest

from bot.nlu.slots import find_slots, find_when
from bot.nlu.vocabulary import load_vocabulary
from bot.service import Service
from faq.data_files import DataFiles
from faq.languages import load_languages

DATES = load_vocabulary(DataFiles(), load_languages(DataFiles())).dates
TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("明日のごみは", "ja", date(2026, 11, 25)),
        ("あさって何ごみ", "ja", date(2026, 11, 26)),
        ("金曜日のごみ", "ja", date(2026, 11, 27)),
        ("火曜は何の日", "ja", date(2026, 11, 24)),
        ("12月31日のごみ", "ja", date(2026, 12, 31)),
        ("1/4は収集ある？", "ja", date(2027, 1, 4)),
        ("2026年12月1日", "ja", date(2026, 12, 1)),
        ("garbage tomorrow", "en", date(2026, 11, 25)),
        ("trash on Friday", "en", date(2026, 11, 27)),
    ],
)
def test_a_day_is_understood(text: str, language: str, day: date) -> None:
    """Relative days, weekdays (the next one), dates with and without a year."""
    when = find_when(text, [DATES[language]], TUESDAY)
    assert when is not None
    assert when.day == day


@pytest.mark.parametrize("text", ["13月40日", "2月30日のごみ"])
def test_a_day_that_does_not_exist_is_no_day(text: str) -> None:
    """An impossible date is left aside, never an error."""
    when = find_when(text, [DATES["ja"]], TUESDAY)
    assert when is None or when.day is None


@pytest.mark.parametrize(
    ("text", "district"),
    [
        ("星ヶ丘のごみ", "hoshigaoka"),
        ("星が丘", "hoshigaoka"),
        ("ほしがおか", None),
        ("天ノ川の収集日", "amanogawa"),
        ("北星町", "hoshigaoka"),
    ],
)
def test_a_district_is_found_by_its_towns(service: Service, text: str, district: str | None) -> None:
    """町名 and their variants lead to the collection area; an unknown name is not guessed (J-11)."""
    assert find_slots(text, "ja", service.release("hoshimi"), DATES, TUESDAY).district == district


def test_another_citys_name_is_noticed(service: Service) -> None:
    """横浜市 is not this city; 前の市 is no city's name."""
    release = service.release("hoshimi")
    assert find_slots("横浜市の粗大ごみ", "ja", release, DATES, TUESDAY).other_city == "横浜市"
    assert find_slots("青森県むつ市のごみ", "ja", release, DATES, TUESDAY).other_city == "むつ市"
    for text in ("前の市に出す書類", "旅券の更新って市役所で？", "ここって市役所ですか", "うちの町のごみ", "そちらの市では"):
        assert find_slots(text, "ja", release, DATES, TUESDAY).other_city is None
    assert find_slots("星見市の粗大ごみ", "ja", release, DATES, TUESDAY).other_city is None
