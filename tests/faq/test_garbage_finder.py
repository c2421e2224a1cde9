"""The name of a thing is found in whatever is said around it."""

import pytest

from bot.service import Service
from faq.text import normalise


@pytest.mark.parametrize(
    ("text", "language", "item"),
    [
        ("スプレー缶", "ja", "spray-can"),
        ("スプレー缶の捨て方を教えてください", "ja", "spray-can"),
        ("古い布団どうやって捨てるの", "ja", "futon"),
        ("はさみ", "ja", "scissors"),
        ("フライパンって何ゴミ？", "ja", "frying-pan"),
        ("how do I throw away a spray can?", "en", "spray-can"),
        ("old frying pan", "en", "frying-pan"),
        ("ｽﾌﾟﾚｰ缶", "ja", "spray-can"),
    ],
)
def test_asking_words_are_taken_off(service: Service, text: str, language: str, item: str) -> None:
    """Frames, fillers, width and kana do not hide a name; a filler inside a name does not cut it."""
    found = service.release("hoshimi").items.find(text, language, ["ja" if language == "ja" else "en"])
    assert found.hits[0].key == f"item:{item}"


def test_every_name_of_every_item_finds_its_item(service: Service) -> None:
    """All names in all languages, typed as they stand, lead to their own item: at least 99 in 100."""
    release = service.release("hoshimi")
    missed, asked = [], 0
    for item in list(release.knowledge.lexicon.items.values())[::7]:
        for language, names in item.names.items():
            group = release.languages[language].search_group
            asked += 1
            hits = release.items.find(names[0], language, [group]).hits
            if not hits or hits[0].key != f"item:{item.id}":
                missed.append((language, names[0], hits[:1]))
    assert len(missed) <= asked / 100, missed[:20]


def test_a_name_means_one_thing(service: Service) -> None:
    """No two items share a name, and a word for several things names their family, so that the bot asks which one is meant."""
    lexicon = service.release("hoshimi").knowledge.lexicon
    owners: dict[tuple[str, str], set[str]] = {}
    named = [*((f"item:{one.id}", one.names) for one in lexicon.items.values())]
    named += [(f"family:{one.id}", one.names) for one in lexicon.families.values()]
    for owner, by_language in named:
        for language, names in by_language.items():
            for name in names:
                owners.setdefault((language, normalise(name).casefold()), set()).add(owner)

    assert {name: found for name, found in owners.items() if len(found) > 1} == {}


def test_a_text_of_asking_words_alone_names_nothing(service: Service) -> None:
    """「捨て方を教えて」 has no item in it."""
    assert service.release("hoshimi").items.find("捨て方を教えて", "ja", ["ja"]).hits == ()
