"""The city's answers and sorting rules as open data, in JSON and CSV; the collection days of a district as iCalendar."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from bot.messages import BotError
from connectors.web.api import ERRORS, Shell
from faq.garbage.files import names_of
from faq.garbage.ical import CalendarNames, ical
from faq.release import Release

router = APIRouter(prefix="/opendata/{city}", tags=["open data"], responses=ERRORS)
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


@router.get("/{name}.{kind}", response_model=None)
async def download(city: str, name: str, kind: str, handler: Shell) -> JSONResponse | PlainTextResponse:
    """Return `faq` or `garbage` as `json` or `csv` (UTF-8 with a byte order mark, for spreadsheets)."""
    release = handler.service.release(city)
    if name not in _TABLES or kind not in ("json", "csv"):
        raise BotError("not_found", f"There is no {name}.{kind}.", "Take faq.json, faq.csv, garbage.json or garbage.csv.", 404)
    rows = list(_TABLES[name](release))
    return JSONResponse(rows) if kind == "json" else PlainTextResponse(_csv(rows), media_type="text/csv; charset=utf-8")


@router.get("/garbage/{district}.ics", response_class=Response, responses={200: {"content": {"text/calendar": {}}}})
async def collection_days(city: str, district: str, handler: Shell, lang: str | None = None) -> Response:
    """Return a district's collection days for a year from this month, as iCalendar; names are in `lang` or its nearest."""
    release, languages = handler.service.release(city), handler.service.languages
    calendar = release.knowledge.garbage.calendar
    if district not in calendar.districts:
        known = ", ".join(calendar.districts) or "none"
        raise BotError("unknown_district", f"There is no district {district!r} in {city}.", f"Districts: {known}", 404)
    language, place = languages.resolve(lang) or "ja", calendar.districts[district]
    name = languages.choose(place.name, language)
    bins = {c.id: languages.choose(c.name, language) for c in release.knowledge.garbage.categories.values()}
    names = CalendarNames(
        title=f"{release.knowledge.city.name_in(language, languages)} {name[1] if name else district}",
        categories={id_: names_of(found[1])[0] for id_, found in bins.items() if found},
        domain=f"{city}.madoguchi",
        language=languages[language].html,
    )
    text = ical(calendar, place, names, handler.clock().date().replace(day=1), 366)
    return Response(text, media_type="text/calendar; charset=utf-8")


def _faq(release: Release) -> Iterable[dict[str, Any]]:
    for entry in release.knowledge.entries.values():
        for language, text in entry.texts.items():
            name = release.knowledge.city.name_in(language, release.languages)
            yield {
                "id": entry.id, "language": language, "topic": entry.topic, "question": text.question,
                "answer": text.answer.replace("{city}", name),
                "state": text.state, "source": entry.source, "confirmed_on": str(entry.confirmed_on or ""),
            }  # fmt: skip


def _garbage(release: Release) -> Iterable[dict[str, Any]]:
    garbage = release.knowledge.garbage
    for sorting in garbage.sortings.values():
        item, category = release.knowledge.lexicon.items[sorting.item], garbage.categories[sorting.category]
        names = {f"name_{code}": names[0] for code, names in item.names.items()}
        yield {"id": item.id, **names, "reading": item.reading, "category": names_of(category.name["ja"])[0]}


_TABLES = {"faq": _faq, "garbage": _garbage}


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, columns, lineterminator="\r\n", restval="")
    writer.writeheader()
    writer.writerows(_harmless(row) for row in rows)
    return "\ufeff" + out.getvalue()


def _harmless(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the row with cells that a spreadsheet would take for formulas led by an apostrophe (S-13)."""
    return {name: f"'{value}" if str(value).startswith(_DANGEROUS) else str(value) for name, value in row.items()}
