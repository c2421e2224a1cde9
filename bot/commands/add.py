"""`madoguchi add-city` and `madoguchi add-language`: folders to fill in, for a new city or a new language."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console

from bot.messages import BotError
from bot.settings import Settings
from faq.entry import Entry
from faq.languages import JAPANESE, Languages, Script, load_languages
from faq.loader import load_knowledge

_out = Console(highlight=False, soft_wrap=True)
CITY_ID = re.compile(r"[a-z][a-z0-9-]{1,30}[a-z0-9]")
LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Addresses of the service itself; a city's id is the first part of its own.
TAKEN = frozenset({"api", "static", "opendata", "healthz", "readyz", "metrics", "docs", "admin", "line", "nationwide",
                   "console", "embed", "rasa", "return"})  # fmt: skip

CITY_YAML = """# Who the city is. Fill in name and phone, then run: madoguchi check {id}
# Leave out what you do not know: a missing telephone becomes "please ask the city hall".
name: {{ja: }}            # e.g. {{ja: 星見市, en: Hoshimi City}}; Japanese is required
phone:                  # the city hall's main number, e.g. 0000-00-0000
prefecture: {{}}          # e.g. {{ja: 架空県, en: Fictional Prefecture}}
source: 市が記入          # where these facts come from, e.g. 市のホームページ（2026年11月）
confirmed_on: {today}  # when somebody last checked them
# site: https://hoshimi.example/
# address: {{ja: "〒000-0000 架空県星見市天の川1丁目1番1号"}}
# hours: {{ja: "月〜金 8:30〜17:15（祝日・年末年始を除く）"}}
# also_called: [ほしみ]
# precision_wanted: 0.9   # the share of given answers that must be right; higher answers less often
# departments:            # a role of faq/nationwide/topics.yaml; the others are answered with the main number
#   residents:
#     name: {{ja: 市民課, en: Residents Division}}
#     phone: 0000-00-0011
"""
BLANKS_HEAD = """# What only the city knows of the shared entries.
# Take the marks # away from the lines that you fill, and take out this {}:
{}
# These entries are asked most:
"""
CATEGORIES_YAML = """# The city's bins. `madoguchi import {id} FILE…` fills this folder from 5374 files, open data or Excel.
# calendar_valid_until: 2027-03-31   # the last day that the city has published
categories: {{}}   # take out {{}} when you add the first bin:
#   burnable:
#     name: {{ja: 燃やすごみ|可燃ごみ, en: burnable garbage}}   # the name, then synonyms
#     how: {{ja: 市の指定袋に入れ、朝8時までに出してください。}}
#     colour: "#b23b3b"
"""
DISTRICTS = "district,name_ja,towns\n"
CLOSURES = "first,last,categories,instead,reason_ja\n"
ITEMS = "item,category,notes\n"

# Files of a language that may be empty, with what an empty one holds. The words for days and the frames of garbage have
# no empty form: they are written as `.example`, and `check` tells that the file itself is missing.
LANGUAGE_FILES = {
    "texts.yaml": "{}", "labels.yaml": "{}", "safety.yaml": "{}", "handoff.yaml": "{}", "line.yaml": "{}", "widget.yaml": "{}",
    "utterances.yaml": "{}", "topics.yaml": "{}", "emergencies.yaml": "{}",
    "out_of_scope.yaml": "[]", "dates.yaml": "", "garbage.yaml": "",
}  # fmt: skip


def add_city(id_: Annotated[str, typer.Argument(metavar="ID", help="Lower-case Latin letters, digits, hyphens")]) -> None:
    """Make a folder for a new city, with everything that can be filled in."""
    from bot.handler import now_in_japan

    settings = Settings()
    folder = settings.files.cities / id_
    if not CITY_ID.fullmatch(id_) or id_ in TAKEN:
        hint = "Take 3 to 32 lower-case Latin letters, digits or hyphens, such as hoshimi or kita-hoshimi."
        raise BotError("bad_id", f"{id_!r} cannot be a city's id: it stands in every address.", hint)
    if folder.exists():
        raise BotError("exists", f"{folder} is there already.", "Choose another id, or change the files in it.")
    entries = load_knowledge(settings.files, []).nationwide.values()
    today = now_in_japan().date().isoformat()
    files = {
        "city.yaml": CITY_YAML.format(id=id_, today=today),
        "blanks.yaml": BLANKS_HEAD + "".join(_blank_lines(entries)),
        "garbage/categories.yaml": CATEGORIES_YAML.format(id=id_),
        "garbage/area_days.csv": DISTRICTS,
        "garbage/closures.csv": CLOSURES,
        "garbage/items/items.csv": ITEMS,
    }
    _write(folder, files)
    _out.print(f"Fill in name and phone in {folder / 'city.yaml'}, then: madoguchi check {id_}", markup=False)


def _blank_lines(entries: Iterable[Entry]) -> Iterable[str]:
    for entry in entries:
        if entry.most_asked and entry.blanks:
            yield f"# {entry.id}:   # {entry.texts[JAPANESE].question if JAPANESE in entry.texts else ''}\n"
            yield from (f"#   {blank}: {{ja: }}\n" for blank in entry.blanks)


def add_language(
    code: Annotated[str, typer.Argument(help="The language's code, such as my or zh-Hant")],
    name: Annotated[str, typer.Option("--name", help="Its own name, as its speakers write it")],
    script: Annotated[str, typer.Option("--script", help=f"How text is cut into words: {', '.join(get_args(Script))}")],
    rtl: Annotated[bool, typer.Option("--rtl", help="Written from right to left")] = False,
) -> None:
    """Add a language: its row, its folder, and a list of what it lacks."""
    settings = Settings()
    languages = load_languages(settings.files)
    _require_new_language(code, name, script, languages, settings.nlu_data_dir / code)
    fallback = [other for other in ("en", "ja-easy", JAPANESE) if other in languages]
    row = f"name: {json.dumps(name, ensure_ascii=False)}, script: {script}, fallback: [{', '.join(fallback)}]"
    path = settings.nlu_data_dir / "languages.yaml"
    text = path.read_text(encoding="utf-8")
    model = settings.nlu_data_dir / ("en" if "en" in languages else JAPANESE)
    _write(settings.nlu_data_dir / code, dict(_language_files(model)))
    # The code in quotation marks: `no` (Norwegian) would be read as false.
    line = f'"{code}": {{{row}, rtl: {str(rtl).lower()}, aliases: []}}\n'
    path.write_text(text + ("" if text.endswith("\n") else "\n") + line, encoding="utf-8")
    _out.print(f"{path} has a row for {code}.", markup=False)
    _print_missing(settings, code)


def _require_new_language(code: str, name: str, script: str, languages: Languages, folder: Path) -> None:
    if not LANGUAGE_CODE.fullmatch(code):
        raise BotError("bad_code", f"{code!r} is not a language code.", "Take one of BCP 47, such as my, th or zh-Hant.")
    if script not in get_args(Script):
        raise BotError("bad_script", f"{script!r} is not a script known here.", f"Take one of {', '.join(get_args(Script))}.")
    if not name.strip() or not name.isprintable():
        raise BotError("bad_name", "The language's name is empty or unprintable.", "Give --name as its speakers write it.")
    same = [row.code for row in languages if code.lower() in {tag.lower() for tag in (row.code, *row.aliases)}]
    if same:
        raise BotError("exists", f"{code} is there already, as {same[0]}.", "Change its row in languages.yaml instead.")
    if folder.exists():
        raise BotError("exists", f"{folder} is there already.", "Move it away, or choose another code.")


def _language_files(model: Path) -> Iterable[tuple[str, str]]:
    """Yield the files of a new language: the lines of a language that we have, all of them comments."""
    for name, empty in LANGUAGE_FILES.items():
        source = model / name
        lines = source.read_text(encoding="utf-8").splitlines() if source.exists() else []
        comments = "".join(f"# {line.removeprefix('# ')}\n" for line in lines)
        if empty:
            yield name, f"# Translate the lines below, take their marks # away, and take out this {empty}:\n{empty}\n{comments}"
        else:
            yield f"{name}.example", f"# Translate the lines below, take their marks # away, name the file {name}.\n{comments}"


def _print_missing(settings: Settings, code: str) -> None:
    from bot.content_checks import check_all

    errors, warnings = check_all(settings.files, load_knowledge(settings.files, []))
    missing = [problem for problem in errors if code in problem.path.parts]
    for problem in missing:
        _out.print(str(problem), markup=False)
    entries = sum(code in problem.path.parts for problem in warnings)
    _out.print(f"{code} lacks {len(missing)} things that every language needs, and {entries} texts of entries.", markup=False)


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        _out.print(f"{path} is written.", markup=False)
