"""Finds the values in a message: the day, the garbage category, the district, the language wanted, another city's name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

from bot.nlu import Slots, When
from bot.nlu.vocabulary import DateWords
from faq.names import padded_fold
from faq.release import Release
from faq.text import normalise

_DATE = re.compile(r"(?:(\d{4})[年/\-.])?(\d{1,2})[月/](\d{1,2})日?")
# Names of municipalities are in kanji or katakana; the others are these. Any hiragana before 市 would make うちの町 a name.
_IN_HIRAGANA = (
    "あきる野 あま あわら いすみ いちき串木野 いなべ いの いわき うきは うるま えびの おいらせ おおい かすみがうら かつらぎ かほく "
    "さいたま さくら さぬき さつま せたな たつの つがる つくば つくばみらい ときがわ にかほ ひたちなか ふじみ野 まんのう みどり みなかみ みなべ "
    "みやき みやこ みやま みよし むかわ むつ 東かがわ 南あわじ 伊豆の国 紀の川"
)
_CITY_NAME = re.compile(f"((?:{'|'.join(_IN_HIRAGANA.split())}|[一-龥々ァ-ヶ]{{1,5}})[市町村])(?:役所|役場|の|に|で|は|へ|って)")
_NO_CITY = frozenset(["都市", "朝市", "町村", "市町村", "他市", "本市", "当市", "同市", "他の市", "別の市", "隣の市", "新しい市", "この市", "各市", "前の市", "元の市", "今の市"])


def find_slots(text: str, language: str, release: Release, dates: Mapping[str, DateWords], today: date) -> Slots:
    """Return the values in a message for this city; `today` is the date in Asia/Tokyo."""
    padded, names = padded_fold(text), release.names
    return Slots(
        when=find_when(text, [dates[code] for code in _spoken(language, dates)], today),
        category=_longest(padded, names.categories),
        district=_longest(padded, names.districts),
        language=_longest(padded, names.languages),
        other_city=_other_city(text, release),
    )


def _spoken(language: str, dates: Mapping[str, DateWords]) -> Iterable[str]:
    return (code for code in dict.fromkeys((language, "ja", "en")) if code in dates)


def find_when(text: str, words: Sequence[DateWords], today: date) -> When | None:
    """Return the day that a message names: a date, today, tomorrow, a weekday (the next one), this week, or just "when"."""
    if match := _DATE.search(normalise(text)):
        return _dated(match, today)
    padded = padded_fold(text)
    for known in words:
        for phrases, offset in ((known.day_after_tomorrow, 2), (known.tomorrow, 1), (known.today, 0)):
            if _any(phrases, padded):
                return When("day", today + timedelta(days=offset))
        for weekday, phrases in enumerate(known.weekdays):
            if _any(phrases, padded):
                return When("day", today + timedelta(days=(weekday - today.weekday()) % 7))
        if _any(known.week, padded):
            return When("week")
        if _any(known.next, padded):
            return When("next")
    return None


def _dated(match: re.Match[str], today: date) -> When | None:
    try:
        day = date(int(match[1] or today.year), int(match[2]), int(match[3]))
    except ValueError:
        return None
    passed = match[1] is None and day < today - timedelta(days=60)
    return When("day", day.replace(year=day.year + 1) if passed and (day.month, day.day) != (2, 29) else day)


def _any(phrases: Sequence[str], padded: str) -> bool:
    return any(_folded_phrase(phrase) in padded for phrase in phrases)


@lru_cache(maxsize=2048)
def _folded_phrase(phrase: str) -> str:
    """Fold a phrase of the word lists once: they are the same for every message."""
    return padded_fold(phrase)


def _longest(padded: str, names: Mapping[str, str]) -> str | None:
    """Return what the longest name found in the text stands for."""
    found = [name for name in names if name in padded]
    return names[max(found, key=len)] if found else None


def _other_city(text: str, release: Release) -> str | None:
    """Return the name of another municipality that the message asks about (J-13)."""
    city = release.knowledge.city
    own = {city.name["ja"], *city.also_called}
    for match in _CITY_NAME.finditer(normalise(text)):
        name = match[1]
        if not any(name.endswith(ours) or ours in name for ours in own) and name not in _NO_CITY:
            return name
    return None
