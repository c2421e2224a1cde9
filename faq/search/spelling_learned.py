"""Learns the spelling of an index from its Japanese texts: which words there are, how they sound, what follows what."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from faq.japanese import Piece, pieces_of_japanese
from faq.search.spelling import BEGINNING, PLAIN, RUN, WRITTEN, Speller, is_symbol
from faq.text import kana_skeleton, normalise

_PARTICLE_SOUNDS = {"は": "わ", "へ": "え"}
_N_ROW = dict(zip("あいうえお", "なにぬねの", strict=True))
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
    words = tuple(sorted(counts))
    numbers = {word: number for number, word in enumerate(words)}
    return Speller(
        words, tuple(counts[word] for word in words),
        {sound: tuple(sorted(numbers[word] for word in _written_first(found, plain))) for sound, found in sounds.items()},
        {(numbers[one], numbers[other]): count for (one, other), count in pairs.items()}, runs,
    )  # fmt: skip


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
    """Return words of one sound without those in kana that plain Japanese writes in kanji more often than not."""
    written = max((plain[word] for word in words if WRITTEN.search(word)), default=0)
    return {word for word in words if WRITTEN.search(word) or plain[word] >= max(1, written)}
