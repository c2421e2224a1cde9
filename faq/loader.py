"""Brings all content together: the shared master, each city's overrides and garbage, and every problem found on the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import Field

from faq.city import City, read_city
from faq.data_files import DataFiles
from faq.entry import NATIONWIDE, Entry
from faq.entry_files import EntryFolder, read_blanks
from faq.errors import ContentError, Problem
from faq.garbage.files import CityGarbage, read_city_garbage, read_lexicon
from faq.garbage.items import EMPTY_LEXICON, Lexicon
from faq.holidays import CSV_NAME, Holidays, read_holidays
from faq.languages import Languages, load_languages
from faq.yaml_file import Row, read_yaml


class _TopicRow(Row):
    menu: str


class _TopicFile(Row):
    topics: dict[str, _TopicRow]
    departments: tuple[str, ...]
    menus: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Topics:
    """The topics in menu order, the menu that each stands in, and the roles of departments."""

    menu_of: Mapping[str, str]
    menus: tuple[str, ...]
    departments: tuple[str, ...]

    def in_menu(self, menu: str) -> list[str]:
        """Return the topics of one menu."""
        return [topic for topic, home in self.menu_of.items() if home == menu]


@dataclass(frozen=True)
class CityKnowledge:
    """All that one city can answer from: its entries (own ones override shared ones by id), its garbage, itself."""

    city: City
    entries: Mapping[str, Entry]
    garbage: CityGarbage
    lexicon: Lexicon = EMPTY_LEXICON
    holidays: Holidays = field(default_factory=Holidays)

    @cached_property
    def by_topic(self) -> Mapping[str, list[Entry]]:
        """Return the entries of each topic, the most asked ones first."""
        grouped: dict[str, list[Entry]] = {}
        for entry in sorted(self.entries.values(), key=lambda entry: not entry.most_asked):
            grouped.setdefault(entry.topic, []).append(entry)
        return grouped


@dataclass(frozen=True)
class Knowledge:
    """The content of a deployment: what all cities share, and each city."""

    languages: Languages
    topics: Topics
    nationwide: Mapping[str, Entry]
    lexicon: Lexicon
    cities: Mapping[str, CityKnowledge]
    problems: list[Problem] = field(default_factory=list)
    holidays: Holidays = field(default_factory=Holidays)


def load_topics(files: DataFiles) -> Topics:
    """Read `nationwide/topics.yaml`. Raises ContentError where it is wrong."""
    file = read_yaml(files.nationwide / "topics.yaml", _TopicFile)
    return Topics({id_: row.menu for id_, row in file.topics.items()}, file.menus, file.departments)


def load_knowledge(files: DataFiles, cities: Iterable[str] | None = None) -> Knowledge:
    """Read all content, for these cities or for all.

    Mistakes in single entries, items or cities are collected in `problems` and that piece is left out.
    Raises ContentError where nothing can be read without it: languages.yaml or topics.yaml, or the list of holidays is broken.
    """
    languages, topics = load_languages(files), load_topics(files)
    nationwide, problems = _read_entries(files, "nationwide", NATIONWIDE, languages, topics)
    lexicon, lexicon_problems = read_lexicon(files.nationwide / "garbage", languages)
    problems += lexicon_problems
    holidays = read_holidays(files.nationwide / CSV_NAME)
    knowledge = Knowledge(languages, topics, nationwide, lexicon, {}, problems, holidays)
    found = {}
    for city_id in cities if cities is not None else files.city_ids():
        try:
            found[city_id] = _load_city(files, city_id, knowledge)
        except ContentError as error:
            problems += error.problems
    return Knowledge(languages, topics, nationwide, lexicon, found, problems, holidays)


def _load_city(files: DataFiles, city_id: str, shared: Knowledge) -> CityKnowledge:
    folder = files.cities / city_id
    city = read_city(folder / "city.yaml")
    own, problems = _read_entries(files, f"cities/{city_id}", city_id, shared.languages, shared.topics)
    entries = {**shared.nationwide, **own}
    try:
        filled, blank_problems = read_blanks(folder / "blanks.yaml", entries)
    except ContentError as error:
        filled, blank_problems = {}, list(error.problems)
    garbage, garbage_problems = read_city_garbage(folder / "garbage", shared.lexicon, shared.languages)
    shared.problems.extend([*problems, *blank_problems, *garbage_problems])
    return CityKnowledge(city, {**entries, **filled}, garbage, shared.lexicon, shared.holidays)


def _read_entries(
    files: DataFiles, folder: str, origin: str, languages: Languages, topics: Topics
) -> tuple[dict[str, Entry], list[Problem]]:
    reader = EntryFolder(files.faq / folder, origin, languages, topics.menu_of.keys(), topics.departments)
    return reader.read(), reader.problems
