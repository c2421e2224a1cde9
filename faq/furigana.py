"""Furigana: the reading of every run of kanji in a text, from Sudachi, corrected by `nlu_data/ja-easy/readings.yaml`."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape
from pathlib import Path
from typing import Any

from pydantic import Field

from faq.data_files import DataFiles
from faq.text import hiragana
from faq.yaml_file import Row, read_yaml

_KANJI = "一-鿿㐀-䶿々〆ヶヵ"
_HAS_KANJI = re.compile("[一-鿿㐀-䶿々〆]")
_RUNS = re.compile(f"[{_KANJI}]+|[^{_KANJI}]+")
_CHUNK = 4000
Ruby = list[tuple[str, str]]
_local = threading.local()


class Counter(Row):
    """How a counter is read after a number: mostly, by the number's last digit, or both together (2日 ふつか).

    `dated` is read so only after 月: 4月1日 is よんがつ ついたち, but 1日 is a day's length.
    """

    reading: str
    last_digit: dict[int, str] = Field(default_factory=dict)
    whole: dict[int, str] = Field(default_factory=dict)
    dated: dict[int, str] = Field(default_factory=dict)


class Readings(Row):
    """What Sudachi reads otherwise than residents need it: words, and counters after a number."""

    words: dict[str, str]
    counters: dict[str, Counter]

    @cached_property
    def word_pattern(self) -> re.Pattern[str]:
        """Finds a corrected word, the longest first."""
        return re.compile("|".join(map(re.escape, sorted(self.words, key=len, reverse=True))))

    @cached_property
    def counter_pattern(self) -> re.Pattern[str]:
        """Finds a number with its counter, the longest counter first."""
        counters = "|".join(map(re.escape, sorted(self.counters, key=len, reverse=True)))
        return re.compile(rf"(?<![\d.,])(\d+(?:,\d+)*)({counters})")


@dataclass(frozen=True)
class _Piece:
    """A stretch of the text, and its ruby."""

    begin: int
    end: int
    ruby: Ruby


@lru_cache(maxsize=4)
def load_readings(path: Path | None = None) -> Readings:
    """Read the corrections; by default those that come with the package. Raises ContentError where the file is wrong."""
    return read_yaml(path or DataFiles().nlu_data / "ja-easy" / "readings.yaml", Readings)


def ruby(text: str, readings: Readings | None = None) -> Ruby:
    """Return the text as (surface, reading) in order; the reading is empty where there is nothing to read.

    The surfaces put together are the text again. Okurigana stay outside: 届(とど), け, 出(で), る.
    """
    known = readings or load_readings()
    found: Ruby = []
    for start in range(0, len(text), _CHUNK):
        for piece in _pieces(text[start : start + _CHUNK], known):
            found += piece.ruby
    return _joined(found)


def ruby_html(text: str) -> str:
    """Return the text as HTML with <ruby> and <rp>, so that readers without ruby see 窓口（まどぐち）."""
    return "".join(
        f"<ruby>{escape(surface)}<rp>（</rp><rt>{escape(reading)}</rt><rp>）</rp></ruby>" if reading else escape(surface)
        for surface, reading in ruby(text)
    )


def aligned(surface: str, reading: str) -> Ruby:
    """Return the word with its reading shared out over its kanji; the kana of the word tell where one ends."""
    runs = _RUNS.findall(surface)
    pattern = "".join("(.+?)" if _HAS_KANJI.search(run) else f"({re.escape(hiragana(run))})" for run in runs)
    match = re.fullmatch(pattern, hiragana(reading))
    if match is None:
        return [(surface, hiragana(reading))]
    return [(run, kana if _HAS_KANJI.search(run) else "") for run, kana in zip(runs, match.groups(), strict=True)]


def _pieces(text: str, readings: Readings) -> Iterator[_Piece]:
    """Yield the pieces of the text in order: corrections where there are some, Sudachi's words elsewhere."""
    words = list(_tokenizer().tokenize(text))
    short = [piece for word in words for piece in _short_pieces(word)]
    corrected = _corrections(text, readings, {piece.begin for piece in short} | {len(text)})
    taken = {place for piece in corrected for place in range(piece.begin, piece.end)}
    free: list[_Piece] = []
    for word in words:
        is_free = taken.isdisjoint(range(word.begin(), word.end()))
        parts = _word_pieces(word) if is_free else _short_pieces(word)
        free += [part for part in parts if taken.isdisjoint(range(part.begin, part.end))]
    yield from sorted([*corrected, *free], key=lambda piece: piece.begin)


def _tokenizer() -> Any:
    """Return this thread's Sudachi tokenizer for long words; one may not be shared between threads."""
    if not hasattr(_local, "tokenizer"):
        from sudachipy import Dictionary, SplitMode

        _local.tokenizer = Dictionary(dict="small").tokenizer(mode=SplitMode.C)
    return _local.tokenizer


def _corrections(text: str, readings: Readings, borders: set[int]) -> list[_Piece]:
    """Return what the file reads otherwise; a correction begins and ends where Sudachi's short words do (not 本籍 in 日本籍)."""
    found = [
        _Piece(match.start(), match.end(), _counted(match, readings, text))
        for match in readings.counter_pattern.finditer(text)
        if match.end() in borders
    ]
    taken = {place for piece in found for place in range(piece.begin, piece.end)}
    for match in readings.word_pattern.finditer(text):
        if {match.start(), match.end()} <= borders and taken.isdisjoint(range(*match.span())):
            found.append(_Piece(match.start(), match.end(), aligned(match[0], readings.words[match[0]])))
    return found


def _counted(match: re.Match[str], readings: Readings, text: str) -> Ruby:
    counter, number = readings.counters[match[2]], int(match[1].replace(",", ""))
    after_month = text[: match.start()].endswith("月")
    whole = (counter.dated.get(number) if after_month else None) or counter.whole.get(number)
    if whole:
        return [(match[0], whole)]
    return [(match[1], ""), *aligned(match[2], counter.last_digit.get(number % 10, counter.reading))]


def _word_pieces(word: Any) -> list[_Piece]:
    """Return a word by its short parts where these are read alike together (住民 票), else as one."""
    parts = _short_words(word)
    if "".join(part.reading_form() for part in parts) == word.reading_form():
        return [_piece(part) for part in parts]
    return [_piece(word)]


def _short_pieces(word: Any) -> list[_Piece]:
    return [_piece(part) for part in _short_words(word)]


def _short_words(word: Any) -> list[Any]:
    from sudachipy import SplitMode

    return list(word.split(SplitMode.A)) or [word]


def _piece(word: Any) -> _Piece:
    surface, reading = word.surface(), word.reading_form()
    readable = _HAS_KANJI.search(surface) and reading not in ("", "キゴウ", surface)
    return _Piece(word.begin(), word.end(), aligned(surface, reading) if readable else [(surface, "")])


def _joined(found: Ruby) -> Ruby:
    """Return the same with neighbours that have no reading put together."""
    joined: Ruby = []
    for surface, reading in found:
        if joined and not reading and not joined[-1][1]:
            joined[-1] = (joined[-1][0] + surface, "")
        elif surface:
            joined.append((surface, reading))
    return joined
