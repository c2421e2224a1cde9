"""Cuts a text into the pieces of the shipped model, exactly as the model's tokenizer file says, in a fraction of the memory.

The file describes one pipeline (normal form, word starts, scripts apart, then the likeliest cut into pieces). The `tokenizers`
library carries out any pipeline, with 75 MB of tables. Here this one is written down; a file that describes another is left to
the library. Tests compare both, letter by letter and text by text.
"""

import unicodedata
from array import array
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from marisa_trie import Trie

_MARK = "▁"
_UNKNOWN, _UNKNOWN_TEXT = 0, "<unk>"
# How much worse than the worst piece a letter is that no piece has.
_PENALTY = 10.0
# What the file says where it describes this pipeline.
_SCRIPTS = r"\p{Latin}\p{Hangul}\p{Devanagari}"
NORMALIZER = {
    "type": "Sequence",
    "normalizers": [
        {"type": "NFKC"},
        {"type": "Lowercase"},
        {"type": "Replace", "pattern": {"Regex": rf"(?<![{_SCRIPTS}\p{{M}}'’{_MARK}])(?=[{_SCRIPTS}])"}, "content": _MARK},
    ],
}
PRE_TOKENIZER = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "WhitespaceSplit"},
        {"type": "Split", "pattern": {"Regex": _MARK}, "behavior": "MergedWithNext", "invert": False},
        {"type": "Split", "pattern": {"Regex": r"[\p{Han}\p{Hiragana}\p{Katakana}ー]+"}, "behavior": "Isolated", "invert": False},
        {"type": "Punctuation", "behavior": "Isolated"},
        {"type": "Digits", "individual_digits": True},
    ],
}
# First and last letters of the scripts that a word start is marked for, as far as normal form and lower case leave them.
_LETTERS = (
    (0x61, 0x7A), (0xDF, 0xF6), (0xF8, 0x2AF), (0x900, 0x950), (0x955, 0x963), (0x966, 0x97F), (0x1100, 0x11FF),
    (0x1D00, 0x1D25), (0x1D2F, 0x1D2F), (0x1D3B, 0x1D3B), (0x1D4E, 0x1D4E), (0x1D6B, 0x1D77), (0x1D79, 0x1D9A),
    (0x1E00, 0x1EFF), (0x214E, 0x214E), (0x2180, 0x2188), (0x2C61, 0x2C7B), (0x302E, 0x302F), (0xA723, 0xA787),
    (0xA78C, 0xA7DC), (0xA7F6, 0xA7F7), (0xA7FA, 0xA7FF), (0xA8E0, 0xA8FF), (0xA960, 0xA97C), (0xAB30, 0xAB5A),
    (0xAB60, 0xAB64), (0xAB66, 0xAB68), (0xAC00, 0xD7A3), (0xD7B0, 0xD7FB),
)  # fmt: skip
_NO_LETTERS = frozenset("\u0951\u0952\u0953\u0954\u0964\u0965")
_CJK = (
    (0x2E80, 0x2EF2), (0x3005, 0x3005), (0x303B, 0x303B), (0x3041, 0x3096), (0x309D, 0x309E), (0x30A1, 0x30FA),
    (0x30FC, 0x30FE), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xFA0E, 0xFA29), (0x1B000, 0x1B167),
    (0x20000, 0x323AF),
)  # fmt: skip
_SPACE, _ALONE, _IDEOGRAPH, _LETTER, _JOINS, _STARTS = 1, 2, 4, 8, 16, 32


class Pieces:
    """The pieces of a model with their log-likelihoods, in the order of their numbers. Safe to use from several threads."""

    def __init__(self, vocabulary: Sequence[tuple[str, float]]) -> None:
        """Takes (piece, score) pairs; the first is the unknown piece."""
        self._trie = Trie([piece for piece, _ in vocabulary])
        places = [self._trie.key_id(piece) for piece, _ in vocabulary]
        # Both by the place of a piece in the trie.
        self._numbers = array("l", sorted(range(len(places)), key=places.__getitem__))
        self._scores = array("d", (vocabulary[number][1] for number in self._numbers))
        self._unknown_score = min(self._scores) - _PENALTY
        self._cut_again = lru_cache(maxsize=4096)(self._cut)

    def __len__(self) -> int:
        """The number of pieces."""
        return len(self._numbers)

    def numbers(self, text: str) -> list[int]:
        """Return the numbers of the pieces of a text; letters that no piece has become one unknown piece each run."""
        found: list[int] = []
        for place, part in enumerate(text.split(_UNKNOWN_TEXT)):
            if place:
                found.append(_UNKNOWN)
            for word in words_of(part):
                found += self._cut_again(word) if len(word) <= 64 else self._cut(word)
        return found

    def _cut(self, word: str) -> tuple[int, ...]:
        """Return the likeliest cut of a word (Viterbi over all pieces)."""
        best = [0.0, *[float("-inf")] * len(word)]
        came: list[tuple[int, int]] = [(0, 0)] * (len(word) + 1)
        for start in range(len(word)):
            here, known = best[start], False
            for piece, place in self._trie.iter_prefixes_with_ids(word[start:]):
                end, score = start + len(piece), here + self._scores[place]
                known = known or end == start + 1
                if score > best[end]:
                    best[end], came[end] = score, (start, self._numbers[place])
            if not known and here + self._unknown_score > best[start + 1]:
                best[start + 1], came[start + 1] = here + self._unknown_score, (start, _UNKNOWN)
        return _backwards(came)


def _backwards(came: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Follow the best cut from the end; unknown letters beside each other count as one."""
    end, numbers = len(came) - 1, []
    while end:
        end, number = came[end]
        numbers.append(number)
    kept = [number for before, number in pairwise([None, *reversed(numbers)]) if number != _UNKNOWN or before != _UNKNOWN]
    return tuple(number for number in kept if number is not None)


def words_of(text: str) -> list[str]:
    """Return the words of a text in normal form: starts marked, ideographs and kana apart, digits and signs by themselves."""
    words, word, before = [], "", _SPACE
    for letter in unicodedata.normalize("NFKC", text).replace("Σ", "σ").lower():
        kind = _kind(letter)
        begins = kind & _LETTER and not before & _JOINS
        if word and (begins or kind & (_SPACE | _STARTS) or (kind | before) & _ALONE or (kind ^ before) & _IDEOGRAPH):
            words.append(word)
            word = ""
        if begins and kind & _ALONE:
            words.append(_MARK)
        elif begins:
            word = _MARK
        if not kind & _SPACE:
            word += letter
        before = kind
    return [*words, word] if word else words


@lru_cache(maxsize=16_384)
def _kind(letter: str) -> int:
    code, category = ord(letter), unicodedata.category(letter)
    kind = _SPACE if letter.isspace() and not 0x1C <= code <= 0x1F else 0
    if category[0] in "PN" or (code < 0x80 and category[0] == "S"):
        kind |= _ALONE
    if any(first <= code <= last for first, last in _CJK):
        kind |= _IDEOGRAPH
    if any(first <= code <= last for first, last in _LETTERS) and letter not in _NO_LETTERS:
        kind |= _LETTER | _JOINS
    if category[0] == "M" or letter in "'’":
        kind |= _JOINS
    return kind | _JOINS | _STARTS if letter == _MARK else kind


def pieces_of(tokenizer: Mapping[str, Any]) -> Pieces | None:
    """Return the pieces of a tokenizer file that describes this pipeline, None for any other."""
    model, added = tokenizer.get("model") or {}, tokenizer.get("added_tokens") or []
    is_ours = (
        tokenizer.get("normalizer") == NORMALIZER
        and tokenizer.get("pre_tokenizer") == PRE_TOKENIZER
        and (model.get("type"), model.get("unk_id"), model.get("byte_fallback")) == ("Unigram", _UNKNOWN, False)
        and [token.get("content") for token in added] == [_UNKNOWN_TEXT]
    )
    return Pieces(model["vocab"]) if is_ours else None
