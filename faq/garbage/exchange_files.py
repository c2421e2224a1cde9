"""Writes a plan as a city's garbage files, and a city's garbage as the files of 5374. Never overwrites what somebody wrote."""

import csv
import html
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import yaml

from faq.garbage.calendar import Closure, District
from faq.garbage.files import CityGarbage, names_of
from faq.garbage.items import Category, Lexicon
from faq.garbage.plan import Plan
from faq.languages import JAPANESE

Files = dict[str, str]
_HEAD = """# Made by `madoguchi import`. Look at every bin: its name, how to put it out, whether it is collected at all.
# `calendar_valid_until: 2027-03-31` says until when the city has published its collection days; add it.
"""


def plan_files(plan: Plan) -> Files:
    """Return the text of each file of the plan, by its path inside the city's `garbage/`."""
    files = {"categories.yaml": _HEAD + _categories(plan.categories.values())}
    if plan.districts:
        used = [id_ for id_ in plan.categories if any(id_ in district.schedules for district in plan.districts.values())]
        head = ["district", "name_ja", "towns", *used]
        files["area_days.csv"] = _csv(head, (_district_row(district, used) for district in plan.districts.values()))
    if plan.closures:
        rows = [[str(closure.first), str(closure.last), "", "", ""] for closure in plan.closures]
        files["closures.csv"] = _csv(["first", "last", "categories", "instead", "reason_ja"], rows)
    if plan.sortings:
        found = [[s.item, s.category, "", s.remark.get(JAPANESE, "")] for s in plan.sortings.values()]
        files["items/imported.csv"] = _csv(["item", "category", "notes", "remark_ja"], found)
    return files


def _categories(categories: Iterable[Category]) -> str:
    rows = {}
    for category in categories:
        row: dict[str, object] = {"name": dict(category.name), "how": dict(category.how), "colour": category.colour}
        row |= {} if category.collected else {"collected": False}
        row |= {"by_appointment": True} if category.by_appointment else {}
        rows[category.id] = row
    text: str = yaml.safe_dump({"categories": rows}, allow_unicode=True, sort_keys=False, width=1000)
    return text


def _district_row(district: District, categories: Sequence[str]) -> list[str]:
    days = [district.schedules[id_].notation if id_ in district.schedules else "" for id_ in categories]
    return [district.id, district.name[JAPANESE], "|".join(district.towns), *days]


def write_plan(plan: Plan, garbage: Path) -> tuple[Path, list[Path]]:
    """Write the plan into `garbage/`, or beside what is there: `garbage/imported`, `imported-2` …, which nothing reads.

    Returns the folder and the files written (none where the very same plan is there already). Files without rows
    (those that `add-city` made) count as free.
    """
    files = plan_files(plan)
    folder, number = garbage, 1
    while not _free(folder, files):
        folder = garbage / ("imported" if number == 1 else f"imported-{number}")
        number += 1
    written = []
    for name, text in files.items():
        path = folder / name
        if not path.exists() or _read(path) != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
            written.append(path)
    return folder, written


def _free(folder: Path, files: Files) -> bool:
    there = [path for pattern in ("*.yaml", "*.csv", "items/*.csv") for path in folder.glob(pattern)]
    return all(_read(path) == files.get(path.relative_to(folder).as_posix()) or not _has_rows(path) for path in there)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None  # not ours: somebody wrote it


def _has_rows(path: Path) -> bool:
    """Say whether a file says anything: a CSV below its header, a YAML beyond empty `categories`. Unreadable ones do."""
    text = _read(path)
    if text is None:
        return True
    if path.suffix == ".csv":
        return sum(bool(line.strip()) for line in text.splitlines()) > 1
    try:
        return yaml.safe_load(text) not in (None, {}, {"categories": {}}, {"categories": None})
    except yaml.YAMLError:
        return True


def export_files(garbage: CityGarbage, lexicon: Lexicon) -> tuple[Files, list[str]]:
    """Return a city's garbage as 5374 files by name, and what 5374 has no place for."""
    label = {id_: names_of(category.name[JAPANESE])[0] for id_, category in garbage.categories.items()}
    files = {
        "description.csv": _csv(
            ["label", "sublabel", "description", "styles", "bgcolor"],
            ([label[c.id], "", _as_html(c.how.get(JAPANESE, "")), "", c.colour] for c in garbage.categories.values()),
        ),
        "target.csv": _csv(["type", "name", "notice", "furigana"], _targets(garbage, lexicon, label)),
    }
    whole = [closure for closure in garbage.calendar.closures if not closure.categories]
    if districts := list(garbage.calendar.districts.values()):
        files["area_days.csv"] = _area_days(districts, label, "市全域" if whole else "")
    if whole:
        rows = [["市全域", _slashed(closure.first), _slashed(closure.last)] for closure in whole]
        files["center.csv"] = _csv(["名称", "休止開始日", "休止終了日"], rows)
    return files, _lost(garbage.calendar.closures)


def _lost(closures: Sequence[Closure]) -> list[str]:
    partly = sum(bool(closure.categories) for closure in closures)
    moved = sum(closure.instead is not None for closure in closures)
    lost = [f"{partly} closures of single bins"] if partly else []
    return [*lost, f"{moved} days that take the place of a closure"] if moved else lost


def _targets(garbage: CityGarbage, lexicon: Lexicon, label: Mapping[str, str]) -> Iterable[list[str]]:
    for sorting in garbage.sortings.values():
        item = lexicon.items[sorting.item]
        notes = [lexicon.notes[note].get(JAPANESE, "") for note in sorting.notes]
        notice = " ".join(filter(None, [sorting.remark.get(JAPANESE, ""), *notes]))
        yield [label[sorting.category], item.names[JAPANESE][0], notice, item.reading]


def _area_days(districts: Sequence[District], label: Mapping[str, str], center: str) -> str:
    used = [id_ for id_ in label if any(id_ in district.schedules for district in districts)]
    # 5374 knows one name for each row; where a district holds several towns its own name stands in 地区.
    grouped = any(district.towns not in ((), (district.name[JAPANESE],)) for district in districts)
    rows = []
    for district in districts:
        days = [district.schedules[id_].notation if id_ in district.schedules else "" for id_ in used]
        name = district.name[JAPANESE]
        rows += [[*([name] if grouped else []), town, center, *days] for town in district.towns or (name,)]
    return _csv([*(["地区"] if grouped else []), "地名", "センター", *(label[id_] for id_ in used)], rows)


def _as_html(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")


def _slashed(day: date) -> str:
    return f"{day:%Y/%m/%d}"


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
