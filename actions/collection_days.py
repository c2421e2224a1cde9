"""What is collected today, tomorrow, on a day, this week, or next, in the resident's district."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from actions.days import day_text
from actions.sort_item import category_name
from bot.answers import Request, contact
from bot.messages import Block, BlockKind, Choice, Decision, Outcome, Reply
from bot.nlu import When
from faq.garbage.calendar import District


def collection_days(request: Request, value: str) -> Reply:
    """Say what is collected when. `value` may be a district or a category that was chosen."""
    calendar = request.release.knowledge.garbage.calendar
    if not calendar.districts:
        return _asks_city(request)
    district = calendar.districts.get(_district_id(request, value))
    if district is None:
        return _which_district(request)
    blocks = [Block(request.say("garbage.in-district", district=_name(request, district)), request.language)]
    blocks += [Block(text, request.language) for text in _days(request, district, value)]
    if request.release.knowledge.city.fictional:
        blocks.append(Block(request.say("answer.fictional"), request.language, BlockKind.NOTICE))
    change = Choice(request.say("choice.other-district"), "district:other")
    return replace(_reply(request, Outcome.CALENDAR), blocks=tuple(blocks), choices=(change,))


def _district_id(request: Request, value: str) -> str:
    if value == "other":
        return ""
    known = request.release.knowledge.garbage.calendar.districts
    if value in known:
        return value
    return request.understanding.slots.district or request.conversation.slots.get("district", "")


def _name(request: Request, district: District) -> str:
    found = request.release.languages.choose(district.name, request.language)
    return found[1] if found else district.id


def _days(request: Request, district: District, value: str) -> Iterable[str]:
    categories = request.release.knowledge.garbage.categories
    slots = request.understanding.slots
    category = value if value in categories else slots.category or request.conversation.slots.get("category")
    when = slots.when or _remembered_day(request)
    today = request.now.date()
    if when and when.kind == "day" and when.day:
        yield _on(request, district, when.day)
        if category and category in district.schedules:
            yield _next(request, district, category, today)
    elif category and category in district.schedules:
        yield _next(request, district, category, today)
    elif category:
        yield request.say("garbage.not-on-calendar", category=category_name(request, categories[category]))
    else:
        yield _week(request, district, today)


def _remembered_day(request: Request) -> When | None:
    """Return the day asked for in the message before, when the bot had to ask for the district first."""
    kept = request.conversation.slots.get("day", "")
    return When("day", date.fromisoformat(kept)) if kept else None


def _on(request: Request, district: District, day: date) -> str:
    calendar = request.release.knowledge.garbage.calendar
    if calendar.valid_until and day > calendar.valid_until:
        return request.say("garbage.beyond-calendar", day=day_text(request, day))
    names = _names(request, calendar.on(district, day))
    if names:
        return request.say("garbage.on-day", day=day_text(request, day), categories=names)
    closed = next((found for name in district.schedules if (found := calendar.closure(name, day))), None)
    reason = request.release.languages.choose(closed.reason or {}, request.language) if closed else None
    text = request.say("garbage.nothing-on-day", day=day_text(request, day))
    return f"{text} {reason[1]}" if reason else text


def _names(request: Request, categories: Iterable[str]) -> str:
    known = request.release.knowledge.garbage.categories
    return request.say("answer.list-joiner").join(category_name(request, known[name]) for name in categories)


def _next(request: Request, district: District, category: str, today: date) -> str:
    garbage = request.release.knowledge.garbage
    name = category_name(request, garbage.categories[category])
    day = garbage.calendar.next_of(district, category, today)
    if day is None:
        return request.say("garbage.not-on-calendar", category=name)
    return request.say("garbage.next-of", category=name, day=day_text(request, day))


def _week(request: Request, district: District, today: date) -> str:
    calendar = request.release.knowledge.garbage.calendar
    lines = []
    for day in (today + timedelta(days=offset) for offset in range(7)):
        if names := _names(request, calendar.on(district, day)):
            lines.append(f"- {request.say('garbage.on-day', day=day_text(request, day), categories=names)}")
    return "\n".join(lines) or request.say("garbage.nothing-this-week")


def _which_district(request: Request) -> Reply:
    districts = request.release.knowledge.garbage.calendar.districts.values()
    choices = tuple(Choice(_name(request, district), f"district:{district.id}") for district in districts)
    block = Block(request.say("garbage.which-district"), request.language)
    reply = _reply(request, Outcome.CLARIFIED)
    return replace(reply, decision=Decision.CLARIFY, blocks=(block,), choices=choices)


def _asks_city(request: Request) -> Reply:
    who = contact(request, "environment")
    key = "garbage.no-calendar" if who.phone else "garbage.no-calendar-no-phone"
    text = request.say(key, department=who.department, phone=who.phone)
    reply = _reply(request, Outcome.DECLINED)
    return replace(reply, decision=Decision.DECLINE, blocks=(Block(text, request.language),))


def _reply(request: Request, outcome: Outcome) -> Reply:
    city = request.release.knowledge.city
    return Reply(
        Decision.ACT, outcome, request.language, (), version=request.release.number,
        source=request.release.knowledge.garbage.calendar.source or city.site or None,
        contact=contact(request, "environment"), confirmed_on=city.confirmed_on.isoformat() if city.confirmed_on else None,
    )  # fmt: skip
