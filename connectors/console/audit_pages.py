"""The audit log as a page with filters, and as CSV that no spreadsheet can mistake for formulas."""

import csv
import io
import json
from datetime import date, datetime, time, timedelta
from typing import Any

from fastapi import Request, Response

from bot.messages import JST
from bot.storage.audit import Line, audit_lines
from bot.storage.staff import list_staff
from connectors.console.gate import console_router, current_staff, record
from connectors.console.pages import language_of, page
from connectors.console.permissions import Permission, everywhere
from connectors.console.sessions import handler_of
from connectors.console.texts import texts

router = console_router()
_PAGE = 100
_MOST = 100_000
_COLUMNS = ("number", "at", "staff", "name", "city", "action", "target", "detail", "before", "digest")
# A cell that begins with one of these would be worked out by a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@router.get("/{city}/audit")
async def audit_page(request: Request, city: str) -> Response:
    """Show the lines of this city, the latest first. Who reads the log of all cities may widen it."""
    lines = await _lines(request, city, _PAGE + 1)
    said = texts(language_of(request))
    people = await handler_of(request).database.read(list_staff)
    actions = sorted(key.removeprefix("audit.") for key in said if key.startswith("audit."))
    older = {**request.query_params, "below": lines[_PAGE - 1].number} if len(lines) > _PAGE else None
    return page(
        request, "audit.html", lines=[(line, facts_of(line)) for line in lines[:_PAGE]], actions=actions, older=older,
        name_of=lambda action: said.get(f"audit.{action}", action), form=dict(request.query_params),
        names={one.id: one.name for one in people},
        chief=everywhere(current_staff(request), Permission.AUDIT_READ),
        query={key: value for key, value in request.query_params.items() if key != "below"},
    )  # fmt: skip


@router.get("/{city}/audit.csv")
async def audit_csv(request: Request, city: str) -> Response:
    """Give the filtered lines as a file, oldest first, with the digests by which it can be checked. This is logged too."""
    lines = await _lines(request, city, _MOST)
    await record(request, "audit-exported", city=city, detail={"lines": str(len(lines))})
    headers = {"Content-Disposition": f'attachment; filename="audit-{city}.csv"'}
    return Response(as_csv(lines[::-1]), media_type="text/csv; charset=utf-8", headers=headers)


def as_csv(lines: list[Line]) -> bytes:
    """Return lines as CSV in UTF-8 with the mark that Excel looks for."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for line in lines:
        writer.writerow([safe_cell(_text(getattr(line, name))) for name in _COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def safe_cell(text: str) -> str:
    """Return a cell's text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def facts_of(line: Line) -> dict[str, str]:
    """Return the small facts of a line."""
    facts: dict[str, str] = json.loads(line.detail)
    return facts


def _text(value: Any) -> str:
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value)


async def _lines(request: Request, city: str, limit: int) -> list[Line]:
    asked = request.query_params
    everything = "all" in asked and everywhere(current_staff(request), Permission.AUDIT_READ)
    since, until = _day(asked.get("since", "")), _day(asked.get("until", ""))
    below = asked.get("below", "")
    return await handler_of(request).database.read(
        lambda connection: audit_lines(
            connection, city=None if everything else city, action=asked.get("action", ""), staff=asked.get("staff", "")[:64],
            since=since, until=until and until + timedelta(days=1), below=int(below) if below.isdecimal() else None, limit=limit,
        )
    )  # fmt: skip


def _day(text: str) -> datetime | None:
    """Return the beginning of a day in Japan; None for what is no date."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), JST)
    except ValueError:
        return None
