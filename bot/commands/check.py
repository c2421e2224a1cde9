"""`madoguchi check` and `madoguchi stats`: is the content right, and how much of it is there?"""

import json
from collections import Counter
from typing import Any

from rich.console import Console
from rich.progress import Progress

from bot.commands.check_tables import print_confusable, print_items, print_languages, print_unreachable
from bot.content_checks import check_all
from bot.nlu.vocabulary import load_vocabulary
from bot.search_checks import SearchFindings, SearchPlan, search_findings
from bot.service import open_encoder
from bot.settings import Settings
from bot.system_texts import load_system_texts
from connectors.line.menus import load_menu
from faq.entry import Entry
from faq.errors import ContentError, Problem
from faq.languages import JAPANESE, Languages
from faq.loader import Knowledge, load_knowledge
from faq.search.ranker import load_rankers
from faq.search.threads import one_thread_per_question


def check_content(settings: Settings, city: str | None, out: Console, *, as_json: bool, search: bool = False) -> int:
    """Print every mistake with its file and line; return 1 where there is one, else 0.

    `search` also asks every phrasing of an index that lacks it; what it finds is no mistake, but worth a look.
    """
    knowledge = load_knowledge(settings.files, [city] if city else None)
    errors, warnings = check_all(settings.files, knowledge)
    errors += menu_mistakes(settings, knowledge.languages)
    findings = _searched(settings, knowledge) if search else None
    if as_json:
        rows: dict[str, Any] = {"errors": [str(p) for p in errors], "warnings": [str(p) for p in warnings]}
        rows |= {"search": findings.as_json()} if findings else {}
        out.print_json(json.dumps(rows, ensure_ascii=False))
        return int(bool(errors))
    for problem in errors:
        out.print(str(problem), style="red", markup=False)
    for problem in warnings:
        out.print(str(problem), style="yellow", markup=False)
    print_stats(settings, city, out, as_json=False)
    print_items(knowledge, out)
    if findings:
        print_unreachable(findings, out)
        print_confusable(findings, out)
    out.print(f"{len(errors)} errors, {len(warnings)} warnings", style="red" if errors else "green")
    return int(bool(errors))


def menu_mistakes(settings: Settings, languages: Languages) -> list[Problem]:
    """Return what is wrong with the rich menu of LINE that all cities share: its areas, and a label for each."""
    path = settings.nlu_data_dir / "line_menu.yaml"
    if not path.exists():
        return [Problem(path, 1, "LINEのリッチメニューがありません (the areas of LINE's rich menu are missing)")]
    try:
        menu = load_menu(path)
    except ContentError as error:
        return list(error.problems)
    said = load_system_texts(settings.files, languages).texts[JAPANESE]
    missing = [area.id for area in menu.areas if f"line.menu.{area.id}" not in said]
    return [Problem(path, 1, f"area {id_}: line.yaml にキー line.menu.{id_} がありません (no label)") for id_ in missing]


def _searched(settings: Settings, knowledge: Knowledge) -> SearchFindings:
    """Ask every phrasing, with a bar of progress on the error output."""
    one_thread_per_question()
    utterances = load_vocabulary(settings.files, knowledge.languages).utterances
    rankers = load_rankers(settings.files.nlu_data / "ranker.json")
    plan = SearchPlan(knowledge, utterances, open_encoder(settings), rankers)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("phrasings left out", total=None)
        return search_findings(plan, lambda done, total: progress.update(task, completed=done, total=total))


def print_stats(settings: Settings, city: str | None, out: Console, *, as_json: bool) -> None:
    """Print how many entries, phrasings, items and system texts there are per language and state."""
    knowledge = load_knowledge(settings.files, [city] if city else None)
    figures = stats_of(settings, knowledge, city)
    if as_json:
        out.print_json(json.dumps(figures, ensure_ascii=False))
        return
    print_languages(figures["languages"], out)
    out.print(f"entries {figures['entries']} · items {figures['items']} · cities {', '.join(figures['cities'])}")


def stats_of(settings: Settings, knowledge: Knowledge, city: str | None) -> dict[str, Any]:
    """Return the counts of the contract: of one city, or of the shared master with all cities' own entries."""
    chosen = knowledge.cities.get(city) if city else None
    own = chosen.entries if chosen else _everything(knowledge)
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
