"""Which bin a thing goes into in this city, how to prepare it, and when that bin is collected next."""

from collections.abc import Iterable
from dataclasses import replace

from actions.days import day_text
from bot.answers import Request, clarify, contact, item_choice, item_name
from bot.messages import Block, BlockKind, Decision, Outcome, Reply
from faq.garbage.files import names_of
from faq.garbage.items import Category, Sorting


def sort_item(request: Request, value: str) -> Reply:
    """Say where the item goes; where the city has not said, say so with whom to ask."""
    item = request.release.knowledge.lexicon.items.get(value)
    if item is None:
        return clarify(request, [])
    garbage = request.release.knowledge.garbage
    sorting = garbage.sortings.get(item.id)
    name = item_name(request, item)
    if sorting is None:
        return _by_city(request, name)
    category = garbage.categories[sorting.category]
    return replace(_sorted(request, Outcome.SORTED), blocks=tuple(_blocks(request, name, category, sorting)))


def sort_family(request: Request, value: str) -> Reply:
    """Ask which of several things sorted differently is meant, the dangerous one first."""
    lexicon = request.release.knowledge.lexicon
    members = lexicon.members(value) if value in lexicon.families else []
    choices = tuple(item_choice(request, item) for item in members[:8])
    if not choices:
        return clarify(request, [])
    names = lexicon.families[value].names
    found = request.release.languages.choose(names, request.language)
    word = found[1][0] if found and found[1] else value
    block = Block(request.say("garbage.which-kind", word=word), request.language)
    return replace(_sorted(request, Outcome.CLARIFIED), decision=Decision.CLARIFY, blocks=(block,), choices=choices)


def category_name(request: Request, category: Category) -> str:
    """Return the bin's name in the reply's language, with the Japanese one that stands on the signs."""
    found = request.release.languages.choose(category.name, request.language)
    name = names_of(found[1])[0] if found else category.id
    japanese = names_of(category.name["ja"])[0]
    return name if name == japanese or request.language.startswith("ja") else f"{name} ({japanese})"


def _sorted(request: Request, outcome: Outcome) -> Reply:
    return Reply(
        Decision.ACT, outcome, request.language, (), version=request.release.number,
        contact=contact(request, "environment"), source=request.release.knowledge.city.site or None,
        confirmed_on=_confirmed(request),
    )  # fmt: skip


def _confirmed(request: Request) -> str | None:
    confirmed = request.release.knowledge.city.confirmed_on
    return confirmed.isoformat() if confirmed else None


def _blocks(request: Request, name: str, category: Category, sorting: Sorting) -> Iterable[Block]:
    languages, language = request.release.languages, request.language
    key = "garbage.goes-to" if category.collected else "garbage.not-collected"
    yield Block(request.say(key, item=name, category=category_name(request, category)), language)
    remark = languages.choose(sorting.remark, language)
    notes = [languages.choose(request.release.knowledge.lexicon.notes.get(note, {}), language) for note in sorting.notes]
    how = languages.choose(category.how, language)
    lines = [found[1] for found in (remark, *notes, how) if found]
    if lines:
        yield Block("\n".join(f"- {line}" for line in lines), language)
    if next_day := _next_collection(request, category):
        yield Block(next_day, language)
    if request.release.knowledge.city.fictional:
        yield Block(request.say("answer.fictional"), language, BlockKind.NOTICE)


def _next_collection(request: Request, category: Category) -> str:
    calendar = request.release.knowledge.garbage.calendar
    district = calendar.districts.get(request.conversation.slots.get("district", ""))
    if district is None or category.id not in district.schedules:
        return ""
    day = calendar.next_of(district, category.id, request.now.date())
    return request.say("garbage.next", day=day_text(request, day)) if day else ""


def _by_city(request: Request, name: str) -> Reply:
    who = contact(request, "environment")
    key = "garbage.city-decides" if who.phone else "garbage.city-decides-no-phone"
    text = request.say(key, item=name, department=who.department, phone=who.phone)
    reply = _sorted(request, Outcome.DECLINED)
    return replace(reply, decision=Decision.DECLINE, blocks=(Block(text, request.language),))
