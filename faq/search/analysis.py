"""Turns a text into the terms it is searched by: words, and short character runs that forgive typos."""

import re
from dataclasses import dataclass
from functools import lru_cache

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


@dataclass(frozen=True)
class Terms:
    """What a text is searched by, in the order of the text; a term may stand several times."""

    words: tuple[str, ...]
    grams: tuple[str, ...]


@lru_cache(maxsize=500)
def analyse(text: str, group: str) -> Terms:
    """Return the terms of a text in the search group of its language (`ja`, `zh`, `ko`, or a language code)."""
    if group == "ja":
        japanese = analyse_japanese(text)
        return Terms(japanese.words, _grams(japanese.sound, (2, 3)))
    folded = normalise(text).casefold()
    if group not in _NOT_FOLDED:
        folded = without_diacritics(folded)
    if group == "zh":
        return _chinese(folded)
    words = _WORD.findall(folded)
    stops = _STOPS.get(group, frozenset())
    content = tuple(_stem(word, group) for word in words if word not in stops) or tuple(words)
    if group == "ko":
        return Terms(tuple(run for word in content for run in (_grams(word, (2,)) or (word,))), _grams(" ".join(words), (1, 2)))
    return Terms(content, tuple(gram for word in content for gram in _grams(f"^{word}$", (3, 4))))


def _chinese(text: str) -> Terms:
    """Cut Chinese into pairs of characters for words and single ones for typos; other scripts stay words."""
    runs = _HAN.findall(text)
    pairs = [gram for run in runs for gram in (_grams(run, (2,)) or (run,))]
    others = _WORD.findall(_HAN.sub(" ", text))
    return Terms((*pairs, *others), tuple("".join(runs)) + tuple(others))


def _grams(text: str, sizes: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(text[i : i + size] for size in sizes for i in range(len(text) - size + 1))


def _stem(word: str, group: str) -> str:
    """Take off a plural: the one ending that differs between how residents ask and how answers are written."""
    if group in ("en", "es", "pt-BR") and len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-3] + "y" if word.endswith("ies") and group == "en" else word[:-1]
    return word


def looks_japanese(text: str) -> bool:
    """Say whether the Japanese index can match this text by its words: it holds kana or Han characters."""
    return has_japanese_kana(text) or bool(_HAN.search(text))
