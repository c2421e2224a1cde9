"""Learns the spelling of an index from its Japanese texts: which words there are, how they sound, what follows what."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from marisa_trie import Trie

from faq.japanese import Piece, pieces_of_japanese
from faq.search.packing import Lists
from faq.search.runs import Runs
from faq.search.spelling import BEGINNING, PLAIN, RUN, WRITTEN, Speller, is_symbol
from faq.text import kana_skeleton, normalise

_PARTICLE_SOUNDS = {"は": "わ", "へ": "え"}
_N_ROW = dict(zip("あいうえお", "なにぬねの", strict=True))
# So many times as often in kanji is far more often.
_FAR = 2
_N_BEFORE_VOWEL = re.compile("ん([あいうえお])")


def _sounds(piece: Piece) -> set[str]:
    """Return how a word may be written in kana: the particles as they are said, and こにん as romaji leaves it of こんいん."""
    return {piece.sound, _PARTICLE_SOUNDS.get(piece.surface, piece.sound), _N_BEFORE_VOWEL.sub(_joined, piece.sound)}


def _joined(match: re.Match[str]) -> str:
    return _N_ROW[match[1]]


def learn_spelling(texts: Iterable[tuple[str, bool]]) -> Speller:
    """Return the speller of Japanese texts, each with whether it is in easy Japanese."""
    counts: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    runs: Counter[str] = Counter()
    sounds: dict[str, set[str]] = {}
    plain: Counter[str] = Counter()
    for text, is_easy in texts:
        weight = 1 if is_easy else PLAIN
        for before, piece in _neighbours(text):
            counts[before] += weight if before == BEGINNING else 0
            counts[piece.surface] += weight
            pairs[before, piece.surface] += weight
            plain[piece.surface] += not is_easy
            for sound in _sounds(piece):
                sounds.setdefault(kana_skeleton(sound), set()).add(piece.surface)
        runs.update(dict.fromkeys(RUN.findall(normalise(text)), weight))
    following: dict[str, dict[str, int]] = {}
    for (one, other), count in pairs.items():
        following.setdefault(one, {})[other] = count
    return _speller(counts, {sound: _written_first(found, plain) for sound, found in sounds.items()}, following, runs)


def _speller(
    counts: Mapping[str, int], sounds: Mapping[str, set[str]], following: Mapping[str, Mapping[str, int]], runs: Mapping[str, int]
) -> Speller:
    """Return the speller of what was counted, with numbers in place of words."""
    words, by_sound = Trie(list(counts)), Trie(list(sounds))
    texts = [words.restore_key(number) for number in range(len(words))]
    number = {text: place for place, text in enumerate(texts)}
    followers = [following.get(text, {}) for text in texts]
    return Speller(
        words, np.array([counts[text] for text in texts], dtype=np.int32),
        by_sound, Lists.joined(_numbered(sounds[by_sound.restore_key(place)], number) for place in range(len(by_sound))),
        Lists.joined([number[other] for other in found] for found in followers),
        np.array([count for found in followers for count in found.values()], dtype=np.int32), Runs.of(runs),
    )  # fmt: skip


def _numbered(words: Iterable[str], number: Mapping[str, int]) -> list[int]:
    return [number[word] for word in sorted(words)]


def _neighbours(text: str) -> Iterator[tuple[str, Piece]]:
    """Yield each word with the one before it; symbols and Latin letters are no words, and a sentence begins behind them."""
    before = BEGINNING
    for piece in pieces_of_japanese(text):
        if is_symbol(piece):
            before = before if piece.kind == "空白" else BEGINNING
            continue
        yield before, piece
        before = piece.surface


def _written_first(words: set[str], plain: Mapping[str, int]) -> set[str]:
    """Return words of one sound without those in kana that plain Japanese writes in kanji far more often.

    し of します stays beside 市, though there are more cities than deeds: what stands before and behind decides.
    """
    written = max((plain[word] for word in words if WRITTEN.search(word)), default=0)
    return {word for word in words if WRITTEN.search(word) or _FAR * plain[word] >= max(1, written)}
