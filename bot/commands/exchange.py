"""`madoguchi import` and `madoguchi export`: garbage tables of cities in, 5374 files out."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.messages import BotError
from bot.settings import Settings
from faq.errors import ContentError
from faq.garbage.exchange_files import export_files, write_plan
from faq.garbage.files import read_lexicon
from faq.garbage.importing import make_plan
from faq.garbage.plan import Plan
from faq.languages import load_languages
from faq.loader import load_knowledge

_out = Console(highlight=False, soft_wrap=True)
City = Annotated[str, typer.Argument(help="The city's id")]
Paths = Annotated[list[Path], typer.Argument(help="5374 files, an open-data CSV, or an Excel workbook (.xlsx)")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the plan and write nothing")]
Folder = Annotated[Path, typer.Option("--out", help="The folder for the files; it must not hold them yet")]


def import_city(city: City, files: Paths, dry_run: DryRun = False) -> None:
    """Import a city's bins, collection days and items; nothing is written unless every file is right."""
    settings = Settings()
    require_city(settings, city)
    lexicon, problems = read_lexicon(settings.files.nationwide / "garbage", load_languages(settings.files))
    if problems:
        raise ContentError(problems)
    plan = make_plan(files, lexicon)
    _print_plan(plan)
    if dry_run:
        _out.print("Nothing is written (--dry-run).")
        return
    garbage = settings.files.cities / city / "garbage"
    folder, written = write_plan(plan, garbage)
    if folder != garbage:
        _out.print(f"{garbage} holds content and stays as it is; compare it with {folder}, which is not read.", markup=False)
    for path in written:
        _out.print(f"{path} is written.", markup=False)
    if not written:
        _out.print("All of it is there already.")


def export_city(city: City, out: Folder) -> None:
    """Export a city's bins, collection days and items as 5374 files."""
    settings = Settings()
    require_city(settings, city)
    knowledge = load_knowledge(settings.files, [city])
    folder = settings.files.cities / city
    if wrong := [problem for problem in knowledge.problems if folder in problem.path.parents]:
        raise ContentError(wrong)
    files, lost = export_files(knowledge.cities[city].garbage, knowledge.lexicon)
    if there := [name for name in files if (out / name).exists()]:
        raise BotError("exists", f"{out} holds {', '.join(there)} already.", "Choose another folder with --out.")
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8", newline="")
        _out.print(f"{out / name} is written.", markup=False)
    for what in lost:
        _out.print(f"5374 has no place for {what}; left out.", style="yellow", markup=False)


def require_city(settings: Settings, city: str) -> None:
    """Raise BotError where the city has no folder."""
    if city not in (known := settings.files.city_ids()):
        hint = f"Cities: {', '.join(known)}. `madoguchi add-city` makes a new one."
        raise BotError("unknown_city", f"There is no city {city!r} in {settings.files.cities}.", hint, 404)


def _print_plan(plan: Plan) -> None:
    for category in plan.categories.values():
        _out.print(f"bin {category.id}: {category.name['ja']}", markup=False)
    for district in plan.districts.values():
        days = ", ".join(f"{id_} {schedule.notation}" for id_, schedule in district.schedules.items())
        _out.print(f"district {district.id}: {district.name['ja']} ({'・'.join(district.towns)}): {days}", markup=False)
    for closure in plan.closures:
        _out.print(f"closed: {closure.first} to {closure.last}", markup=False)
    for sorting in plan.sortings.values():
        _out.print(f"item {sorting.item}: {sorting.category}", markup=False)
    for problem in (*plan.notes, *plan.unmatched):
        _out.print(str(problem), style="yellow", markup=False)
    counts = {"bins": plan.categories, "districts": plan.districts, "items": plan.sortings, "rows left out": plan.unmatched}
    _out.print(" · ".join(f"{len(what)} {name}" for name, what in counts.items()))
