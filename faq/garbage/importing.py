"""Turns the files of a city (5374, open data, Excel) into a plan of bins, districts and items; writes nothing."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from faq.errors import ContentError, Problem
from faq.garbage.areas import read_areas
from faq.garbage.calendar import Closure
from faq.garbage.columns import Sheet, recognise
from faq.garbage.items import Lexicon, Sorting
from faq.garbage.plan import Bins, ItemNames, Plan
from faq.garbage.tables import read_table
from faq.languages import JAPANESE

_BREAK, _TAG = re.compile(r"<br\s*/?>|</(?:p|div|li|strong)>", re.IGNORECASE), re.compile(r"<[^>]*>")
_HEX = re.compile(r"^#(?:[0-9a-fA-F]{3}){1,2}$")
# Bins are numbered in this order of files, whatever the order they are named in.
_ORDER = ("description", "area_days", "target")


def make_plan(paths: Sequence[Path], lexicon: Lexicon) -> Plan:
    """Return the plan for these files together.

    Raises ContentError with every mistake in them (unknown columns, a day that is none, a row without a name …).
    """
    problems: list[Problem] = []
    sheets = _read_sheets(paths, problems)
    bins = Bins()
    remarks = {sheet.cell(cells, "id") for sheet in _of(sheets, "remarks") for _, cells in sheet.rows}
    for sheet in _of(sheets, "description"):
        _read_descriptions(sheet, bins, problems)
    areas = read_areas(_of(sheets, "area_days"), bins, remarks, problems)
    closures, notes = _closures(_of(sheets, "center"), areas.centers, problems)
    sortings, unmatched = _sort_items(_of(sheets, "target"), bins, ItemNames(lexicon), problems)
    if problems:
        raise ContentError(problems)
    return Plan(bins.categories, areas.districts, closures, sortings, tuple(unmatched), (*areas.notes, *notes))


def _read_sheets(paths: Sequence[Path], problems: list[Problem]) -> list[Sheet]:
    sheets = []
    for path in paths:
        try:
            sheets.append(recognise(read_table(path)))
        except ContentError as error:
            problems += error.problems
    return sheets


def _of(sheets: Sequence[Sheet], kind: str) -> list[Sheet]:
    return [sheet for sheet in sheets if sheet.kind == kind]


def _read_descriptions(sheet: Sheet, bins: Bins, problems: list[Problem]) -> None:
    for line, cells in sheet.rows:
        label, colour = sheet.cell(cells, "label"), sheet.cell(cells, "colour")
        if not label:
            problems.append(Problem(sheet.path, line, "the row has no label; name the bin, or take the row out"))
            continue
        id_ = bins.id_of(label)
        changes: dict[str, object] = {}
        if text := plain_text(sheet.cell(cells, "description")):
            changes["how"] = {JAPANESE: text}
        if _HEX.match(colour):
            changes["colour"] = colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
        bins.categories[id_] = replace(bins.categories[id_], **changes)  # type: ignore[arg-type]


def plain_text(text: str) -> str:
    """Return the HTML of a 5374 description as plain text, a line for each `<br>`."""
    lines = html.unescape(_TAG.sub("", _BREAK.sub("\n", text))).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


def _closures(sheets: list[Sheet], centers: set[str], problems: list[Problem]) -> tuple[tuple[Closure, ...], list[Problem]]:
    """Return the closures that every centre in use shares; the calendar knows no closure of a single centre."""
    found: dict[tuple[date, date], set[str]] = {}
    places: dict[tuple[date, date], tuple[Path, int]] = {}
    for sheet in sheets:
        for line, cells in sheet.rows:
            try:
                first, last = (_day(sheet.cell(cells, role)) for role in ("start", "end"))
            except ValueError as error:
                problems.append(Problem(sheet.path, line, f"{error}; write days as 2026/12/31"))
                continue
            found.setdefault((first, last), set()).add(sheet.cell(cells, "name"))
            places.setdefault((first, last), (sheet.path, line))
    notes = [
        Problem(*places[days], f"{days[0]} to {days[1]} is a closure of some centres only; it is left out")
        for days, names in found.items()
        if not names >= centers
    ]
    shared = sorted(days for days, names in found.items() if names >= centers)
    return tuple(Closure(first, last, reason={}) for first, last in shared), notes


def _day(cell: str) -> date:
    numbers = re.findall(r"\d+", cell)
    if len(numbers) == 1 and len(numbers[0]) == 8:
        return date.fromisoformat(numbers[0])
    if len(numbers) != 3:
        raise ValueError(f"{cell!r} is not a day")
    return date(*map(int, numbers))


def _sort_items(
    sheets: list[Sheet], bins: Bins, names: ItemNames, problems: list[Problem]
) -> tuple[dict[str, Sorting], list[Problem]]:
    """Return where items go. Of two rows for an item its own name beats a synonym; equal ones that differ are left out."""
    unmatched: list[Problem] = []
    claims: dict[str, list[tuple[int, Sorting, Problem]]] = {}
    for sheet in sheets:
        for line, cells in sheet.rows:
            name, category, note = (sheet.cell(cells, role) for role in ("name", "category", "note"))
            if not name:
                problems.append(Problem(sheet.path, line, "the row has no item name; add it, or take the row out"))
            elif not category:
                unmatched.append(Problem(sheet.path, line, f"{name}: no bin is given"))
            else:
                rank, ids = names.find(name)
                bin_id = bins.id_of(category)
                if len(ids) != 1:
                    why = f"several items are called so: {', '.join(ids)}" if ids else "the lexicon has no such name"
                    unmatched.append(Problem(sheet.path, line, f"{name}: {why}"))
                    continue
                sorting = Sorting(ids[0], bin_id, remark={JAPANESE: note} if note else {})
                claims.setdefault(ids[0], []).append((rank, sorting, Problem(sheet.path, line, name)))
    sortings = {}
    for item, rows in claims.items():
        best = [row for row in rows if row[0] == min(rank for rank, _, _ in rows)]
        if len({sorting.category for _, sorting, _ in best}) == 1:
            sortings[item] = best[0][1]
        else:
            unmatched += [replace(row, message=f"{row.message}: item {item} goes to several bins") for _, _, row in best]
    return sortings, sorted(unmatched)
