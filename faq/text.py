"""How text is made comparable: one normal form for everything, and one search form per script (J-01 to J-05, J-08)."""

import re
import unicodedata
from functools import lru_cache

# After NFKC these still differ although residents mean the same (J-01: measured; J-02: our table).
_WAVES = dict.fromkeys(map(ord, "〜～∼∿˜"), "~")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－─━"), "-")
_VARIANTS = str.maketrans(
    "髙﨑邊邉澤齋齊眞廣濵濱嶋嶌國學體舊臺灣龍瀧櫻榮實惠",
    "高崎辺辺沢斎斎真広浜浜島島国学体旧台湾竜滝桜栄実恵",
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# Control characters, and halves of a character that a broken program cut in two.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACED_VOICING = re.compile("[ \u3000]*([\u3099\u309a\u309b\u309c])")
_VOICING = {"゛": "\u3099", "゜": "\u309a"}
_DASH_IN_KANA = re.compile("(?<=[ぁ-ゖァ-ヺー])-(?=[ぁ-ゖァ-ヺー]|$|[^0-9A-Za-z])")
# Vowel signs of Devanagari are marks, which `\w` leaves out; they are part of words all the same.
WORD_CHARACTER = r"[\w\u0900-\u0963]"
_NO_WORD = re.compile(r"[^\w\u0900-\u0963]+")
_REPEATED = re.compile(r"(.)\1{3,}", re.DOTALL)
_ACCENTS = re.compile("[\u0300-\u036f]+")
_SPACES = re.compile(r"[ \t\u3000]+")

_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_LONG_U = re.compile("([うくすつぬふむゆるぐずぶぷゅおこそとのほもよろごぞどぼぽょ])う")
_LONG_O = re.compile("([おこそとのほもよろごぞどぼぽょ])お")
_SMALL_KANA = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_SAME_SOUND = str.maketrans({"ゔ": "ぶ", "ゐ": "い", "ゑ": "え", "を": "お", "ぢ": "じ", "づ": "ず"})


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Return the normal form in which every text is compared: NFKC plus our own table. Case is kept.

    Full width becomes half width, dashes and waves become one, invisible and control characters go,
    old forms of kanji become today's (J-01, J-02). The original stays the caller's, for display.
    """
    text = _SPACED_VOICING.sub(lambda m: _VOICING.get(m[1], m[1]), text)
    text = unicodedata.normalize("NFKC", text)
    text = _INVISIBLE.sub("", text).translate(_WAVES).translate(_DASHES).translate(_VARIANTS)
    text = _DASH_IN_KANA.sub("ー", _CONTROL.sub(" ", text))
    return _SPACES.sub(" ", _REPEATED.sub(r"\1\1\1", text)).strip()


def hiragana(text: str) -> str:
    """Return the text with every katakana as hiragana (J-04)."""
    return text.translate(_KATAKANA_TO_HIRAGANA)


@lru_cache(maxsize=4096)
def kana_skeleton(reading: str) -> str:
    """Return a reading without what residents write in several ways: small kana, long vowels, ヴ/ブ, ヅ/ズ (J-04, J-08).

    じゅうみんひょう, ジュウミンヒョー and the romaji *juminhyo* all become じゆみんひよ. What follows changes nothing before it:
    the skeleton of a beginning is a beginning of the skeleton.
    """
    text = hiragana(reading).translate(_SAME_SOUND).replace("ー", "")
    return _LONG_O.sub(r"\1", _LONG_U.sub(r"\1", text)).translate(_SMALL_KANA)


def without_diacritics(text: str) -> str:
    """Return Latin text without its accents, since phones and keyboards leave them out (`thẻ cư trú` → `the cu tru`)."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D").replace("ı", "i"))
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


@lru_cache(maxsize=1024)
def fold(text: str) -> str:
    """Return the form in which two names are the same name: normal form, lower case, hiragana, no accents, no punctuation."""
    folded = hiragana(without_diacritics(normalise(text).casefold())).replace("ゖ", "け")
    return _NO_WORD.sub(" ", folded).strip()


def has_japanese_kana(text: str) -> bool:
    """Say whether the text holds hiragana or katakana, which only Japanese does among our languages."""
    return bool(re.search("[ぁ-ゖァ-ヺ]", text))
