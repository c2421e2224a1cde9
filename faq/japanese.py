"""How Japanese is cut into words and sounds: Sudachi's short units for words, readings for kana, typos and romaji."""

import re
import threading
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from faq.text import hiragana, kana_skeleton, normalise, without_diacritics

# 非自立可能 verbs such as する and いる say nothing of what a resident wants; particles and symbols neither.
_DROPPED = frozenset({"助詞", "助動詞", "補助記号", "空白", "感動詞", "接続詞"})
_EMPTY_FORMS = frozenset(["為る", "居る", "有る", "成る", "下さい", "頂く", "御", "事", "物", "良い", "どう", "何", "教える", "知る"])
_IME_LEFTOVER = re.compile("(?<=[ぁ-ゖ])n(?=[ぁ-ゖ]|$)")  # じゅうみnひょう: a conversion that broke off (J-07)
_KANA_OR_LATIN = re.compile(r"[ぁ-ゖー\x00-\x7f]+")
_local = threading.local()


@dataclass(frozen=True)
class JapaneseText:
    """One text as words (normalised dictionary forms) and as sound (skeleton of its reading, one string)."""

    words: tuple[str, ...]
    sound: str


def _tokenizer() -> Any:
    """Return this thread's Sudachi tokenizer; one may not be shared between threads."""
    if not hasattr(_local, "tokenizer"):
        from sudachipy import Dictionary, SplitMode

        _local.tokenizer = _dictionary(Dictionary).tokenizer(mode=SplitMode.A)
    return _local.tokenizer


@lru_cache(maxsize=1)
def _dictionary(dictionary: Any) -> Any:
    return dictionary(dict="small")


@lru_cache(maxsize=500)
def analyse_japanese(text: str) -> JapaneseText:
    """Return the words and the sound of a Japanese text of up to about 10,000 characters."""
    pieces = [piece for piece in pieces_of_japanese(text) if piece.kind not in ("補助記号", "空白")]
    words = tuple(piece.form for piece in pieces if piece.kind not in _DROPPED)
    content = tuple(form for form in words if form not in _EMPTY_FORMS)
    return JapaneseText(content or words, "".join(_skeleton(piece) for piece in pieces))


@dataclass(frozen=True)
class Piece:
    """One of the shortest units of a text as it is written, with its part of speech, its dictionary form and its reading.

    `reading` is in katakana, and empty where nobody knows it. `is_word` says that a dictionary of the whole language has it.
    """

    surface: str
    kind: str
    form: str
    reading: str
    is_word: bool

    @cached_property
    def sound(self) -> str:
        """The sound in hiragana; kana and Latin letters sound as they are written."""
        surface = hiragana(self.surface)
        return surface if _KANA_OR_LATIN.fullmatch(surface) else hiragana(self.reading) or surface


# One question is cut for its words, for its sound and for its spelling.
@lru_cache(maxsize=100)
def pieces_of_japanese(text: str) -> tuple[Piece, ...]:
    """Return the units of a text of up to about 10,000 characters."""
    cut = _tokenizer().tokenize(_IME_LEFTOVER.sub("ん", normalise(text)[:10_000]))
    return tuple(
        Piece(
            found.surface(), found.part_of_speech()[0], hiragana(found.normalized_form().lower()), found.reading_form(),
            not found.is_oov(),
        )
        for found in cut
    )  # fmt: skip


def _skeleton(piece: Piece) -> str:
    """Return the sound for comparing; what has no reading (Latin, digits, unknown kanji) sounds like itself."""
    return kana_skeleton(piece.reading if piece.reading and not piece.surface.isascii() else piece.surface.lower())


# How people say it (Kansai, Hiroshima, Fukuoka, Nagoya, the north) and what the texts say (J-06).
_SPOKEN = (
    (r"(?:んや|んじゃ|っちゃ|のや|んだ|ねん|んよ)(?:けど|けんど|けどな|けども|ねんけど|ばってん)?[。!?、]*$", ""),
    (r"(?<=[たいるう])(?:ねん|んやわ|んやが|んやけん|わ|でな|とよ|ばい|べ|べさ|がね|のん|ん|の)[?。]*$", ""),
    (r"われへん", "えない"), (r"られへん", "られない"), (r"(?<=[えけせてねへめれげべ])へん", "ない"), (r"あらへん|ないねん", "ない"),
    (r"らへん|らん(?=[。?]|$)", "らない"), (r"てもうた|てしもた|てもた|ちゃった|ちまった", "てしまった"),
    (r"とる(?=$|[んのけ。?])|とう(?=$|[んのけ。?])|てはる", "ている"), (r"おる(?=$|[んのけ。?])", "いる"), (r"どない(?:したら|すれば)", "どうすれば"),
    (r"なんぼ", "いくら"), (r"もん(?=し|を|が|は|な)", "もの"), (r"ほかす|ほかし|ほる(?=$|に|の)", "捨て"), (r"せな(?=あかん|いか)", "しなければ"),
)  # fmt: skip
_SPEECH = tuple((re.compile(spoken), plain) for spoken, plain in _SPOKEN)


def plain_speech(text: str) -> str:
    """Return a sentence without what dialects add or change; the text itself where nothing of the kind is in it."""
    for spoken, plain in _SPEECH:
        text = spoken.sub(plain, text)
    return text


_SYLLABLES = {
    "a": "あ", "i": "い", "u": "う", "e": "え", "o": "お", "n": "ん", "m": "ん",
    **{c + v: k for c, row in {
        "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ", "m": "まみむめも",
        "r": "らりるれろ", "g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
    }.items() for v, k in zip("aiueo", row, strict=True)},
    "ya": "や", "yu": "ゆ", "yo": "よ", "wa": "わ", "wo": "を", "shi": "し", "chi": "ち", "tsu": "つ", "fu": "ふ", "ji": "じ",
    "fa": "ふぁ", "fi": "ふぃ", "fe": "ふぇ", "fo": "ふぉ", "vu": "ゔ", "ti": "ち", "che": "ちぇ", "she": "しぇ", "je": "じぇ",
    **{c + v: k + s for c, k in {
        "ky": "き", "sy": "し", "ty": "ち", "ny": "に", "hy": "ひ", "my": "み", "ry": "り", "gy": "ぎ", "zy": "じ", "jy": "じ",
        "by": "び", "py": "ぴ", "sh": "し", "ch": "ち", "j": "じ",
    }.items() for v, s in zip("auo", "ゃゅょ", strict=True)},
}  # fmt: skip
_ROMAJI = re.compile("|".join(sorted(_SYLLABLES, key=len, reverse=True)))


@lru_cache(maxsize=500)
def kana_of_romaji(text: str) -> str | None:
    """Return the hiragana of a text in romaji (Hepburn, Kunrei or wāpuro, J-08); None where a word of it cannot be read so."""
    plain = without_diacritics(normalise(text)).lower().replace("'", "").replace("-", " ")
    words = re.findall("[a-z]+|[^a-z]+", plain)
    read = [_kana_of_word(word) if word.isalpha() and word.isascii() else word for word in words]
    return "".join(word for word in read if word) if None not in read else None


def _kana_of_word(word: str) -> str | None:
    word = re.sub(r"([kstpgzdbcjf])\1", r"っ\1", word.replace("tch", "っch"))
    word = re.sub(r"m(?=[bmp])", "n", word)
    kana = _ROMAJI.sub(lambda match: _SYLLABLES[match[0]], word)
    return None if re.search("[a-z]", kana) else kana
