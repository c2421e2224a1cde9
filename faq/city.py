"""A municipality served: its name, contacts, departments and how sure an answer must be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from faq.errors import ContentError, Problem
from faq.languages import JAPANESE, Languages
from faq.opening import Opening, OpeningRow, opening_of
from faq.yaml_file import Row, read_yaml

Texts = dict[str, str]
_Phone = Annotated[str, StringConstraints(pattern=r"^[0-9#][0-9#-]{2,14}$")]


_Origin = Annotated[str, StringConstraints(pattern=r"^https?://[a-z0-9.-]+(:[0-9]+)?$")]


def _readable(colour: str) -> str:
    """Return the colour if white letters on it can be read by all: a contrast of 4.5 (WCAG 1.4.3). Raises ValueError."""
    if not re.fullmatch("#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"{colour!r} is not a colour; write it like #1f4e79")
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    contrast = 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
    if contrast < 4.5:
        raise ValueError(f"white letters on {colour} have a contrast of {contrast:.2f}; 4.5 is needed, take a darker one")
    return colour


class _NoticeRow(Row):
    kind: Literal["notice", "disaster"] = "notice"
    until: date
    text: Texts


class _DepartmentRow(Row):
    name: Texts
    phone: _Phone | None = None
    hours: Texts | None = None
    place: Texts | None = None
    opening: OpeningRow | None = None


class _DeskRow(Row):
    departments: Annotated[tuple[str, ...], Field(max_length=5)] = ()
    first_reply_minutes: Annotated[int, Field(ge=1)] = 465
    warn_after_minutes: Annotated[int, Field(ge=1)] = 20
    hand_back_after_minutes: Annotated[int, Field(ge=2)] = 30
    link_hours: Annotated[int, Field(ge=1, le=720)] = 168
    alert_after_minutes: Annotated[int, Field(ge=1)] = 10


class _CityRow(Row):
    name: Texts
    prefecture: Texts
    fictional: bool = False
    phone: _Phone | None = None
    site: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    address: Texts | None = None
    hours: Texts | None = None
    source: str
    confirmed_on: date
    also_called: tuple[str, ...] = ()
    precision_wanted: Annotated[float, Field(ge=0.5, le=0.999)] = 0.9
    sites: tuple[_Origin, ...] = ()
    colour: Annotated[str, AfterValidator(_readable)] = ""
    dictation: bool = False
    notice: _NoticeRow | None = None
    opening: OpeningRow | None = None
    desk: _DeskRow | None = None
    departments: dict[str, _DepartmentRow] = Field(default_factory=dict)


@dataclass(frozen=True)
class DeskRules:
    """How a city's staff answer residents in the chat. A city without these has no desk: residents get the telephone.

    `departments` (up to 5 roles) are offered to a resident whose question names none. Times in minutes: the first reply
    within open time, the warning and the hand-back after the resident's silence, the alert after a message that
    staff have not read. `link_hours` a return link is good.
    """

    departments: tuple[str, ...] = ()
    first_reply_minutes: int = 465
    warn_after_minutes: int = 20
    hand_back_after_minutes: int = 30
    link_hours: int = 168
    alert_after_minutes: int = 10


@dataclass(frozen=True)
class Department:
    """Who plays a role in this city. What it does not say of itself, the city says of the whole."""

    role: str
    name: Mapping[str, str]
    phone: str
    hours: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)
    opening: Opening | None = None


@dataclass(frozen=True)
class Notice:
    """What every page says at its top until the end of a day (Asia/Tokyo): news of the city, or of a disaster."""

    kind: Literal["notice", "disaster"]
    until: date
    text: Mapping[str, str]


@dataclass(frozen=True)
class City:
    """A municipality served. `precision_wanted` is the share of given answers that must be right (0.5–0.999).

    `sites` are the origins of websites that may show the chat in a frame; `colour` is that of the widget's button.
    `dictation` offers speech input in the chat; some browsers send the voice to their maker's server (W-26).
    """

    id: str
    name: Mapping[str, str]
    prefecture: Mapping[str, str]
    phone: str
    fictional: bool = False
    site: str = ""
    address: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    confirmed_on: date | None = None
    also_called: tuple[str, ...] = ()
    precision_wanted: float = 0.9
    opening: Opening | None = None
    desk: DeskRules | None = None
    sites: tuple[str, ...] = ()
    colour: str = ""
    dictation: bool = False
    notice: Notice | None = None
    departments: Mapping[str, Department] = field(default_factory=dict)

    def notice_on(self, today: date) -> Notice | None:
        """Return what the pages have to say on this day (Asia/Tokyo), if anything."""
        return self.notice if self.notice and today <= self.notice.until else None

    def name_in(self, language: str, languages: Languages) -> str:
        """Return the city's name in the nearest language."""
        found = languages.choose(self.name, language)
        return found[1] if found else self.id

    def department(self, role: str) -> Department:
        """Return who plays the role; a role that the city has not given is played by the city hall itself."""
        return self.departments.get(role) or Department(
            role, {}, self.phone, self.hours, self.address, self.opening
        )


def read_city(path: Path) -> City:
    """Read a `city.yaml`. Raises ContentError where it is wrong."""
    row = read_yaml(path, _CityRow)
    if JAPANESE not in row.name:
        raise ContentError([Problem(path, 1, "name has no Japanese (ja); add it")])
    try:
        opening = opening_of(row.opening)
        departments = {role: _department(role, found, row, opening) for role, found in row.departments.items()}
    except ValueError as error:
        raise ContentError([Problem(path, 1, f"opening: {error}")]) from error
    desk = DeskRules(**row.desk.model_dump()) if row.desk else None
    values = {name: getattr(row, name) for name in _CityRow.model_fields if name not in ("departments", "opening", "desk")}
    values |= {name: values[name] or empty for name, empty in (("site", ""), ("phone", ""), ("address", {}), ("hours", {}))}
    return City(id=path.parent.name, departments=departments, opening=opening, desk=desk, **values)


def _department(role: str, found: _DepartmentRow, city: _CityRow, opening: Opening | None) -> Department:
    phone, hours = found.phone or city.phone or "", found.hours or city.hours or {}
    return Department(role, found.name, phone, hours, found.place or {}, opening_of(found.opening, opening))
