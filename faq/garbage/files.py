"""Reads the garbage lexicon and a city's sorting rules and calendar from their CSV and YAML files (docs/content.md)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, TypeAdapter

from faq.csv_file import NumberedRow, read_csv
from faq.errors import ContentError, Problem
from faq.garbage.calendar import Calendar, Closure, District, Schedule, parse_schedule
from faq.garbage.items import Category, Family, Item, Lexicon, Sorting
from faq.languages import JAPANESE, Languages
from faq.yaml_file import Row, read_yaml

_Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class _FamilyRow(Row):
    names: dict[str, str]
    warn_first: str = ""


class _CategoryRow(Row):
    name: dict[str, str]
    how: dict[str, str]
    colour: _Colour = "#4a5568"
    collected: bool = True
    by_appointment: bool = False


class _CategoryFile(Row):
    calendar_valid_until: date | None = None
    calendar_source: str = ""
    categories: dict[str, _CategoryRow] = Field(default_factory=dict)


@dataclass(frozen=True)
class CityGarbage:
    """What one city says of garbage: its categories, where each item goes, and its calendar."""

    categories: Mapping[str, Category] = field(default_factory=dict)
    sortings: Mapping[str, Sorting] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=lambda: Calendar({}))


def names_of(cell: str) -> tuple[str, ...]:
    """Return the names in a cell: `name|synonym|synonym`."""
    return tuple(name.strip() for name in cell.split("|") if name.strip())


def read_lexicon(folder: Path, languages: Languages) -> tuple[Lexicon, list[Problem]]:
    """Return the lexicon of `faq/nationwide/garbage/` and every problem in it."""
    problems: list[Problem] = []
    items: dict[str, Item] = {}
    for path in sorted(folder.glob("*.csv")):
        for line, row in _rows(path, ("item", "name_ja"), problems):
            if row["item"] in items:
                problems.append(Problem(path, line, f"item {row['item']} is there twice; rename or remove one"))
            items[row["item"]] = _item(row, languages)
    families = _families(folder, problems)
    for item in items.values():
        if item.family and item.family not in families:
            problems.append(Problem(folder, 1, f"item {item.id}: there is no family {item.family} in families*.yaml"))
    return Lexicon(items, families, _notes(folder, problems)), problems


def _item(row: Mapping[str, str], languages: Languages) -> Item:
    names = {lang.code: names_of(row.get(f"name_{lang.code}", "")) for lang in languages}
    return Item(
        id=row["item"],
        names={code: found for code, found in names.items() if found},
        group=row.get("group", ""),
        family=row.get("family", ""),
        reading=row.get("reading", ""),
    )


def _families(folder: Path, problems: list[Problem]) -> dict[str, Family]:
    families: dict[str, Family] = {}
    for path in sorted(folder.glob("families*.yaml")):
        try:
            rows = read_yaml(path, TypeAdapter(dict[str, _FamilyRow]))
        except ContentError as error:
            problems += error.problems
            continue
        for id_, row in rows.items():
            families[id_] = Family(id_, {code: names_of(cell) for code, cell in row.names.items()}, row.warn_first)
    return families


def _notes(folder: Path, problems: list[Problem]) -> Mapping[str, Mapping[str, str]]:
    path = folder / "notes.yaml"
    if not path.exists():
        return {}
    try:
        return read_yaml(path, TypeAdapter(dict[str, dict[str, str]]))
    except ContentError as error:
        problems += error.problems
        return {}


def read_city_garbage(folder: Path, lexicon: Lexicon, languages: Languages) -> tuple[CityGarbage, list[Problem]]:
    """Return what a city's `garbage/` folder says, and every problem in it. No folder means an empty CityGarbage."""
    if not folder.is_dir():
        return CityGarbage(), []
    problems: list[Problem] = []
    try:
        file = read_yaml(folder / "categories.yaml", _CategoryFile)
    except ContentError as error:
        return CityGarbage(), list(error.problems)
    categories = {id_: Category(id=id_, **row.model_dump()) for id_, row in file.categories.items()}
    sortings = _sortings(folder, lexicon, categories, languages, problems)
    districts = _districts(folder / "area_days.csv", categories, languages, problems)
    closures = tuple(_closures(folder / "closures.csv", languages, problems))
    calendar = Calendar(districts, closures, file.calendar_valid_until, file.calendar_source)
    return CityGarbage(categories, sortings, calendar), problems


def _sortings(
    folder: Path, lexicon: Lexicon, categories: Mapping[str, Category], languages: Languages, problems: list[Problem]
) -> dict[str, Sorting]:
    sortings: dict[str, Sorting] = {}
    for path in sorted((folder / "items").glob("*.csv")):
        for line, row in _rows(path, ("item", "category"), problems):
            notes = tuple(row.get("notes", "").split())
            for kind, value, known in (
                ("item", row["item"], lexicon.items),
                ("category", row["category"], categories),
                *(("note", note, lexicon.notes) for note in notes),
            ):
                if value not in known:
                    problems.append(Problem(path, line, f"there is no {kind} {value!r}; check its spelling"))
            if row["item"] in sortings:
                problems.append(Problem(path, line, f"item {row['item']} is sorted twice; keep one row"))
            remark = {lang.code: row[f"remark_{lang.code}"] for lang in languages if row.get(f"remark_{lang.code}")}
            sortings[row["item"]] = Sorting(row["item"], row["category"], notes, remark)
    return sortings


def _districts(
    path: Path, categories: Mapping[str, Category], languages: Languages, problems: list[Problem]
) -> dict[str, District]:
    if not path.exists():
        return {}
    districts: dict[str, District] = {}
    for line, row in _rows(path, ("district", "name_ja", "towns"), problems):
        schedules: dict[str, Schedule] = {}
        for category in (name for name in row if name in categories and row[name]):
            try:
                schedules[category] = parse_schedule(row[category])
            except ValueError as error:
                problems.append(Problem(path, line, f"column {category}: {error}"))
        names = {lang.code: row[f"name_{lang.code}"] for lang in languages if row.get(f"name_{lang.code}")}
        districts[row["district"]] = District(row["district"], names, names_of(row["towns"]), schedules)
    return districts


def _closures(path: Path, languages: Languages, problems: list[Problem]) -> Iterator[Closure]:
    if not path.exists():
        return
    for line, row in _rows(path, ("first", "last", "categories", "instead", f"reason_{JAPANESE}"), problems):
        try:
            first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
            instead = date.fromisoformat(row["instead"]) if row["instead"] else None
        except ValueError as error:
            problems.append(Problem(path, line, f"{error}; write days as 2026-12-31"))
            continue
        reason = {lang.code: row[f"reason_{lang.code}"] for lang in languages if row.get(f"reason_{lang.code}")}
        yield Closure(first, last, tuple(row["categories"].split()), instead, reason)


def _rows(path: Path, required: tuple[str, ...], problems: list[Problem]) -> list[NumberedRow]:
    try:
        return read_csv(path, required)
    except ContentError as error:
        problems += error.problems
        return []
