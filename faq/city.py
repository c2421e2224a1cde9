"""A municipality served: its name, contacts, departments and how sure an answer must be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from faq.errors import ContentError, Problem
from faq.languages import JAPANESE, Languages
from faq.yaml_file import Row, read_yaml

Texts = dict[str, str]
_Phone = Annotated[str, StringConstraints(pattern=r"^[0-9#][0-9#-]{2,14}$")]


class _DepartmentRow(Row):
    name: Texts
    phone: _Phone | None = None
    hours: Texts | None = None
    place: Texts | None = None


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
    precision_wanted: Annotated[float, Field(ge=0.5, le=0.999)] = 0.85
    departments: dict[str, _DepartmentRow] = Field(default_factory=dict)


@dataclass(frozen=True)
class Department:
    """Who plays a role in this city. What it does not say of itself, the city says of the whole."""

    role: str
    name: Mapping[str, str]
    phone: str
    hours: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class City:
    """A municipality served. `precision_wanted` is the share of given answers that must be right (0.5–0.999)."""

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
    precision_wanted: float = 0.85
    departments: Mapping[str, Department] = field(default_factory=dict)

    def name_in(self, language: str, languages: Languages) -> str:
        """Return the city's name in the nearest language."""
        found = languages.choose(self.name, language)
        return found[1] if found else self.id

    def department(self, role: str) -> Department:
        """Return who plays the role; a role that the city has not given is played by the city hall itself."""
        return self.departments.get(role) or Department(role, {}, self.phone, self.hours, self.address)


def read_city(path: Path) -> City:
    """Read a `city.yaml`. Raises ContentError where it is wrong."""
    row = read_yaml(path, _CityRow)
    if JAPANESE not in row.name:
        raise ContentError([Problem(path, 1, "name has no Japanese (ja); add it")])
    departments = {
        role: Department(role, d.name, d.phone or row.phone or "", d.hours or row.hours or {}, d.place or {})
        for role, d in row.departments.items()
    }
    values = {name: getattr(row, name) for name in _CityRow.model_fields if name != "departments"}
    values |= {name: values[name] or empty for name, empty in (("site", ""), ("phone", ""), ("address", {}), ("hours", {}))}
    return City(id=path.parent.name, departments=departments, **values)
