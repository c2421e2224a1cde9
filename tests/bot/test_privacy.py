"""Personal data is masked before anything is written (P-08 to P-12)."""

import random
import time

import pytest

from bot.privacy import find_personal_data, is_card_number, is_my_number, mask


@pytest.mark.parametrize("number", ["123456789018", "023456789013", "123456789000", "983205673214"])
def test_numbers_with_a_right_check_digit_are_my_numbers(number: str) -> None:
    """Remainders 0 and 1 have check digit 0."""
    assert is_my_number(number)


@pytest.mark.parametrize("number", ["123456789010", "12345678901", "1234567890123", "１２３４５６７８９０１８", ""])
def test_other_numbers_are_not(number: str) -> None:
    """A wrong digit, a wrong length, other digits."""
    assert not is_my_number(number)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("番号は１２３４-５６７８-９０１８です", "番号は[my-number]です"),
        ("1234 5678 9018", "[my-number]"),
        ("マイナンバーは111122223333", "マイナンバーは[my-number]"),
        ("090-1234-5678に電話して", "[phone]に電話して"),
        ("+81 90-1234-5678", "[phone]"),
        ("taro@example.jpまで", "[mail]まで"),
        ("4111-1111-1111-1111", "[card]"),
        ("在留カードAB12345678CD", "在留カード[residence-card]"),
    ],
)
def test_personal_data_is_replaced_by_its_kind(text: str, masked: str) -> None:
    """Full width, spaces and hyphens do not hide it; the words around it stay."""
    assert mask(text)[0] == masked


@pytest.mark.parametrize(
    "text",
    [
        "整理券は123456789010番です",
        "法人番号1234567890123",
        "8:30〜17:15に開いていますか",
        "2026年11月21日に引っ越します",
        "手数料は300円ですか",
        "住民基本台帳法第22条",
        "粗大ごみ 40cm",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    """Ticket numbers, company numbers, times, dates, fees and law articles are not masked."""
    assert mask(text) == (text, ())


def test_the_citys_own_numbers_stay() -> None:
    """A resident may ask about the city hall's telephone."""
    assert mask("0566-76-1111は市役所ですか", ["0566-76-1111"])[0] == "0566-76-1111は市役所ですか"


def test_random_valid_numbers_are_found_wherever_they_stand() -> None:
    """A thousand generated My Numbers, in all usual spellings, are all masked."""
    chance = random.Random(1)
    for _ in range(1000):
        digits = "".join(chance.choice("0123456789") for _ in range(11))
        number = next(digits + d for d in "0123456789" if is_my_number(digits + d))
        shown = chance.choice([number, f"{number[:4]}-{number[4:8]}-{number[8:]}", f"{number[:4]} {number[4:8]} {number[8:]}"])
        assert shown not in mask(f"私の番号は{shown}でした")[0]


def test_luhn_is_the_check_of_cards() -> None:
    """One wrong digit fails."""
    assert is_card_number("4111111111111111")
    assert not is_card_number("4111111111111112")


@pytest.mark.parametrize("text", ["1-" * 5000, "a@" * 5000, "+81" * 4000, "0" * 10_000])
def test_hostile_text_takes_no_time(text: str) -> None:
    """Every pattern is linear: 10,000 characters stay under a second even on a slow machine (P-17)."""
    started = time.perf_counter()
    find_personal_data(text)
    assert time.perf_counter() - started < 1.0
