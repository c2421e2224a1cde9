"""The things people throw away, the bins they go to, and the words that mean several things at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Category:
    """A bin of one city: how it is called, how to put it out, and whether the city collects it at all."""

    id: str
    name: Mapping[str, str]
    how: Mapping[str, str]
    colour: str = "#4a5568"
    collected: bool = True
    by_appointment: bool = False


@dataclass(frozen=True)
class Item:
    """A thing of the lexicon. `names` holds per language the name first, then synonyms."""

    id: str
    names: Mapping[str, tuple[str, ...]]
    group: str = ""
    family: str = ""
    reading: str = ""


@dataclass(frozen=True)
class Family:
    """A word that means several items which are sorted differently; `warn_first` is the item named before the others."""

    id: str
    names: Mapping[str, tuple[str, ...]]
    warn_first: str = ""


@dataclass(frozen=True)
class Sorting:
    """Where an item goes in one city, with handling notes (ids) and the city's own words."""

    item: str
    category: str
    notes: tuple[str, ...] = ()
    remark: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lexicon:
    """All items, families and handling notes that every city shares."""

    items: Mapping[str, Item]
    families: Mapping[str, Family]
    notes: Mapping[str, Mapping[str, str]]

    def members(self, family: str) -> list[Item]:
        """Return the items of a family, the one to be warned of first."""
        first = self.families[family].warn_first
        members = [item for item in self.items.values() if item.family == family]
        return sorted(members, key=lambda item: item.id != first)


EMPTY_LEXICON = Lexicon({}, {}, {})
