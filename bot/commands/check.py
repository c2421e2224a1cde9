"""`madoguchi check` and `madoguchi stats`: is the content right, and how much of it is there?"""

import json
from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.content_checks import check_all
from bot.settings import Settings
from bot.system_texts import load_system_texts
from faq.entry import Entry
from faq.loader import Knowledge, load_knowledge


def check_content(settings: Settings, city: str | None, out: Console, *, as_json: bool) -> int:
    """Print every mistake with its file and line; return 1 where there is one, else 0."""
    knowledge = load_knowledge(settings.files, [city] if city else None)
    errors, warnings = check_all(settings.files, knowledge)
    if as_json:
        rows = {"errors": [str(p) for p in errors], "warnings": [str(p) for p in warnings]}
        out.print_json(json.dumps(rows, ensure_ascii=False))
        return int(bool(errors))
    for problem in errors:
        out.print(str(problem), style="red", markup=False)
    for problem in warnings:
        out.print(str(problem), style="yellow", markup=False)
    print_stats(settings, city, out, as_json=False)
    out.print(f"{len(errors)} errors, {len(warnings)} warnings", style="red" if errors else "green")
    return int(bool(errors))


def print_stats(settings: Settings, city: str | None, out: Console, *, as_json: bool) -> None:
    """Print how many entries, phrasings, items and system texts there are per language and state."""
    knowledge = load_knowledge(settings.files, [city] if city else None)
    figures = stats_of(settings, knowledge, city)
    if as_json:
        out.print_json(json.dumps(figures, ensure_ascii=False))
        return
    table = Table("language", "entries", "original", "reviewed", "machine", "phrasings", "items", "system texts")
    for code, row in figures["languages"].items():
        table.add_row(code, *(str(row[name]) for name in list(row)))
    out.print(table)
    out.print(f"entries {figures['entries']} · items {figures['items']} · cities {', '.join(figures['cities'])}")


def stats_of(settings: Settings, knowledge: Knowledge, city: str | None) -> dict[str, Any]:
    """Return the counts of the contract: of one city, or of the shared master with all cities' own entries."""
    own = knowledge.cities[city].entries if city else _everything(knowledge)
    texts = load_system_texts(settings.files, knowledge.languages).texts
    rows = {}
    for language in knowledge.languages:
        code = language.code
        found = [entry.texts[code] for entry in own.values() if code in entry.texts]
        states = Counter(text.state for text in found)
        rows[code] = {
            "entries": len(found), "original": states["original"], "reviewed": states["reviewed"], "machine": states["machine"],
            "phrasings": sum(len(text.phrasings) for text in found),
            "items": sum(code in item.names for item in knowledge.lexicon.items.values()),
            "system_texts": len(texts[code]),
        }  # fmt: skip
    return {"entries": len(own), "items": len(knowledge.lexicon.items), "cities": list(knowledge.cities), "languages": rows}


def _everything(knowledge: Knowledge) -> dict[str, Entry]:
    own = {
        f"{entry.id}@{city}": entry
        for city, known in knowledge.cities.items()
        for entry in known.entries.values()
        if entry.origin == city
    }
    return {**knowledge.nationwide, **own}
