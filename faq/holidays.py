"""National holidays: a library computes them; the Cabinet Office's own list, where a city has put it in, outranks it."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from faq.errors import ContentError, Problem

CSV_NAME = "holidays.csv"
_HEADER = ["国民の祝日・休日月日", "国民の祝日・休日名称"]


@dataclass(frozen=True)
class Holidays:
    """Holidays by day. A year of which the list has any day is told by the list alone; another is computed."""

    listed: Mapping[date, str] = field(default_factory=dict)

    @cached_property
    def _years(self) -> frozenset[int]:
        return frozenset(day.year for day in self.listed)

    def name(self, day: date) -> str | None:
        """Return the holiday's name, None for a working day."""
        return self.listed.get(day) if day.year in self._years else _computed(day.year).get(day)


@lru_cache
def _computed(year: int) -> Mapping[date, str]:
    import jpholiday

    return dict(jpholiday.year_holidays(year))


def read_holidays(path: Path) -> Holidays:
    """Read the Cabinet Office's CSV (cp932 as published, or UTF-8). No file: all is computed. Raises ContentError where wrong."""
    return parse_holidays(path.read_bytes(), path) if path.exists() else Holidays()


def parse_holidays(raw: bytes, path: Path) -> Holidays:
    """Return the holidays that the Cabinet Office's CSV tells. `path` is named where it is wrong: raises ContentError."""
    rows = list(csv.reader(io.StringIO(_text(raw, path))))
    if not rows or rows[0][:2] != _HEADER:
        message = f"the first line is not {','.join(_HEADER)}; take the Cabinet Office's file as it is"
        raise ContentError([Problem(path, 1, message)])
    listed, problems = {}, []
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        try:
            year, month, day = map(int, row[0].replace("-", "/").split("/"))
            listed[date(year, month, day)] = row[1]
        except (ValueError, IndexError):
            problems.append(Problem(path, number, f"{','.join(row)!r} is not a day and a name, such as 2026/1/1,元日"))
    if problems:
        raise ContentError(problems)
    return Holidays(listed)


def _text(raw: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ContentError([Problem(path, 1, "the file is neither cp932 nor UTF-8; take the Cabinet Office's file as it is")])
