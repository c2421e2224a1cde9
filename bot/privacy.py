"""Finds and masks personal data before anything is written (P-08 to P-12). Pure; every pattern runs in linear time."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """One piece of personal data: its kind and where it stands in the text, in characters."""

    kind: str
    start: int
    end: int


_SEPARATED_DIGITS = re.compile(r"(?<![0-9])[0-9](?:[ \-.・]{0,2}[0-9]){6,22}(?![0-9])")
_PHONE = re.compile(r"(?<![0-9])(?:\+81[ \-]?\(?0?\)?[1-9]|\(?0[1-9])[0-9]{0,4}\)?[ \-]?[0-9]{1,4}[ \-]?[0-9]{3,4}(?![0-9])")
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,6}")
_RESIDENCE_CARD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ \-]?[0-9]{8}[ \-]?[A-Za-z]{2}(?![A-Za-z0-9])")
_MY_NUMBER_WORDS = re.compile("マイナンバー|個人番号|my ?number|12桁", re.IGNORECASE)
_LICENCE_WORDS = re.compile("免許|licen[cs]e", re.IGNORECASE)


def find_personal_data(text: str, city_numbers: Iterable[str] = ()) -> list[Found]:
    """Return the personal data in a text, in order, never overlapping. The city's own numbers are none (P-09)."""
    plain = _same_length(text)
    allowed = {_digits(number) for number in city_numbers}
    found: list[Found] = []
    for kind, spans in ((kind, finder(plain)) for kind, finder in _FINDERS):
        for start, end in spans:
            taken = any(start < other.end and other.start < end for other in found)
            if not taken and _digits(plain[start:end]) not in allowed - {""}:
                found.append(Found(kind, start, end))
    return sorted(found, key=lambda one: one.start)


def mask(text: str, city_numbers: Iterable[str] = ()) -> tuple[str, tuple[str, ...]]:
    """Return the text with every piece of personal data replaced by its kind in brackets, and the kinds found (P-12).

    NUL characters go as well: no database keeps them.
    """
    text = text.replace("\x00", " ")
    found = find_personal_data(text, city_numbers)
    for one in reversed(found):
        text = f"{text[: one.start]}[{one.kind}]{text[one.end :]}"
    return text, tuple(dict.fromkeys(one.kind for one in found))


def is_my_number(digits: str) -> bool:
    """Say whether 12 digits carry a valid check digit of an individual number (総務省令85号; 0 where the remainder is ≤ 1)."""
    if len(digits) != 12 or not digits.isascii() or not digits.isdigit():
        return False
    weighted = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits[:11]), start=1))
    remainder = weighted % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)


def is_card_number(digits: str) -> bool:
    """Say whether 13–19 digits pass the Luhn check of payment cards."""
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = (int(d) * 2 if n % 2 else int(d) for n, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _same_length(text: str) -> str:
    """Return the text with full-width letters, digits and dashes made plain, each character still at its place."""
    plain = (unicodedata.normalize("NFKC", c) for c in text)
    return "".join(
        p if len(p) == 1 and not re.match("[‐‑‒–—―−ー]", p) else "-" if len(c) == 1 and c in "‐‑‒–—―−－ー" else c
        for c, p in zip(text, plain, strict=True)
    )


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _my_numbers(text: str) -> Iterable[tuple[int, int]]:
    named = bool(_MY_NUMBER_WORDS.search(text))
    for match in _SEPARATED_DIGITS.finditer(text):
        digits = _digits(match[0])
        if len(digits) == 12 and (is_my_number(digits) or named or _LICENCE_WORDS.search(text)):
            yield match.span()


def _cards(text: str) -> Iterable[tuple[int, int]]:
    return (match.span() for match in _SEPARATED_DIGITS.finditer(text) if is_card_number(_digits(match[0])))


def _phones(text: str) -> Iterable[tuple[int, int]]:
    for match in _PHONE.finditer(text):
        if len(_digits(match[0].replace("+81", "0"))) in (10, 11, 12):
            yield match.span()


def _spans(pattern: re.Pattern[str]) -> Callable[[str], Iterable[tuple[int, int]]]:
    return lambda text: (match.span() for match in pattern.finditer(text))


_FINDERS: tuple[tuple[str, Callable[[str], Iterable[tuple[int, int]]]], ...] = (
    ("mail", _spans(_MAIL)),
    ("residence-card", _spans(_RESIDENCE_CARD)),
    ("my-number", _my_numbers),
    ("card", _cards),
    ("phone", _phones),
)
