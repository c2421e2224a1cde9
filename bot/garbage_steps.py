"""Decides about garbage: whether a message asks for a day, for a thing, or how it works at all."""

import re

from bot.answers import CERTAIN, HINT, SURE_INTENT, WORTH_ASKING, Act, Request, entry_is_sure
from faq.release import FAMILY, ITEM
from faq.text import fold, normalise

# 星ヶ丘地区 alone asks for its days; in a longer text the district is only where somebody lives.
BARE_DISTRICT = 12
SURE_ITEM = 0.6
# Of the names of things one in a thousand is longer: in letters where a script divides no words, elsewhere in words.
LONGEST_NAME, LONGEST_NAME_WORDS = 14, 6
UNDIVIDED = re.compile("[ぁ-ヺ\u3400-\u9fff]")


def collection(request: Request) -> Act | None:
    """A question about collection days: a day or "when" beside a bin, or the intent itself."""
    understanding, slots = request.understanding, request.understanding.slots
    bin_and_day = bool(slots.category and slots.when)
    wanted = understanding.chance_of("collection-day")
    named = request.release.items.is_named(understanding.item)
    about_a_thing = understanding.item.disposal and (named or understanding.item.probability > max(SURE_ITEM, wanted))
    if (about_a_thing or _is_bare_name(request)) and not bin_and_day:
        return None
    of_garbage = bool(slots.category) or understanding.item.disposal
    if of_garbage and (wanted >= SURE_INTENT or bin_and_day or (wanted >= HINT and slots.when)):
        return Act("collection-days")
    bare = slots.district and len(normalise(understanding.text)) <= BARE_DISTRICT
    return Act("collection-days") if wanted >= CERTAIN or (bare and not entry_is_sure(request)) else None


def garbage_item(request: Request) -> Act | None:
    """A thing to throw away, by its bare name or with words of disposal; an unknown thing gets an honest answer."""
    asked = request.understanding.item
    if not asked.hits or not request.release.knowledge.lexicon.items:
        return None
    named = request.release.items.is_named(asked)
    if named and (asked.disposal or not _is_settled(request)):
        return Act(*_item_action(asked.hits[0].key))
    wanted = asked.disposal or request.understanding.chance_of("garbage-item") >= SURE_INTENT
    if not wanted or entry_is_sure(request):
        return None
    at_all = request.understanding.chance_of("garbage-item")  # how garbage works, and no thing in particular
    if asked.probability >= max(SURE_ITEM, at_all):
        return Act(*_item_action(asked.hits[0].key))
    if at_all >= SURE_INTENT:
        return Act("ask-item")
    near = any(hit.probability >= WORTH_ASKING for hit in asked.hits)
    return Act("unknown-item") if asked.name and (near or (asked.disposal and not _is_no_name(asked.name))) else None


def _is_bare_name(request: Request) -> bool:
    """Say whether a message is the name of a thing and nothing else: ペットボトルのふた."""
    asked = request.understanding.item
    return request.release.items.is_named(asked) and fold(asked.name) == fold(request.understanding.text)


def _is_no_name(text: str) -> bool:
    """Say whether what is left of a question is too long for the name of a thing: it is a question of another kind."""
    undivided = bool(UNDIVIDED.search(text))
    return len(text.replace(" ", "")) > LONGEST_NAME if undivided else len(text.split()) > LONGEST_NAME_WORDS


def _is_settled(request: Request) -> bool:
    """Say whether a bare name is a question that has nothing to do with the thing: an entry's own, or a whole topic's."""
    understanding = request.understanding
    if understanding.intent in ("garbage-item", "collection-day"):
        return False
    return understanding.probability >= (SURE_INTENT if understanding.topic else CERTAIN)


def _item_action(key: str) -> tuple[str, str]:
    return ("sort-family", key.removeprefix(FAMILY)) if key.startswith(FAMILY) else ("sort-item", key.removeprefix(ITEM))


