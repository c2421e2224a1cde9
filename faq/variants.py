"""Pairs that residents write in several ways, and pairs that look alike but are two matters: `nlu_data/variants/*.csv`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from faq.csv_file import read_csv

APART = "apart"
WAYS = ("kana", "width", "spelling", "romaji", "typo", "spoken")
FirstEntry = Callable[[str], str]


@dataclass(frozen=True)
class Pair:
    """Two questions with the ids of the entries that answer them. `way` is how they differ; `apart` for two matters."""

    way: str
    first: str
    first_entry: str
    second: str
    second_entry: str


def read_pairs(folder: Path) -> list[Pair]:
    """Return all pairs. Raises ContentError where a file is wrong."""
    return [*_same(folder / "same.csv"), *_apart(folder / "apart.csv")]


def read_fresh(folder: Path) -> list[Pair]:
    """Return the pairs that nothing was ever tuned on: they are measured, their misses are not looked at."""
    return list(_same(folder / "fresh.csv"))


def _same(path: Path) -> Iterator[Pair]:
    for _, row in read_csv(path, ("entry", "text", *WAYS)):
        for way in WAYS:
            for variant in filter(None, row[way].split("|")):
                yield Pair(way, row["text"], row["entry"], variant, row["entry"])


def _apart(path: Path) -> Iterator[Pair]:
    for _, row in read_csv(path, ("first", "first_entry", "second", "second_entry")):
        yield Pair(APART, row["first"], row["first_entry"], row["second"], row["second_entry"])


def missed_pairs(pairs: Sequence[Pair], first_entry: FirstEntry) -> list[tuple[Pair, str, str]]:
    """Return the pairs that fail, with the ids found.

    Two ways of writing one question must find the same entry; of two matters each must find its own.
    """
    found = ((pair, first_entry(pair.first), first_entry(pair.second)) for pair in pairs)
    return [(pair, one, other) for pair, one, other in found if not _is_met(pair, one, other)]


def _is_met(pair: Pair, one: str, other: str) -> bool:
    return (one, other) == (pair.first_entry, pair.second_entry) if pair.way == APART else bool(one) and one == other
