"""The names that a message may hold: bins, districts with their 町名, languages; folded once for each city."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from faq.garbage.files import CityGarbage, names_of
from faq.languages import Languages
from faq.text import fold


@dataclass(frozen=True)
class Names:
    """Every name, folded, with the id it stands for."""

    categories: Mapping[str, str]
    districts: Mapping[str, str]
    languages: Mapping[str, str]


def names_in(garbage: CityGarbage, languages: Languages) -> Names:
    """Return the names of a city's bins and districts, and of the languages served."""
    categories = {
        padded_fold(name): category.id
        for category in garbage.categories.values()
        for cell in category.name.values()
        for name in names_of(cell)
    }
    districts = {
        padded_fold(name): district.id
        for district in garbage.calendar.districts.values()
        for name in (*district.name.values(), *district.towns)
    }
    tongues = {padded_fold(name): row.code for row in languages for name in (row.name, *row.called)}
    return Names(categories, districts, tongues)


@lru_cache(maxsize=8192)
def padded_fold(text: str) -> str:
    """Return folded text; where words are divided by spaces it is padded, so that a name matches whole words only."""
    folded = fold(text)
    return f" {folded} " if folded.isascii() else folded
