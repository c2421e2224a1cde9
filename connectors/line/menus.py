"""The rich menus of LINE: their definition as data, and what LINE is told of it in each language. No network here."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from bot.system_texts import SystemTexts
from faq.errors import ContentError, Problem
from faq.text import fold
from faq.yaml_file import Row, read_yaml

# LINE's own limits of menus; those of labels are in bot/line_limits.py.
SIZES = ((2500, 1686), (2500, 843))
MOST_AREAS = 20
ALIAS = re.compile(r"^[a-z0-9_-]{1,32}$")
_Place = tuple[int, int, int, int]


class _AreaRow(Row):
    id: str
    at: _Place
    icon: str
    colour: str
    value: str = ""
    without_reminders: str = ""


class _MenuRow(Row):
    size: tuple[int, int]
    colours: dict[str, Annotated[str, Field(pattern=r"^#[0-9A-F]{6}$")]]
    areas: Annotated[tuple[_AreaRow, ...], Field(min_length=1, max_length=MOST_AREAS)]
    strip: tuple[str, ...] = ()


@dataclass(frozen=True)
class Area:
    """A part of the picture that can be tapped: left, top, width and height in pixels."""

    id: str
    at: _Place
    icon: str
    colour: str
    value: str = ""
    without_reminders: str = ""


@dataclass(frozen=True)
class Menu:
    """The rich menu of every language: its size in pixels, colours by name, areas, and the names in the strip of languages."""

    size: tuple[int, int]
    colours: dict[str, str]
    areas: tuple[Area, ...]
    strip: tuple[str, ...] = field(default=())

    def shown(self, *, reminders: bool) -> tuple[Area, ...]:
        """Return the areas of a city: those of reminders give way to others where the city sends none."""
        return tuple(area if reminders or not area.without_reminders else _instead(area) for area in self.areas)


def _instead(area: Area) -> Area:
    return Area(area.without_reminders, area.at, area.icon, area.colour)


@cache
def load_menu(path: Path) -> Menu:
    """Read `line_menu.yaml`. Raises ContentError where LINE would not take it."""
    row = read_yaml(path, _MenuRow)
    menu = Menu(row.size, row.colours, tuple(Area(**area.model_dump()) for area in row.areas), row.strip)
    if problems := [Problem(path, 1, text) for text in _mistakes(menu)]:
        raise ContentError(problems)
    return menu


def _mistakes(menu: Menu) -> Iterable[str]:
    if menu.size not in SIZES:
        yield f"size is {menu.size}; LINE menus here are 2500×1686 or 2500×843"
    for area in menu.areas:
        left, top, width, height = area.at
        if min(area.at) < 0 or left + width > menu.size[0] or top + height > menu.size[1]:
            yield f"area {area.id} reaches beyond the picture; keep it within {menu.size}"
        if area.colour not in menu.colours:
            yield f"area {area.id} has the colour {area.colour!r}; colours are {', '.join(menu.colours)}"


def label(texts: SystemTexts, area: Area, language: str) -> str:
    """Return what is drawn on an area, spoken for it and sent by it (at most 20 grapheme clusters)."""
    return texts.say(f"line.menu.{area.id}", language)


def alias(language: str) -> str:
    """Return the name under which LINE finds the menu of a language, whichever picture it has just now."""
    return f"menu-{language.lower()}"


def definition(menu: Menu, texts: SystemTexts, language: str, *, reminders: bool) -> dict[str, Any]:
    """Return the menu of a language as LINE's API takes it, without its name."""
    return {
        "size": {"width": menu.size[0], "height": menu.size[1]},
        "selected": True,
        "chatBarText": texts.say("line.menu.bar", language),
        "areas": [_area(area, label(texts, area, language)) for area in menu.shown(reminders=reminders)],
    }


def _area(area: Area, spoken: str) -> dict[str, Any]:
    bounds = dict(zip(("x", "y", "width", "height"), area.at, strict=True))
    return {"bounds": bounds, "action": {"type": "message", "label": spoken, "text": spoken}}


def name(city: str, language: str, defined: dict[str, Any], image: bytes) -> str:
    """Return the menu's name at LINE: it holds a digest of all that a resident sees, so that a change is found by name."""
    content = json.dumps(defined, ensure_ascii=False, sort_keys=True).encode()
    return f"madoguchi:{city}:{language}:{hashlib.sha256(content + image).hexdigest()[:16]}"


def values(menu: Menu, texts: SystemTexts) -> dict[str, str]:
    """Return what a label means to the dialogue, by the folded label in any language: tapped or typed, it is the same (L-32)."""
    return {fold(label(texts, area, language)): area.value for language in texts.texts for area in menu.areas if area.value}
