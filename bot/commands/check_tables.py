"""The tables of `madoguchi check`, readable in 100 columns: what there is per language, and what the search confuses."""

from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from bot.search_checks import Confusable, SearchFindings
from faq.loader import Knowledge

WIDTH = 100
_STATES = ("entries", "original", "reviewed", "machine", "phrasings", "items", "system_texts")


def print_languages(languages: Mapping[str, Mapping[str, int]], out: Console) -> None:
    """Print entries × languages × phrasings × translation state."""
    table = _table("Entries, phrasings and translation state", "language", *(name.replace("_texts", "") for name in _STATES))
    for code, row in languages.items():
        table.add_row(code, *(str(row[name]) for name in _STATES))
    _wide(out).print(table)


def print_items(knowledge: Knowledge, out: Console) -> None:
    """Print items × languages, by group of the lexicon."""
    rows = items_by_group(knowledge)
    codes = [language.code for language in knowledge.languages]
    headings = [code.replace("-", "-\n") for code in codes]
    table = _table("Items of the garbage lexicon with a name, by language", "group", "all", *headings)
    totals = {name: sum(row[name] for row in rows.values()) for name in ("items", *codes)}
    for group, row in {**rows, "all": totals}.items():
        table.add_row(group, str(row["items"]), *(str(row[code]) for code in codes))
    _wide(out).print(table)


def items_by_group(knowledge: Knowledge) -> dict[str, dict[str, int]]:
    """Return how many items each group has, and in each language."""
    codes = [language.code for language in knowledge.languages]
    rows: dict[str, dict[str, int]] = {}
    for item in knowledge.lexicon.items.values():
        row = rows.setdefault(item.group, dict.fromkeys(("items", *codes), 0))
        row["items"] += 1
        for code in codes:
            row[code] += code in item.names
    return dict(sorted(rows.items()))


def print_confusable(findings: SearchFindings, out: Console, most: int = 15) -> None:
    """Print the entries that take each other's phrasings, the worst first."""
    table = Table("entries", "times", "score", "named", "examples", box=box.SIMPLE, title="Most confusable pairs")
    for pair in findings.confusable[:most]:
        examples = "\n".join(f"{miss.language} {miss.text}" for miss in pair.examples)
        table.add_row("\n".join(map(_short, pair.keys)), str(pair.times), f"{pair.score:.2f}", _named(pair), examples)
    _wide(out).print(table)
    out.print(f"{len(findings.confusable)} pairs; score: the share of both entries' phrasings that fall to the other")


def print_unreachable(findings: SearchFindings, out: Console, most: int = 30) -> None:
    """Print how many phrasings find their entry, by language, and those that do not, the surest mistakes first."""
    table = _table("Phrasings left out of the index", "language", "asked", "unreachable", "found first")
    for code in findings.asked:
        missed = sum(miss.language == code for miss in findings.unreachable)
        table.add_row(code, str(findings.asked[code]), str(missed), f"{findings.share_found(code):.3f}")
    _wide(out).print(table)
    listed = Table("phrasing", "entry", "found instead", "chance", "rank", box=box.SIMPLE, title="Unreachable phrasings")
    for miss in sorted(findings.unreachable, key=lambda miss: -miss.probability)[:most]:
        rank = str(miss.rank or "–")
        listed.add_row(f"{miss.language} {miss.text}", _short(miss.key), _short(miss.found), f"{miss.probability:.2f}", rank)
    _wide(out).print(listed)
    out.print(f"{len(findings.unreachable)} unreachable of {sum(findings.asked.values())}; --json lists all")


def _wide(out: Console) -> Console:
    """Return the console as it is on a terminal, and as one of 100 columns in a file or a log."""
    return out if out.is_terminal else Console(file=out.file, width=WIDTH, highlight=False)


def _table(title: str, first: str, *numbers: str) -> Table:
    table = Table(box=box.SIMPLE, title=title, title_justify="left", padding=0)
    table.add_column(first, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _short(key: str) -> str:
    return key.removeprefix("entry:")


def _named(pair: Confusable) -> str:
    return "yes" if pair.named else "no"
