"""Turns a text into the terms it is searched by: words, and short character runs that forgive typos.

A term is a number: the letters themselves where they fit into 64 bits, else a hash. So an index keeps eight bytes a term instead
of a string, a question is cut by array operations, and an index lies on disk as it is searched.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from faq.japanese import analyse_japanese
from faq.text import has_japanese_kana, normalise, without_diacritics

_WORD = re.compile(r"(?:[^\W_]|[\u0900-\u0963])+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff々]+")
_STOP_WORDS = {
    "en": "a an the i my me we our you your he she it is are am be do does did can could how what where when which who to of in on at "
    "for from with and or if this that there have has need want get please will would should",
    "es": "el la los las un una unos de del al en y o a que como cómo donde dónde cuando mi mis tu su se es son para por con si lo le "
    "me hay tengo puedo quiero debo",
    "pt-BR": "o a os as um uma de do da dos das em no na nos nas e ou que como onde quando meu minha seu sua se é são para por com eu "
    "tem há preciso posso quero",
    "vi": "tôi toi tôi là la của cua và va có co không khong thì thi ở o cho với voi được duoc làm lam thế the nào nao gì gi muốn "
    "muon cần can phải phai như nhu đâu dau bị bi",
    "tl": "ang ng mga sa ko ako mo ka na pa po ba ay at o kung paano saan ano kailan para may ito yung si ni niya namin natin",
    "id": "yang di ke dari dan atau untuk saya aku kami kita anda apa bagaimana gimana dimana kapan ini itu dengan pada adalah ada "
    "bisa mau ingin harus cara",
    "ne": "म मेरो मलाई को का की मा ले लाई र छ हो के कसरी कहाँ कहिले गर्ने गर्नु पर्छ हुन्छ छैन भने पनि",
}
_STOPS = {
    code: frozenset(words.split()) | frozenset(without_diacritics(words).split()) for code, words in _STOP_WORDS.items()
}
_NOT_FOLDED = frozenset({"ne", "ko"})


Codes = NDArray[np.uint64]
# Around every word whose runs are taken: neither can be part of a word.
_START, _END = "^", "$"


@dataclass(frozen=True)
class Terms:
    """What a text is searched by, as numbers; a term may stand several times. Shapes (words,) and (grams,)."""

    words: Codes
    grams: Codes


@lru_cache(maxsize=500)
def analyse(text: str, group: str) -> Terms:
    """Return the terms of a text in the search group of its language (`ja`, `zh`, `ko`, or a language code)."""
    if group == "ja":
        japanese = analyse_japanese(text)
        return Terms(_word_codes(japanese.words), letter_runs(japanese.sound, (2, 3)))
    folded = normalise(text).casefold()
    if group not in _NOT_FOLDED:
        folded = without_diacritics(folded)
    if group == "zh":
        return _chinese(folded)
    words = _WORD.findall(folded)
    stops = _STOPS.get(group, frozenset())
    content = tuple(_stem(word, group) for word in words if word not in stops) or tuple(words)
    if group == "ko":
        return Terms(_word_codes(_pairs(content)), letter_runs(" ".join(words), (1, 2)))
    return Terms(_word_codes(content), letter_runs("".join(f"{_START}{word}{_END}" for word in content), (3, 4), apart=True))


def _chinese(text: str) -> Terms:
    """Cut Chinese into pairs of characters for words and single ones for typos; other scripts stay words."""
    runs = _HAN.findall(text)
    others = _word_codes(_WORD.findall(_HAN.sub(" ", text)))
    return Terms(np.concatenate([_word_codes(_pairs(runs)), others]), np.concatenate([letter_runs("".join(runs), (1,)), others]))


def _pairs(words: Iterable[str]) -> list[str]:
    """Return every two neighbouring characters of each word, or the word itself where it has but one."""
    return [pair for word in words for pair in ([word[i : i + 2] for i in range(len(word) - 1)] or [word])]


def _word_codes(words: Iterable[str]) -> Codes:
    return np.array([text_code(word) for word in words], dtype=np.uint64)


@lru_cache(maxsize=4096)
def text_code(text: str) -> int:
    """Return the number that stands for a text of any length: 64 bits of a hash, the same in every process."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def letter_runs(text: str, sizes: tuple[int, ...], *, apart: bool = False) -> Codes:
    """Return the runs of these sizes (up to 4), each packed into one number of 16 bits a character.

    With `apart` the text is several marked words, and runs that reach over the end of one are left out.
    """
    letters = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype=np.uint16).astype(np.uint64)
    found = []
    for size in sizes:
        count = len(letters) - size + 1
        if count < 1:
            continue
        packed = letters[:count].copy()
        within = letters[:count] != ord(_END)
        for place in range(1, size):
            packed |= letters[place : place + count] << np.uint64(16 * place)
            within &= (letters[place : place + count] != ord(_END)) | (place == size - 1)
        found.append(packed[within] if apart else packed)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)


def _stem(word: str, group: str) -> str:
    """Take off a plural: the one ending that differs between how residents ask and how answers are written."""
    if group in ("en", "es", "pt-BR") and len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-3] + "y" if word.endswith("ies") and group == "en" else word[:-1]
    return word


def looks_japanese(text: str) -> bool:
    """Say whether the Japanese index can match this text by its words: it holds kana or Han characters."""
    return has_japanese_kana(text) or bool(_HAN.search(text))
