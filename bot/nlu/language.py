"""Which language a message is in: its script first, then letter runs learned from our own texts; the resident's choice wins."""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq.languages import EASY_JAPANESE, JAPANESE, Languages
from faq.romaji import romaji_of, short_vowels
from faq.search.analysis import Codes, letter_runs
from faq.search.kept import Packing, kept
from faq.search.mapped import Arrays
from faq.search.packing import packed_strings, unpacked_strings
from faq.text import has_japanese_kana, normalise

# Raise it whenever the way of learning changes: older files are then learned anew.
FORMAT = "2"
# Below this many letters the language of the page outweighs what detection believes (J-09).
SHORT = 10
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_LATIN = re.compile("[A-Za-zÀ-ɏḀ-ỿ]")
_LETTERS = re.compile(r"(?:[^\W\d_]|[\u0900-\u0963])+")
_SIZES = (1, 2, 3, 4)
_SPACE, _TWO_SPACES = 0x20, 0x00200020
# Comes after the codes of all runs, which are of letters.
_NO_RUN = np.array([2**64 - 1], dtype=np.uint64)
# With half as many names of things are told apart worse, with twice as many Chinese and Japanese.
_EXAMPLES = 3_000


@dataclass(frozen=True)
class LetterModel:
    """Letter runs of a few languages that share a script (naive Bayes with add-half smoothing).

    `chances` (runs, languages) are log-chances of `runs`, the codes in ascending order; the last one stands for every run that
    was not seen.
    """

    languages: tuple[str, ...]
    runs: Codes
    chances: NDArray[np.float32]

    @classmethod
    def learn(cls, texts: Mapping[str, Sequence[str]]) -> "LetterModel":
        """Learn from example texts per language; of one without any nothing is said."""
        every = {language: _counted(examples) for language, examples in texts.items()}
        counted = {language: (found, counts) for language, (found, counts) in every.items() if len(found)}
        runs = np.unique(np.concatenate([_NO_RUN, *(found for found, _ in counted.values())]))
        chances = np.empty((len(runs), len(counted)), dtype=np.float32)
        for column, (found, counts) in enumerate(counted.values()):
            total = counts.sum() + 0.5 * (len(counts) + 1)
            chances[:, column] = math.log(0.5 / total)
            chances[runs.searchsorted(found), column] = np.log((counts + 0.5) / total)
        return cls(tuple(counted), runs, chances)

    def probabilities(self, text: str) -> dict[str, float]:
        """Return the chance of each language for a text; they add up to one."""
        if not self.languages:
            return {}
        found = letter_runs(_padded(text), _SIZES)
        found = found[found != _SPACE]
        rows = self.runs.searchsorted(found)
        rows[self.runs[rows] != found] = len(self.runs) - 1
        scores = self.chances[rows].sum(axis=0, dtype=np.float64) / math.sqrt(max(1, len(rows)))
        powers = np.exp(scores - scores.max())
        chances = zip(self.languages, (powers / powers.sum()).tolist(), strict=True)
        return dict(sorted(chances, key=lambda pair: -pair[1]))


def _learned(languages: Languages, texts: Mapping[str, list[str]]) -> tuple[LetterModel, ...]:
    """Learn the letter runs of every language in Latin letters, and in Han characters."""
    latin, han = ({l.code: texts.get(l.code, []) for l in languages if l.script == script} for script in ("latin", "han"))  # noqa: E741
    latin[JAPANESE] = _in_latin_letters(texts.get(JAPANESE, []))
    han[JAPANESE] = [text for text in texts.get(JAPANESE, []) if not has_japanese_kana(text)]
    return LetterModel.learn(latin), LetterModel.learn(han)


def _in_latin_letters(japanese: list[str]) -> list[str]:
    """Return Japanese texts as residents without a Japanese keyboard type them, with and without long vowels (J-08)."""
    spelled = [romaji_of(text) for text in _spread(japanese, _EXAMPLES // 4)]
    return [*spelled, *map(short_vowels, spelled)]


def _spread(texts: Sequence[str], most: int) -> Sequence[str]:
    """Return so many of the texts, from all of them: questions come first, names of things last, and residents write both."""
    return texts[:: max(1, -(-len(texts) // most))]


def _counted(examples: Sequence[str]) -> tuple[Codes, NDArray[np.int64]]:
    """Return the runs that stand more than once in the examples, ascending, and how often."""
    runs = letter_runs("".join(_padded(text) for text in _spread(examples, _EXAMPLES)), _SIZES)
    # Two spaces stand where one example ends and the next begins.
    over = np.any([(runs >> np.uint64(16 * place)) & np.uint64(0xFFFFFFFF) == _TWO_SPACES for place in range(3)], axis=0)
    found, counts = np.unique(runs[~over & (runs != _SPACE)], return_counts=True)
    return found[counts > 1], counts[counts > 1]


def _padded(text: str) -> str:
    return f" {' '.join(_LETTERS.findall(normalise(text).lower()))} "


def _packed(models: Sequence[LetterModel]) -> Arrays:
    arrays: Arrays = {}
    for number, model in enumerate(models):
        arrays |= {f"{number}/languages": packed_strings(model.languages)}
        arrays |= {f"{number}/runs": model.runs, f"{number}/chances": model.chances}
    return arrays


def _unpacked(arrays: Arrays) -> tuple[LetterModel, ...]:
    parts = ("languages", "runs", "chances")
    rows = ([arrays[f"{number}/{part}"] for part in parts] for number in range(len(arrays) // len(parts)))
    return tuple(LetterModel(tuple(unpacked_strings(languages)), runs, chances) for languages, runs, chances in rows)


@dataclass(frozen=True)
class LanguageDetector:
    """Tells the language of a message among those served."""

    languages: Languages
    latin: LetterModel
    han: LetterModel

    def candidates(self, text: str, page: str | None) -> list[tuple[str, float]]:
        """Return (language, chance), likeliest first. `page` is the language of the page or of the talk so far."""
        found = self._by_letters(text)
        if page is None or not found:
            return found or [(page or JAPANESE, 1.0)]
        if page == EASY_JAPANESE and found[0][0] == JAPANESE:
            return [(EASY_JAPANESE, found[0][1]), *found[1:]]
        letters = sum(map(len, _LETTERS.findall(text)))
        if letters < SHORT and _HAN.search(text) and not has_japanese_kana(text):
            return [(page, 1.0), *[(code, chance) for code, chance in found if code != page]]
        chance_of_page = dict(found).get(page, 0.0)
        short = letters < SHORT and (chance_of_page or self._could_be_a_word_of(page, text))
        if short or chance_of_page > 0.2:
            return [(page, 1.0), *[(code, chance) for code, chance in found if code != page and chance > 0.3]]
        return found

    def _could_be_a_word_of(self, page: str, text: str) -> bool:
        """Say whether the text is one word in the script of the page's language: "menu" is a word of many languages."""
        return self.languages[page].script == "latin" and bool(_LATIN.search(text)) and len(text.split()) == 1

    def _by_letters(self, text: str) -> list[tuple[str, float]]:
        if has_japanese_kana(text):
            return [(JAPANESE, 1.0)]
        if _HANGUL.search(text):
            return [("ko", 1.0)]
        if _DEVANAGARI.search(text):
            return [("ne", 1.0)]
        if _HAN.search(text):
            return self._han(text)
        if _LATIN.search(text):
            return [(code, chance) for code, chance in self.latin.probabilities(text).items() if chance > 0.02]
        return []

    def _han(self, text: str) -> list[tuple[str, float]]:
        """Han characters alone are Japanese unless they are surely not: residents of Japan write 住民票 in every language."""
        chances = self.han.probabilities(text)
        if not _in_japanese_set(text):
            return [(code, chance) for code, chance in chances.items() if code != JAPANESE]
        first = next(iter(chances), "")
        if not first or (chances[first] < 0.9 and first != JAPANESE):
            chances = {JAPANESE: 0.5, **{code: chance for code, chance in chances.items() if code != JAPANESE}}
        return list(chances.items())


def open_detector(folder: Path, languages: Languages, texts: Mapping[str, list[str]]) -> LanguageDetector:
    """Return the detector learned from our own texts, given per language; from `folder` where the same was learned before."""
    digest = hashlib.sha256(FORMAT.encode())
    for language in languages:
        digest.update("\x1e".join([language.code, language.script, *texts.get(language.code, [])]).encode())
    packing = Packing(_packed, _unpacked)
    models = kept(folder, "letters", digest.hexdigest()[:24], packing, lambda: _learned(languages, texts))
    return LanguageDetector(languages, *models)


def _in_japanese_set(text: str) -> bool:
    """Say whether every Han character is one that Japanese writes with (the set of CP932): 转 and 們 are not."""
    try:
        "".join(_HAN.findall(text)).encode("cp932")
    except UnicodeEncodeError:
        return False
    return True
