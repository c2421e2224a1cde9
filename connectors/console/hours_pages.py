"""When each department answers, as residents are promised; its special days, and the Cabinet Office's list of holidays."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import UploadFile

from bot.desk.calendar import apply_calendar, spans_of
from bot.handler import Handler
from bot.office_hours import hours_of
from bot.storage.special_days import SpecialDay, drop_special_day, list_special_days, replace_holidays, save_special_day
from connectors.console.gate import console_router, current_staff, record
from connectors.console.pages import department_names, language_of, page, redirect
from connectors.console.permissions import Permission, Where, allows, everywhere
from connectors.console.sessions import handler_of
from faq.errors import ContentError
from faq.holidays import parse_holidays
from faq.loader import CityKnowledge
from faq.opening import Span

router = console_router()
_SECONDS = 30.0
_AHEAD = timedelta(days=120)


@dataclass(frozen=True)
class Hours:
    """The hours of a department: its week as texts by weekday, whether it is open now, None where it has given none."""

    role: str
    name: str
    week: tuple[str, ...]
    is_open: bool | None


@router.get("/{city}/hours")
async def hours_page(request: Request, city: str) -> Response:
    """Show the hours of every department of a city."""
    return await _hours(request, city)


@router.post("/{city}/hours/days")
async def special_day_save(request: Request, city: str) -> Response:
    """Add a special day of a department or of the whole city."""
    form = await request.form()
    special, errors = _special(city, {name: str(form.get(name, "")).strip() for name in ("department", "day", "hours")})
    if special is None or (special.department and special.department not in department_names(request, city, "ja")):
        return await _hours(request, city, 422, errors or {"department": "hours.no-department"}, form=dict(form))
    staff, now = current_staff(request).id, handler_of(request).clock()
    facts = {"department": special.department, "day": special.day.isoformat()}
    await record(
        request, "hours-changed", lambda connection: save_special_day(connection, special, staff, now), city=city, detail=facts
    )
    await _apply(request.app)
    return redirect(f"/console/{city}/hours", "day-saved")


@router.post("/{city}/hours/days/remove")
async def special_day_drop(request: Request, city: str) -> Response:
    """Remove a special day: the usual hours hold again."""
    form = await request.form()
    special, _ = _special(city, {"department": str(form.get("department", "")), "day": str(form.get("day", "")), "hours": ""})
    if special:
        facts = {"department": special.department, "day": special.day.isoformat()}
        await record(
            request, "hours-changed", lambda connection: drop_special_day(connection, city, special.department, special.day),
            city=city, detail=facts,
        )  # fmt: skip
        await _apply(request.app)
    return redirect(f"/console/{city}/hours", "day-removed")


@router.post("/{city}/hours/holidays")
async def holidays_import(request: Request, city: str) -> Response:
    """Take the Cabinet Office's list of holidays. It holds in all cities, so only an administrator of all may bring it."""
    if not everywhere(current_staff(request), Permission.HOURS_MANAGE):
        return await _hours(request, city, 409, {"file": "hours.not-chief"})
    given = (await request.form()).get("file")
    raw = await given.read() if isinstance(given, UploadFile) else b""
    try:
        days = dict(parse_holidays(raw, Path("syukujitsu.csv")).listed)
    except ContentError as error:
        first = error.problems[0]
        return await _hours(request, city, 422, {"file": "hours.wrong-file"}, wrong=f"{first.line}: {first.message}")
    if not days:
        return await _hours(request, city, 422, {"file": "hours.empty-file"})
    facts = {"days": str(len(days)), "from": str(min(days).year), "to": str(max(days).year)}
    await record(request, "holidays-imported", lambda connection: replace_holidays(connection, days), city=city, detail=facts)
    await _apply(request.app)
    return redirect(f"/console/{city}/hours", "holidays-imported")


async def keep_calendar(app: FastAPI) -> None:
    """Take over what was put in here or by another process, every half minute."""
    while True:
        try:
            await _apply(app)
        except (SQLAlchemyError, OSError) as error:
            structlog.get_logger("madoguchi").error("hours not read", kind=type(error).__name__)
        await asyncio.sleep(_SECONDS)


async def _apply(app: FastAPI) -> None:
    handler: Handler = app.state.handler
    await apply_calendar(handler.service, handler.database, app.state.content_releases)


async def _hours(
    request: Request, city: str, status: int = 200, errors: dict[str, str] | None = None, **more: object
) -> Response:
    handler, person, language = handler_of(request), current_staff(request), language_of(request)
    knowledge, now = handler.service.release(city).knowledge, handler.clock()
    names = department_names(request, city, language)
    days = [one for one in await handler.database.read(list_special_days) if one.city == city and one.day >= now.date()]
    shown = {
        "departments": names, "hours": [_of(knowledge, role, name, now) for role, name in names.items()], "days": days,
        "holidays": _holidays(knowledge, now.date()), "listed": sorted({day.year for day in knowledge.holidays.listed}),
        "manages": allows(person, Permission.HOURS_MANAGE, Where(city)), "chief": everywhere(person, Permission.HOURS_MANAGE),
        "city_hours": knowledge.city.opening is not None, "errors": errors or {}, "wrong": "", "yearly": _yearly(knowledge),
    }  # fmt: skip
    return page(request, "hours.html", status, **(shown | more))


def _of(knowledge: CityKnowledge, role: str, name: str, now: datetime) -> Hours:
    hours = hours_of(knowledge, role)
    if hours is None:
        return Hours(role, name, (), None)
    week = tuple(_text(hours.opening.week.get(day, ())) for day in range(7))
    return Hours(role, name, week, hours.is_open(now))


def _text(spans: Sequence[Span]) -> str:
    return ", ".join(f"{start // 60}:{start % 60:02d}–{end // 60}:{end % 60:02d}" for start, end in spans)


def _yearly(knowledge: CityKnowledge) -> list[tuple[str, str]]:
    return list(knowledge.city.opening.closed_yearly) if knowledge.city.opening else []


def _holidays(knowledge: CityKnowledge, today: date) -> list[tuple[date, str]]:
    days = [today + timedelta(days=ahead) for ahead in range(_AHEAD.days)]
    return [(day, name) for day in days if (name := knowledge.holidays.name(day))]


def _special(city: str, typed: dict[str, str]) -> tuple[SpecialDay | None, dict[str, str]]:
    """Return the special day that a form tells, or what is wrong with it by field."""
    try:
        day = date.fromisoformat(typed["day"])
    except ValueError:
        return None, {"day": "hours.no-day"}
    try:
        spans = spans_of(typed["hours"], day)
    except ValueError:
        return None, {"hours": "hours.wrong-hours"}
    return SpecialDay(city, typed["department"], day, _text(spans).replace("–", "-")), {}
