"""Which language a message is in: its script first, then letter runs learned from our own texts; the resident's choice wins."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from faq.languages import EASY_JAPANESE, JAPANESE, Languages
from faq.romaji import romaji_of, short_vowels
from faq.text import has_japanese_kana, normalise

# Below this many letters the language of the page outweighs what detection believes (J-09).
SHORT = 10
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_LATIN = re.compile("[A-Za-zÀ-ɏḀ-ỿ]")
_LETTERS = re.compile(r"(?:[^\W\d_]|[\u0900-\u0963])+")
_SIZES = (1, 2, 3, 4)
# More texts of a language teach nothing that these do not, and cost start-up time.
_EXAMPLES = 1_200


@dataclass(frozen=True)
class LetterModel:
    """Letter runs of a few languages that share a script (naive Bayes with add-half smoothing).

    `chances` (runs + 1, languages) are log-chances; `rows` says which row is a run's, and row 0 is that of every run not seen.
    """

    languages: tuple[str, ...]
    rows: Mapping[str, int]
    chances: NDArray[np.float64]

    @classmethod
    def learn(cls, texts: Mapping[str, Iterable[str]]) -> "LetterModel":
        """Learn from example texts per language."""
        counts = [_counted(examples) for examples in texts.values()]
        rows = {run: number for number, run in enumerate(sorted(set().union(*counts)), start=1)}
        chances = np.empty((len(rows) + 1, len(counts)))
        for column, counted in enumerate(counts):
            total = sum(counted.values()) + 0.5 * (len(counted) + 1)
            chances[:, column] = math.log(0.5 / total)
            found = [rows[run] for run in counted]
            chances[found, column] = np.log((np.array(list(counted.values())) + 0.5) / total)
        return cls(tuple(texts), rows, chances)

    def probabilities(self, text: str) -> dict[str, float]:
        """Return the chance of each language for a text; they add up to one."""
        rows = [self.rows.get(run, 0) for run in _runs(text)]
        if not self.languages:
            return {}
        scores = self.chances[rows].sum(axis=0) / math.sqrt(max(1, len(rows)))
        powers = np.exp(scores - scores.max())
        found = zip(self.languages, (powers / powers.sum()).tolist(), strict=True)
        return dict(sorted(found, key=lambda pair: -pair[1]))


def _in_latin_letters(japanese: list[str]) -> list[str]:
    """Return Japanese texts as residents without a Japanese keyboard type them, with and without long vowels (J-08)."""
    spelled = [romaji_of(text) for text in japanese[: _EXAMPLES // 4]]
    return [*spelled, *map(short_vowels, spelled)]


def _counted(examples: Iterable[str]) -> dict[str, int]:
    seen = Counter(run for text in islice(examples, _EXAMPLES) for run in _runs(text))
    return {run: count for run, count in seen.items() if count > 1}


def _runs(text: str) -> Iterable[str]:
    words = _LETTERS.findall(normalise(text).lower())
    padded = f" {' '.join(words)} "
    return (padded[i : i + size] for size in _SIZES for i in range(len(padded) - size + 1) if padded[i : i + size] != " ")


@dataclass(frozen=True)
class LanguageDetector:
    """Tells the language of a message among those served."""

    languages: Languages
    latin: LetterModel
    han: LetterModel

    @classmethod
    def learn(cls, languages: Languages, texts: Mapping[str, list[str]]) -> "LanguageDetector":
        """Learn the letter runs of every language from our own texts, given per language."""
        by_script = {
            script: {l.code: texts.get(l.code, []) for l in languages if l.script == script}  # noqa: E741
            for script in ("latin", "han")
        }
        by_script["latin"][JAPANESE] = _in_latin_letters(texts.get(JAPANESE, []))
        japanese = [text for text in texts.get(JAPANESE, []) if not has_japanese_kana(text)]
        return cls(languages, LetterModel.learn(by_script["latin"]), LetterModel.learn({**by_script["han"], JAPANESE: japanese}))

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
        first = next(iter(chances))
        if chances[first] < 0.9 and first != JAPANESE:
            chances = {JAPANESE: 0.5, **{code: chance for code, chance in chances.items() if code != JAPANESE}}
        return list(chances.items())


def _in_japanese_set(text: str) -> bool:
    """Say whether every Han character is one that Japanese writes with (the set of CP932): 转 and 們 are not."""
    try:
        "".join(_HAN.findall(text)).encode("cp932")
    except UnicodeEncodeError:
        return False
    return True
