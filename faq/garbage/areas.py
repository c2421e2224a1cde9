"""Reads the collection days per area of 5374 (`area_days`) into districts; rows of one 地区 with the same days are one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from faq.errors import Problem
from faq.garbage.calendar import District, Schedule, parse_schedule
from faq.garbage.columns import Sheet
from faq.garbage.plan import Bins
from faq.garbage.tables import Cells
from faq.languages import JAPANESE
from faq.text import normalise

_REMARK = re.compile(r"\*\d{1,2}(?=\s|$)")
_DIVIDERS = re.compile(r"[・、,，\s]+")


@dataclass
class Areas:
    """The districts found, the centres that they use, and what a person should look at."""

    districts: dict[str, District] = field(default_factory=dict)
    centers: set[str] = field(default_factory=set)
    notes: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _AreaRow:
    """One row: its 地区 (empty where the table has none), its town and the schedules of its bins."""

    place: tuple[Sheet, int]
    area: str
    town: str
    schedules: tuple[tuple[str, Schedule], ...]


def read_areas(sheets: Sequence[Sheet], bins: Bins, remarks: set[str], problems: list[Problem]) -> Areas:
    """Return the districts of all tables; mistakes go to `problems`."""
    areas = Areas()
    rows: list[_AreaRow] = []
    for sheet in sheets:
        known = {place for role, place in sheet.at.items() if role in ("town", "area", "center")}
        columns = [(place, bins.id_of(name)) for place, name in enumerate(sheet.header) if name and place not in known]
        for line, cells in sheet.rows:
            town = sheet.cell(cells, "town")
            if not town:
                problems.append(Problem(sheet.path, line, "the row has no 地名; add it, or take the row out"))
                continue
            if center := sheet.cell(cells, "center"):
                areas.centers.add(center)
            schedules = _schedules(sheet, line, cells, columns, remarks, problems, areas.notes)
            rows.append(_AreaRow((sheet, line), sheet.cell(cells, "area"), town, schedules))
    _group(rows, areas, problems)
    return areas


def _schedules(
    sheet: Sheet,
    line: int,
    cells: Cells,
    columns: Sequence[tuple[int, str]],
    remarks: set[str],
    problems: list[Problem],
    notes: list[Problem],
) -> tuple[tuple[str, Schedule], ...]:
    found = []
    for place, category in columns:
        cell = normalise(cells[place]) if place < len(cells) else ""
        for remark in _REMARK.findall(cell):
            if remark in remarks or remark[1:] in remarks:
                notes.append(Problem(sheet.path, line, f"remark {remark} of {sheet.header[place]} is not taken over"))
            else:
                problems.append(Problem(sheet.path, line, f"remark {remark} is not in remarks.csv; give that file as well"))
        cell = _DIVIDERS.sub(" ", _REMARK.sub("", cell)).strip()
        try:
            if cell:
                found.append((category, parse_schedule(cell)))
        except ValueError as error:
            problems.append(Problem(sheet.path, line, f"column {sheet.header[place]}: {error}"))
    return tuple(found)


def _group(rows: Sequence[_AreaRow], areas: Areas, problems: list[Problem]) -> None:
    groups: dict[tuple[object, ...], list[_AreaRow]] = {}
    for row in rows:
        groups.setdefault((row.area or row.town, row.schedules, bool(row.area)), []).append(row)
    titles = [key[0] for key in groups]
    names: dict[str, _AreaRow] = {}
    for number, members in enumerate(groups.values(), start=1):
        first = members[0]
        towns = tuple(dict.fromkeys(row.town for row in members))
        name = first.area or first.town
        if first.area and titles.count(first.area) > 1:
            name = f"{first.area}（{first.town}{'ほか' if len(towns) > 1 else ''}）"
        sheet, line = first.place
        if name in names:
            other = names[name].place[1]
            message = f"{name} stands in line {other} with other days; tell them apart: {name}（1・2丁目）"
            problems.append(Problem(sheet.path, line, message))
        names[name] = first
        if len(towns) < len(members):
            areas.notes.append(Problem(sheet.path, line, f"{name} holds a town twice with the same days; taken once"))
        areas.districts[f"area-{number}"] = District(f"area-{number}", {JAPANESE: name}, towns, dict(first.schedules))
