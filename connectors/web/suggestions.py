"""Questions to offer while a resident is typing: published titles of the same language only (W-14)."""

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
