"""The lint of やさしい日本語 (W-24): says of each hard place in a text what makes it hard and how to write it instead."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LONGEST_SENTENCE = 35
LONGEST_LIST_LINE = 48
_EXPLANATION = re.compile(r"（[^（）]*）|\([^()]*\)|「|」|\{\w+\}")
_LINK = re.compile(r"https?://[!-~]+")
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_I_ROW = "いきぎしじちにびみり"

_HONORIFICS = re.compile(
    "|".join(
        [
            r"(?<![ぁ-んァ-ヴ])ご(?!飯|近所)[一-龥]+",
            r"(?<=[をにはがもでと])ご(?!飯|近所)[一-龥]{2}",
            rf"お[一-龥][一-龥ぁ-ん]?(?<=[{_I_ROW}])(?:になり|になる|になっ|くださ|下さ|いただ)",
            r"いただ[かきくけいこ]|頂[かきくけいこ]",
            r"(?<!ありがとう)(?<!おはよう)ございま|くださいませ|下さいませ|いらっしゃ|なさいま|なさる|召し上が",
            r"(?<!どう)いたしま|いたす|ております|でおります|申し上げ|存じ[まあ]|差し上げ|伺[いうっ]|承[りっ]|お越し",
        ]
    )
)
_DOUBLE_NEGATIVES = re.compile(
    r"な(?:ければ|いと|くては)(?:いけ|なり|なら|だめ)|なくちゃ|なきゃ"
    r"|ない(?:こと|わけ|もの)(?:は|も|では)(?:ありません|ない|なく)|ないとは(?:言え|限り|かぎり)"
    r"|ない(?:と|限り|かぎり)[^。、]{0,14}(?:ません|ない(?:です|$|。))|なければ[^。、]{0,14}(?:ません|ない(?:です|$|。))"
)
_LATE_HOURS = re.compile(r"(?<![\d:.,/-])(?:1[3-9]|2[0-4])(?:時(?![間期])|:[0-5]\d)")
_COLONS = re.compile(r"(?<![\d:.,/-])(?:1[0-2]|0?\d):[0-5]\d(?!\d)")
_BARE_HOURS = re.compile(r"(?<![\d:.,/-])(?:1[0-2]|0?\d)時(?![間期])")
_PART_OF_DAY = re.compile("午前|午後|朝|昼|夕方|夜|ごぜん|ごご")
_ERAS = re.compile(r"(?:令和|平成|昭和|大正|明治)(?:元|\d+)年?|(?<![A-Za-z\d])[RHS]\d{1,2}(?:年|\.\d)")
_PILES = re.compile("させられ|[かがさたなばまらわ]せられ|させても?らえ|させて(?:いただ|くださ)")
_PASSIVES = re.compile("(?<!生)(?<!う)(?<!こ)(?<!別)[かがさたなばまわ]れ(?=[るたて]|ます|ました|ません|ない)")
_OFFICE_WORDS = re.compile(
    "及び|並びに|若しくは|速やかに|すみやかに|当該|に係る|に準ずる|の旨|につきまして|を有する|に際し|に基づき"
)


@dataclass(frozen=True)
class Finding:
    """One hard place: the rule it breaks, the words, and what to do, in Japanese and English."""

    rule: str
    excerpt: str
    message: str


@dataclass(frozen=True)
class _Sentence:
    """A sentence without spaces and links, and whether it is a line of a list."""

    text: str
    in_list: bool

    @property
    def length(self) -> int:
        """How many characters count: numbers, placeholders and explanations in brackets do not."""
        return len(_NUMBER.sub("", _EXPLANATION.sub("", self.text)))


def lint(text: str) -> list[Finding]:
    """Return every hard place of a text in やさしい日本語, in the order of its sentences."""
    return [finding for sentence in _sentences(text) for rule in _RULES for finding in rule(sentence)]


def _sentences(text: str) -> Iterator[_Sentence]:
    for line in text.splitlines():
        plain = unicodedata.normalize("NFKC", _LINK.sub("", line))
        plain = plain.replace("(", "（").replace(")", "）").strip()
        in_list = plain.startswith(("- ", "・"))
        for part in re.split(r"[。!?](?![^（]*）)", plain.removeprefix("- ").removeprefix("・")):
            if sentence := re.sub(r"\s", "", part):
                yield _Sentence(sentence, in_list)


def _length(sentence: _Sentence) -> Iterator[Finding]:
    most = LONGEST_LIST_LINE if sentence.in_list else LONGEST_SENTENCE
    if sentence.length > most:
        yield Finding(
            "length",
            f"{sentence.text[:20]}…",
            f"文が 長いです（{sentence.length}字）。{most}字までに 分けてください / "
            f"a sentence of {sentence.length} characters; split it, {most} at most",
        )


def _matching(rule: str, pattern: re.Pattern[str], message: str) -> Callable[[_Sentence], Iterator[Finding]]:
    """Return the rule that every match of the pattern breaks."""

    def check(sentence: _Sentence) -> Iterator[Finding]:
        for match in pattern.finditer(sentence.text):
            yield Finding(rule, match[0], message)

    return check


def _bare_hours(sentence: _Sentence) -> Iterator[Finding]:
    if (match := _BARE_HOURS.search(sentence.text)) and not _PART_OF_DAY.search(sentence.text):
        yield Finding("clock", match[0], "午前か 午後を 書いてください / say 午前 (a.m.) or 午後 (p.m.)")


def _passives(sentence: _Sentence) -> Iterator[Finding]:
    found = [match[0] for match in _PASSIVES.finditer(sentence.text)]
    if len(found) > 1:
        message = "「〜れる」が 重なっています。だれが するかを 書いてください / several passives; say who does it"
        yield Finding("passive", "・".join(found), message)


_RULES: tuple[Callable[[_Sentence], Iterator[Finding]], ...] = (
    _length,
    _matching(
        "honorific",
        _HONORIFICS,
        "敬語です。「〜してください」「〜します」と 書いてください / "
        "honorific; write plain です・ます (ご確認ください → 見てください)",
    ),
    _matching(
        "double-negative",
        _DOUBLE_NEGATIVES,
        "否定が 2回 あります。「〜してください」「〜すると できます」と 書いてください / double negative; say what to do",
    ),
    _matching("clock", _LATE_HOURS, "12時間で 書いてください: 17時 → 午後5時 / 12-hour clock with 午前 or 午後"),
    _matching("clock", _COLONS, "「午前9時30分」と 書いてください / write hours as 午前9時30分, without a colon"),
    _bare_hours,
    _matching("era", _ERAS, "西暦で 書いてください: 令和8年 → 2026年 / write the year of the Western calendar"),
    _matching(
        "passive",
        _PILES,
        "使役と 受け身が 重なっています。だれが 何を するかを 書いてください / causative and passive piled; say who does what",
    ),
    _passives,
    _matching(
        "office-word", _OFFICE_WORDS, "役所の ことばです。ふつうの ことばで 書いてください / office word; use an everyday word"
    ),
)
