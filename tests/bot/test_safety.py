"""Emergencies come first, in every language, and words that only look like them do not (P-24 to P-26)."""

import pytest

from bot.nlu.vocabulary import load_vocabulary
from bot.safety import KINDS
from bot.service import Service
from faq.data_files import DataFiles
from faq.languages import load_languages

LANGUAGES = load_languages(DataFiles())
ALARMS = load_vocabulary(DataFiles(), LANGUAGES).alarms
SIGNS = [
    (language, kind, sign)
    for language, kinds in ALARMS.items()
    for kind, words in kinds.items()
    for sign in words.signs
    if not any(exception in sign for other in kinds.values() for exception in other.unless)
]


@pytest.mark.parametrize(("language", "kind"), [(language, kind) for language in ALARMS for kind in KINDS])
def test_every_sign_of_every_language_raises_an_alarm(service: Service, language: str, kind: str) -> None:
    """All crisis and danger phrases are caught, whatever the language of the page."""
    missed = [sign for code, sort, sign in SIGNS if (code, sort) == (language, kind) and not service.safety.emergency(sign)]
    assert missed == []


@pytest.mark.parametrize(
    "text",
    [
        "死亡届はどこに出しますか",
        "消防団に入りたい",
        "火事場の馬鹿力",
        "自殺対策計画を見たい",
        "火災保険の控除",
        "救急車の費用は",
        "消火器の捨て方",
        "how do i throw away a fire extinguisher",
        "death certificate",
        "police certificate",
        "燃えるごみの日",
        "DV等支援措置の住民票",
        "虐待防止の講座",
        "extintor",
        "bình chữa cháy",
        "小火器",
    ],
)
def test_look_alikes_raise_none(service: Service, text: str) -> None:
    """A notice of death, the fire brigade or a fire extinguisher are ordinary questions."""
    assert service.safety.emergency(text) is None


@pytest.mark.parametrize("language", [language.code for language in LANGUAGES])
def test_the_card_stands_in_every_language_with_the_same_numbers(service: Service, language: str) -> None:
    """Telephone numbers of the fixed texts are those of the Japanese text."""
    for kind in KINDS:
        text = service.texts.texts[language][f"emergency.{kind}"]
        japanese = service.texts.texts["ja"][f"emergency.{kind}"]
        for number in ("119", "110", "118", "189", "0120-279-338", "0120-061-338", "0120-279-889"):
            assert (number in text) == (number in japanese), (language, kind, number)
