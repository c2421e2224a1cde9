"""Published questions are offered while a resident types: by the beginnings of words, in Japanese by sound as well."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.service import Service
from connectors.web.suggestions import suggestions

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("typed", "language", "offered"),
    [
        ("ひっこ", "ja", "引っ越し"), ("hikkosh", "ja", "引っ越"), ("juminh", "ja", "住民票"), ("じゅうみんぜ", "ja", "住民税"),
        ("住民", "ja", "住民"), ("basu", "ja", "バス"), ("ゴミ", "ja", "ごみ"), ("ばす", "ja-easy", "バス"),
        ("certif", "en", "ertificate"), ("rac", "vi", "Rác"), ("rác", "vi", "Rác"), ("垃圾", "zh-Hans", "垃圾"),
    ],
)  # fmt: skip
def test_half_a_word_is_enough(service: Service, typed: str, language: str, offered: str) -> None:
    """Kana finds kanji, romaji finds both, accents may be missing; the last syllable may be half typed."""
    found = suggestions(service.release("hoshimi"), typed, language, TODAY)
    assert found
    assert all(offered in question for question, _ in found[:2])


def test_an_entry_that_ended_is_not_offered(service: Service) -> None:
    """The day after its last day an entry is no suggestion any more."""
    release = service.release("hoshimi")
    _, value = suggestions(release, "community bus", "en", TODAY)[0]
    entries = release.knowledge.entries
    id_ = value.removeprefix("entry:")
    ended = {**entries, id_: replace(entries[id_], valid_until=TODAY - timedelta(days=1))}
    late = replace(release, knowledge=replace(release.knowledge, entries=ended), _titles={})

    assert value not in [found for _, found in suggestions(late, "community bus", "en", TODAY)]


def test_what_begins_nothing_offers_nothing(service: Service) -> None:
    """A single letter and letters that are no word are not answered with noise."""
    release = service.release("hoshimi")
    assert suggestions(release, "あ", "ja", TODAY) == []
    assert suggestions(release, "xyzzy", "en", TODAY) == []
