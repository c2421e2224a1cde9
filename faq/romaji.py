"""Japanese in Latin letters, as residents type it who have no Japanese keyboard: for telling it from other languages."""

import re

from faq.japanese import Piece, pieces_of_japanese

_ROWS = {
    "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ",
    "m": "まみむめも", "y": "や＿ゆ＿よ", "r": "らりるれろ", "w": "わ＿＿＿を", "g": "がぎぐげご",
    "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ", "": "あいうえお",
}  # fmt: skip
_LETTERS = {kana: c + v for c, row in _ROWS.items() for v, kana in zip("aiueo", row, strict=True)}
_LETTERS |= {"し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu", "を": "o", "ん": "n"}
_PARTICLES = {"は": "わ", "へ": "え"}
_TURNED = re.compile("([きしちにひみりぎじびぴぢ])([ゃゅょ])")
_GLIDES = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo"}


def romaji_of(text: str) -> str:
    """Return a Japanese text in Hepburn letters, its units divided by spaces, long vowels as they are typed: juuminhyou."""
    words = (_PARTICLES.get(piece.sound, piece.sound) if piece.kind == "助詞" else piece.sound for piece in _words(text))
    return " ".join(_spelled(word) for word in words)


def _words(text: str) -> list[Piece]:
    return [piece for piece in pieces_of_japanese(text) if piece.kind not in ("補助記号", "空白")]


def short_vowels(romaji: str) -> str:
    """Return romaji as most people type it: juminhyo."""
    return re.sub("ou|oo", "o", romaji.replace("uu", "u"))


def _spelled(sound: str) -> str:
    turned = _TURNED.sub(lambda match: _glide(_LETTERS[match[1]], match[2]), sound)
    letters = "".join(_LETTERS.get(kana, kana) for kana in turned)
    letters = re.sub("[っッ]([a-z])", r"\1\1", letters).replace("ー", "")
    return re.sub("[^ -~]", "", letters)


def _glide(letters: str, small: str) -> str:
    """Join し and ゃ to sha, き and ゃ to kya."""
    stem, glide = letters[:-1], _GLIDES[small]
    return stem + (glide[1:] if stem in ("sh", "ch", "j") else glide)
