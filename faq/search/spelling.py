"""Writes a Japanese question as the texts of the index would: kana and romaji become kanji, a slip the word that was meant.

The texts themselves are the dictionary: their words by sound, with how often each follows another (Viterbi over a lattice of
words). So じゅうみんひょうがほしい is searched as 住民票がほしい, and 認知証 as 認知症.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any

import numpy as np
from marisa_trie import Trie
from numpy.typing import NDArray

from faq.japanese import Piece, pieces_of_japanese
from faq.search.packing import Lists, packed_trie, unpacked_trie
from faq.search.runs import Runs
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
# What may stand behind a noun; any other hiragana belongs to the word before it.
_PARTICLES = frozenset("がをにはのもとでやへかだ")
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
    """The words of an index with their `counts`, by their places in `words`; `sounding` are the words of each of `sounds`.

    `following` are the words that follow each word, and `followed` how often: both in the same order.
    """

    words: Trie
    counts: NDArray[np.int32]
    sounds: Trie
    sounding: Lists
    following: Lists
    followed: NDArray[np.int32]
    runs: Runs

    def packed(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays, for `unpacked`."""
        return {
            "words": packed_trie(self.words), "counts": self.counts,
            "sounds": packed_trie(self.sounds), "sounding/starts": self.sounding.starts, "sounding": self.sounding.values,
            "following/starts": self.following.starts, "following": self.following.values, "followed": self.followed,
            "runs": packed_trie(self.runs.texts), "runs/counts": self.runs.counts,
        }  # fmt: skip

    @classmethod
    def unpacked(cls, arrays: Mapping[str, NDArray[Any]]) -> "Speller":
        """Return the speller of `packed` arrays. Raises KeyError or ValueError where they are damaged."""
        return cls(
            unpacked_trie(arrays["words"]), arrays["counts"],
            unpacked_trie(arrays["sounds"]), Lists(arrays["sounding/starts"], arrays["sounding"]),
            Lists(arrays["following/starts"], arrays["following"]), arrays["followed"],
            Runs(unpacked_trie(arrays["runs"]), arrays["runs/counts"]),
        )  # fmt: skip

    @cached_property
    def total(self) -> int:
        """How many words were counted."""
        return max(1, int(self.counts.sum()))

    @cached_property
    def _counts(self) -> memoryview:
        """The counts as plain numbers: one at a time they are read so much faster."""
        return self.counts.data

    @cached_property
    def _followers(self) -> Callable[[int], dict[int, int]]:
        """Return how often each word follows one word. What is asked often is kept; all of it would take megabytes."""

        def followers(word: int) -> dict[int, int]:
            within = self.following.span(word) if word >= 0 else slice(0)
            return dict(zip(self.following.values[within].tolist(), self.followed[within].tolist(), strict=True))

        return lru_cache(maxsize=1024)(followers)

    def number(self, word: str) -> int:
        """Return the number of a word, -1 where the texts do not have it."""
        return int(self.words.get(word, -1))

    def knows(self, text: str) -> bool:
        """Say whether the index writes a text of one word, or of several words run together, just so."""
        return text in self.runs.texts or all(piece.surface in self.words for piece in pieces_of_japanese(text))

    def term(self, kana: str) -> str:
        """Return the word or run in kanji that sounds like this and stands often enough in the texts; nothing otherwise."""
        spelled = self.spelled(kana)
        count = max(self.runs.count(spelled), self._counts[self.number(spelled)] if spelled in self.words else 0)
        return spelled if count >= _WELL_KNOWN and RUN.fullmatch(spelled) else ""

    def spelled(self, text: str) -> str:
        """Return the question as the index would write it; the text itself where it is written so."""
        if len(text) > _MOST:
            return text
        unslipped = RUN.sub(lambda match: self._one_meant(match[0], match.string[match.end() :][:1]), normalise(text))
        return "".join(self._respelled(pieces_of_japanese(unslipped)))

    def _respelled(self, pieces: Sequence[Piece]) -> Iterable[str]:
        loose: list[Piece] = []
        before = self.number(BEGINNING)
        in_kana = not any(WRITTEN.search(piece.surface) for piece in pieces)
        for piece in pieces:
            number = self.number(piece.surface)
            if piece.kind == "空白":
                yield from () if loose else (" ",)
                continue
            if self._is_loose(piece, in_kana=in_kana) or (not loose and self._is_odd(before, number)):
                loose.append(piece)
                continue
            yield from self._convert(loose, before)
            loose = []
            yield piece.surface
            before = number if piece.kind != "補助記号" else self.number(BEGINNING)
        yield from self._convert(loose, before)

    def _is_loose(self, piece: Piece, *, in_kana: bool) -> bool:
        """Say whether a piece is free to be written otherwise: what is in kana, and what is a word to nobody.

        Where other words are in kanji (not `in_kana`), only longer ones in kana: the cutting is right and grammar stays.
        """
        if WRITTEN.search(piece.surface):
            return piece.surface not in self.words and not piece.is_word
        if is_symbol(piece) or not has_japanese_kana(piece.surface):
            return False
        return in_kana or (len(piece.surface) > _SHORT and piece.kind in _CONTENT)

    def _is_odd(self, before: int, word: int) -> bool:
        """Say whether a word stands behind another one that it never follows: 認知|証, 転出|届け."""
        if before < 0 or word < 0 or word in self._followers(before):
            return False
        return all(WRITTEN.search(self.words.restore_key(number)) for number in (before, word))

    def _convert(self, loose: Sequence[Piece], behind: int) -> tuple[str, ...]:
        return self._converted(tuple(loose), behind) if loose else ()

    @cached_property
    def _converted(self) -> Callable[[tuple[Piece, ...], int], tuple[str, ...]]:
        """Return what `_cheapest_words` does, kept: every other question ends in がほしいです or したいんですが."""
        return lru_cache(maxsize=2048)(self._cheapest_words)

    def _cheapest_words(self, loose: tuple[Piece, ...], behind: int) -> tuple[str, ...]:
        """Return the cheapest words for a stretch of kana and unknown words that stands behind a word."""
        stretch = _Stretch.of(loose)
        # best[place][last word] = (cost, place before, word before, text)
        best: list[dict[int, Step]] = [{} for _ in range(len(stretch.kana) + 1)]
        best[0][behind] = (0.0, -1, -1, "")
        for start in range(len(stretch.kana)):
            before = [(step[0], last, self._followers(last)) for last, step in best[start].items()]
            for end, word, text, own in self._steps(stretch, start) if before else ():
                cost, last = self._cheapest(before, word)
                if word not in best[end] or cost + own < best[end][word][0]:
                    best[end][word] = (cost + own, start, last, text)
        return tuple(_traced(best))

    def _steps(self, stretch: _Stretch, start: int) -> Iterator[tuple[int, int, str, float]]:
        """Yield what may stand at a place: (its end, the word's number or -1, the text, what it costs by itself)."""
        kana, kept = stretch.kana, stretch.kept.get(start)
        if kept:
            number = self.number(kept.surface) if stretch.written[start] else -1
            yield start + len(kept.sound), number, kept.surface, 0.0 if number >= 0 else _LEFT_ALONE
        if not stretch.written[start]:
            yield start + 1, -1, kana[start], _UNEXPLAINED
        if kana[start] in _NEVER_FIRST:
            return
        for end, word in self._sounding_at(kana, start):
            text = self.words.restore_key(word)
            if not any(stretch.written[start:end]) or WRITTEN.search(text):
                yield end, word, text, 0.0

    def _sounding_at(self, kana: str, start: int) -> Iterator[tuple[int, int]]:
        """Yield (end, number) of the words that sound like what is at a place."""
        longest = max(map(len, self.sounds.prefixes(kana_skeleton(kana[start : start + _LONGEST]))), default=0)
        for end in range(start + 1, min(len(kana), start + _LONGEST) + 1):
            sound = kana_skeleton(kana[start:end])
            if len(sound) > longest or (kana[end - 1] == "を" and end > start + 1):
                break
            place = self.sounds.get(sound, -1)
            if place >= 0 and not (end < len(kana) and kana[end] in _NEVER_AFTER):
                yield from ((end, word) for word in self.sounding.of(place))

    def _cheapest(self, before: Sequence[tuple[float, int, Mapping[int, int]]], word: int) -> tuple[float, int]:
        """Return the cheapest cost of a word (-1: of letters that are none) and the word before it; `before` has followers."""
        if word < 0:
            return min(((cost, last) for cost, last, _ in before), key=itemgetter(0))
        alone, found = self._counts[word] / self.total, (math.inf, -1)
        first, apart = -math.log(alone), -math.log((1 - _FOLLOWS) * alone)
        for cost, last, followers in before:
            follows = followers.get(word)
            if follows:
                whole = cost - math.log(_FOLLOWS * follows / self._counts[last] + (1 - _FOLLOWS) * alone)
            else:
                whole = cost + (apart if last >= 0 else first)
            found = (whole, last) if whole < found[0] else found
        return found

    def _one_meant(self, run: str, then: str) -> str:
        """Put right one wrong character in a run of kanji or katakana that is one of the index's but for it.

        `then` is the letter behind the run: what begins a verb (保険料払えない) is no slip of another word. Nor is the first
        kanji, which tells a word from others of its kind: 乾電池 is not 蓄電池.
        """
        known = self.runs.count(run)
        if known >= _WELL_KNOWN:
            return run
        near, sound = self.runs.near(run), _sound_of(run)
        alike = [other for other in near if _sound_of(other) == sound]
        meant = alike or (near if len(run) > 2 and not known else [])
        counted = sorted(((self.runs.count(other), other) for other in meant), reverse=True)
        if not counted or (len(counted) > 1 and counted[0][0] < _CLEARLY * counted[1][0]):
            return run
        best = counted[0][1]
        place = next((at for at, (one, other) in enumerate(zip(run, best, strict=False)) if one != other), len(run) - 1)
        verb = place == len(run) - 1 and "ぁ" <= then <= "ゖ" and then not in _PARTICLES
        first = place == 0 and not "ァ" <= run[0] <= "ー"
        return best if alike or not (verb or first or self._is_known_at(run, place)) else run

    def _is_known_at(self, run: str, place: int) -> bool:
        """Say whether the word at a place of a run is one that the index knows beside its neighbour."""
        pieces, start = pieces_of_japanese(run), 0
        numbers = [self.number(piece.surface) for piece in pieces]
        for at, piece in enumerate(pieces):
            if start <= place < start + len(piece.surface):
                if len(piece.surface) > 1 and piece.is_word:
                    return True
                beside = [(numbers[at - 1], numbers[at])] if at else []
                beside += [(numbers[at], numbers[at + 1])] if at + 1 < len(pieces) else []
                return numbers[at] >= 0 and any(self._followers(one).get(other, 0) >= _SEEN for one, other in beside)
            start += len(piece.surface)
        return False


def is_symbol(piece: Piece) -> bool:
    """Say whether a piece is no Japanese word: punctuation, a space, Latin letters, digits."""
    return piece.kind in ("補助記号", "空白") or piece.surface.isascii()


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
