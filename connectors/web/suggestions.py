"""Questions to offer before and while a resident is typing: published titles of the same language only (W-14)."""

from datetime import date

from faq.release import ENTRY, Release


def suggestions(release: Release, typed: str, language: str, limit: int = 5) -> list[tuple[str, str]]:
    """Return up to `limit` (question, choice value) close to what is typed, best first."""
    if len(typed.strip()) < 2:
        return []
    hits = release.finder.find(typed, [release.languages[language].search_group], top=12)
    found = []
    for hit in hits:
        entry = release.entry(hit.key) if hit.key.startswith(ENTRY) else None
        text = entry.texts.get(language) if entry else None
        if entry and text and hit.probability > 0.005:
            found.append((text.question, f"entry:{entry.id}"))
    return found[:limit]


def examples(release: Release, language: str, today: date, limit: int = 3) -> list[str]:
    """Return questions that are asked most, each from another group of the menu, for residents who wonder what to ask."""
    found: dict[str, str] = {}
    for topic, menu in release.topics.menu_of.items():
        for entry in release.knowledge.by_topic.get(topic, []):
            if entry.most_asked and language in entry.texts and entry.in_force(today):
                found.setdefault(menu, entry.texts[language].question)
    return list(found.values())[:limit]
