"""Writes a Japanese question as the texts of the index would: kana and romaji become kanji, a slip the word that was meant.

The texts themselves are the dictionary: their words by sound, with how often each follows another (Viterbi over a lattice of
words). So じゅうみんひょうがほしい is searched as 住民票がほしい, and 認知証 as 認知症.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq.japanese import Piece, pieces_of_japanese
from faq.search.packing import packed_strings, unpacked_strings
from faq.text import has_japanese_kana, kana_skeleton, normalise

_LONGEST = 12
# Longer messages have enough words written as they should be.
_MOST = 200
# Costs are negative logarithms of chances: of a kana that no word explains, and of leaving an unknown word as it is.
_UNEXPLAINED, _LEFT_ALONE = 15.0, 12.0
# How much more often the likelier of two words must stand in the texts to be the one meant.
_CLEARLY = 2
# What a text in plain Japanese counts beside one in easy Japanese, which writes in kana what others write in kanji.
PLAIN = 4
# So often a word, a pair or a run stands there that it is no slip in an example text.
_SEEN, _WELL_KNOWN = 3 * PLAIN, 2 * PLAIN
_FOLLOWS = 0.7
# Kana words of one letter are mostly grammar; longer ones of these kinds may be meant as kanji.
_SHORT = 1
_CONTENT = frozenset({"名詞", "代名詞", "動詞", "形容詞", "形状詞", "接尾辞"})
_NEVER_FIRST = frozenset("ぁぃぅぇぉゃゅょゎっーん")
_NEVER_AFTER = frozenset("ぁぃぅぇぉゃゅょゎー")
RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff々]{2,}|[ァ-ヺー]{4,}")
WRITTEN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff々ァ-ヺ]")


# Stands for the place before the first word of a sentence.
BEGINNING = ""
Step = tuple[float, int, int, str]


@dataclass(frozen=True)
class _Stretch:
    """Neighbouring pieces that may be written otherwise: as `kana`, `written` (per kana) where kanji stood, those in `kept`."""

    kana: str
    written: tuple[bool, ...]
    kept: Mapping[int, Piece]

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> "_Stretch":
        kept, written = {}, list[bool]()
        for piece in pieces:
            kept[len(written)] = piece
            written += [bool(WRITTEN.search(piece.surface))] * len(piece.sound)
        return cls("".join(piece.sound for piece in pieces), tuple(written), kept)


@dataclass(frozen=True)
class Speller:
    """The words of an index: `words` with their `counts`, `sounds` by skeleton.

    `pairs` counts which word follows which, by their numbers. `runs` are the unbroken runs of kanji or katakana.
    """

    words: tuple[str, ...]
    counts: tuple[int, ...]
    sounds: Mapping[str, tuple[int, ...]]
    pairs: Mapping[tuple[int, int], int]
    runs: Mapping[str, int]

    def packed(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays, for `unpacked`."""
        sounds = [f"{sound}\t{' '.join(map(str, words))}" for sound, words in self.sounds.items()]
        return {
            "words": packed_strings(self.words),
            "counts": np.array(self.counts, dtype=np.int32),
            "sounds": packed_strings(sounds),
            "pairs": np.array([(*pair, count) for pair, count in self.pairs.items()], dtype=np.int32).reshape(-1, 3),
            "runs": packed_strings([f"{run}\t{count}" for run, count in self.runs.items()]),
        }  # fmt: skip

    @classmethod
    def unpacked(cls, arrays: Mapping[str, NDArray[Any]]) -> "Speller":
        """Return the speller of `packed` arrays. Raises KeyError or ValueError where they are damaged."""
        sounds = (line.split("\t") for line in unpacked_strings(arrays["sounds"]))
        runs = (line.split("\t") for line in unpacked_strings(arrays["runs"]))
        return cls(
            tuple(unpacked_strings(arrays["words"])), tuple(arrays["counts"].tolist()),
            {sound: tuple(map(int, words.split())) for sound, words in sounds},
            {(one, other): count for one, other, count in arrays["pairs"].tolist()}, {run: int(count) for run, count in runs},
        )  # fmt: skip

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def total(self) -> int:
        """How many words were counted."""
        return max(1, sum(self.counts))

    @cached_property
    def _by_length(self) -> dict[int, tuple[list[str], NDArray[np.uint32]]]:
        lengths: dict[int, list[str]] = {}
        for run in sorted(self.runs):
            lengths.setdefault(len(run), []).append(run)
        return {size: (runs, np.array([[*map(ord, run)] for run in runs], dtype=np.uint32)) for size, runs in lengths.items()}

    def knows(self, text: str) -> bool:
        """Say whether the index writes a text of one word, or of several words run together, just so."""
        return text in self.runs or all(piece.surface in self.numbers for piece in pieces_of_japanese(text))

    def term(self, kana: str) -> str:
        """Return the word or run in kanji that sounds like this and stands often enough in the texts; nothing otherwise."""
        spelled = self.spelled(kana)
        count = max(self.runs.get(spelled, 0), self.counts[self.numbers[spelled]] if spelled in self.numbers else 0)
        return spelled if count >= _WELL_KNOWN and RUN.fullmatch(spelled) else ""

    def spelled(self, text: str) -> str:
        """Return the question as the index would write it; the text itself where it is written so."""
        if len(text) > _MOST:
            return text
        unslipped = RUN.sub(lambda match: self._one_meant(match[0]), normalise(text))
        return "".join(self._respelled(pieces_of_japanese(unslipped)))

    def _respelled(self, pieces: Sequence[Piece]) -> Iterable[str]:
        loose: list[Piece] = []
        before = self.numbers.get(BEGINNING, -1)
        in_kana = not any(WRITTEN.search(piece.surface) for piece in pieces)
        for piece in pieces:
            number = self.numbers.get(piece.surface, -1)
            if piece.kind == "空白":
                yield from () if loose else (" ",)
                continue
            if self._is_loose(piece, in_kana=in_kana) or (not loose and self._is_odd(before, number)):
                loose.append(piece)
                continue
            yield from self._convert(loose, before)
            loose = []
            yield piece.surface
            before = number if piece.kind != "補助記号" else self.numbers.get(BEGINNING, -1)
        yield from self._convert(loose, before)

    def _is_loose(self, piece: Piece, *, in_kana: bool) -> bool:
        """Say whether a piece is free to be written otherwise: what is in kana, and what is a word to nobody.

        Where other words are in kanji (not `in_kana`), only longer ones in kana: the cutting is right and grammar stays.
        """
        if WRITTEN.search(piece.surface):
            return piece.surface not in self.numbers and not piece.is_word
        if is_symbol(piece) or not has_japanese_kana(piece.surface):
            return False
        return in_kana or (len(piece.surface) > _SHORT and piece.kind in _CONTENT)

    def _is_odd(self, before: int, word: int) -> bool:
        """Say whether a word stands behind another one that it never follows: 認知|証, 転出|届け."""
        if before < 0 or word < 0 or (before, word) in self.pairs:
            return False
        return all(WRITTEN.search(self.words[number]) for number in (before, word))

    def _convert(self, loose: Sequence[Piece], before: int) -> list[str]:
        """Return the cheapest words for a stretch of kana and unknown words."""
        if not loose:
            return []
        stretch = _Stretch.of(loose)
        # best[place][last word] = (cost, place before, word before, text)
        best: list[dict[int, Step]] = [{} for _ in range(len(stretch.kana) + 1)]
        best[0][before] = (0.0, -1, -1, "")
        for start in range(len(stretch.kana)):
            if best[start]:
                for end, word, text, own in self._steps(stretch, start):
                    self._extend(best, start, end, word, text, own)
        return _traced(best)

    def _steps(self, stretch: _Stretch, start: int) -> Iterator[tuple[int, int, str, float]]:
        """Yield what may stand at a place: (its end, the word's number or -1, the text, what it costs by itself)."""
        kana, kept = stretch.kana, stretch.kept.get(start)
        if kept:
            number = self.numbers.get(kept.surface, -1) if stretch.written[start] else -1
            yield start + len(kept.sound), number, kept.surface, 0.0 if number >= 0 else _LEFT_ALONE
        if not stretch.written[start]:
            yield start + 1, -1, kana[start], _UNEXPLAINED
        for end in range(start + 1, min(len(kana), start + _LONGEST) + 1) if kana[start] not in _NEVER_FIRST else ():
            if kana[end - 1] == "を" and end > start + 1:
                break
            if end < len(kana) and kana[end] in _NEVER_AFTER:
                continue
            written = any(stretch.written[start:end])
            for word in self.sounds.get(kana_skeleton(kana[start:end]), ()):
                if not written or WRITTEN.search(self.words[word]):
                    yield end, word, self.words[word], 0.0

    def _extend(self, best: list[dict[int, Step]], start: int, end: int, word: int, text: str, own: float) -> None:
        for last, (cost, *_) in best[start].items():
            whole = cost + own + (self._cost(last, word) if word >= 0 else 0.0)
            if word not in best[end] or whole < best[end][word][0]:
                best[end][word] = (whole, start, last, text)

    def _cost(self, last: int, word: int) -> float:
        alone = self.counts[word] / self.total
        if last < 0:
            return -math.log(alone)
        follows = self.pairs.get((last, word), 0) / self.counts[last]
        return -math.log(_FOLLOWS * follows + (1 - _FOLLOWS) * alone)

    def _one_meant(self, run: str) -> str:
        """Put right one wrong character in a run of kanji or katakana that is one of the index's but for it."""
        known = self.runs.get(run, 0)
        if known >= _WELL_KNOWN:
            return run
        near, sound = self._near(run), _sound_of(run)
        alike = [other for other in near if _sound_of(other) == sound]
        meant = alike or (near if len(run) > 2 and not known else [])
        counted = sorted(((self.runs[other], other) for other in meant), reverse=True)
        if not counted or (len(counted) > 1 and counted[0][0] < _CLEARLY * counted[1][0]):
            return run
        best = counted[0][1]
        place = next((at for at, (one, other) in enumerate(zip(run, best, strict=False)) if one != other), len(run) - 1)
        return best if alike or not self._is_known_at(run, place) else run

    def _near(self, run: str) -> list[str]:
        """Return the runs of the index that differ from this one by one character; in katakana one may be missing, too."""
        found = self._one_other(run)
        if "ァ" <= run[0] <= "ー":
            found += [other for other in self.runs if abs(len(other) - len(run)) == 1 and _one_missing(run, other)]
        return found

    def _one_other(self, run: str) -> list[str]:
        if len(run) not in self._by_length:
            return []
        runs, letters = self._by_length[len(run)]
        differs = letters != np.array([ord(c) for c in run], dtype=np.uint32)
        return [runs[row] for row in np.flatnonzero(differs.sum(axis=1) == 1).tolist()]

    def _is_known_at(self, run: str, place: int) -> bool:
        """Say whether the word at a place of a run is one that the index knows beside its neighbour."""
        pieces, start = pieces_of_japanese(run), 0
        numbers = [self.numbers.get(piece.surface, -1) for piece in pieces]
        for at, piece in enumerate(pieces):
            if start <= place < start + len(piece.surface):
                if len(piece.surface) > 1 and piece.is_word:
                    return True
                beside = [(numbers[at - 1], numbers[at])] if at else []
                beside += [(numbers[at], numbers[at + 1])] if at + 1 < len(pieces) else []
                return numbers[at] >= 0 and any(self.pairs.get(pair, 0) >= _SEEN for pair in beside)
            start += len(piece.surface)
        return False


def is_symbol(piece: Piece) -> bool:
    """Say whether a piece is no Japanese word: punctuation, a space, Latin letters, digits."""
    return piece.kind in ("補助記号", "空白") or piece.surface.isascii()


def _one_missing(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


def _sound_of(run: str) -> str:
    return kana_skeleton("".join(piece.sound for piece in pieces_of_japanese(run)))


def _traced(best: Sequence[Mapping[int, Step]]) -> list[str]:
    place = len(best) - 1
    word = min(best[place], key=lambda last: best[place][last][0])
    texts: list[str] = []
    while place:
        _, before, last, text = best[place][word]
        texts.append(text)
        place, word = before, last
    return texts[::-1]
