"""Japanese as residents type it: kana only, keywords only, romaji, and small slips, made from well-written sentences."""

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
from sudachipy import Dictionary, SplitMode, Tokenizer

from faq.text import hiragana
from faq.training.pairs import Pair

_CONTENT = frozenset({"名詞", "動詞", "形容詞", "形状詞", "接尾辞", "接頭辞"})
_ROWS = {"": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ",
         "m": "まみむめも", "r": "らりるれろ", "g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ",
         "p": "ぱぴぷぺぽ"}
_REGULAR = {sign: consonant + vowel for consonant, row in _ROWS.items() for sign, vowel in zip(row, "aiueo", strict=True)}
_SYLLABLES = _REGULAR | {
    "し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu", "や": "ya", "ゆ": "yu", "よ": "yo",
    "わ": "wa", "を": "wo", "ん": "n"}
_GLIDES = {"ゃ": "a", "ゅ": "u", "ょ": "o"}


def variant_pairs(texts: Iterable[str], rng: np.random.Generator, group: str = "") -> Iterator[Pair]:
    """Each text against a kana, a keyword, a romaji or a mistyped form of itself, one drawn at random."""
    cutter = _cutter()
    for text in texts:
        morphemes = cutter.tokenize(text, SplitMode.A)
        reading = "".join(m.surface() if m.part_of_speech()[0] in ("補助記号", "空白") else hiragana(m.reading_form())
                          for m in morphemes)
        keywords = [m.surface() for m in morphemes if m.part_of_speech()[0] in _CONTENT]
        forms = (reading, reading, " ".join(keywords), " ".join(keywords), romaji(reading), mistyped(text, rng))
        yield Pair("ja", text, "ja", str(rng.choice(np.array(forms, dtype=object))), group)


@cache
def _cutter() -> Tokenizer:
    return Dictionary(dict="small").tokenizer()


def romaji(kana: str) -> str:
    """Kana in Hepburn letters as people type them without long-vowel marks; other characters are kept."""
    letters: list[str] = []
    double = False
    for sign in hiragana(kana):
        if sign == "っ":
            double = True
            continue
        letters.append(_syllable(sign, letters, double=double))
        double = False
    return "".join(letters)


def _syllable(sign: str, before: list[str], *, double: bool) -> str:
    if sign in _GLIDES and before and before[-1].endswith("i"):
        consonant = before.pop()[:-1]
        return consonant + ("" if consonant in {"sh", "ch", "j"} else "y") + _GLIDES[sign]
    syllable = "" if sign == "ー" else _SYLLABLES.get(sign, sign)
    return syllable[:1] + syllable if double else syllable


def mistyped(text: str, rng: np.random.Generator) -> str:
    """The text with one character dropped, doubled or swapped with its neighbour; short texts are kept."""
    if len(text) < 4:
        return text
    place = int(rng.integers(1, len(text) - 2))
    slips = (text[:place] + text[place + 1:], text[:place] + text[place] + text[place:],
             text[:place] + text[place + 1] + text[place] + text[place + 2:])
    return slips[int(rng.integers(len(slips)))]
