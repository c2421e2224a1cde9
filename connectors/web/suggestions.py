"""Questions to offer before and while a resident is typing: published titles of the same language only (W-14)."""

from datetime import date

from faq.languages import JAPANESE
from faq.release import ENTRY, Release
from faq.titles import Typed, titles_towards

_LEAST_TYPED, _SEARCHED = 2, 30
# From this probability on a hit is offered whatever its title; a sure one goes before titles that only begin alike.
_LIKELY, _SURE = 0.02, 4.0


def suggestions(release: Release, typed: str, language: str, today: date, limit: int = 5) -> list[tuple[str, str]]:
    """Return up to `limit` (question, choice value) close to what is typed, best first; the entries are in force `today`.

    Half a text is no question, so its probability is low: the beginnings of the published questions count beside it.
    """
    if len(typed.strip()) < _LEAST_TYPED:
        return []
    shown = {title.entry: title for title in release.titles(language) if release.knowledge.entries[title.entry].in_force(today)}
    half = Typed.of(typed, japanese=release.languages[language].search_group == JAPANESE)
    begun = titles_towards(list(shown.values()), half)
    worth: dict[str, float] = {title.entry: match for title, match in begun}
    for hit in release.finder.find(typed, [release.languages[language].search_group], top=_SEARCHED):
        entry = release.entry(hit.key) if hit.key.startswith(ENTRY) else None
        if entry and entry.id in shown and (entry.id in worth or (hit.probability >= _LIKELY and not half.is_cut)):
            worth[entry.id] = worth.get(entry.id, 0.0) + _SURE * hit.probability
    best = sorted(worth, key=lambda id_: -worth[id_])[:limit]
    return [(shown[id_].question, f"{ENTRY}{id_}") for id_ in best]


def examples(release: Release, language: str, today: date, limit: int = 3) -> list[str]:
    """Return questions that are asked most, each from another group of the menu, for residents who wonder what to ask."""
    found: dict[str, str] = {}
    for topic, menu in release.topics.menu_of.items():
        for entry in release.knowledge.by_topic.get(topic, []):
            if entry.most_asked and language in entry.texts and entry.in_force(today):
                found.setdefault(menu, entry.texts[language].question)
    return list(found.values())[:limit]
