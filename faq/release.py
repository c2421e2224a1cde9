"""A numbered, immutable state of one city's knowledge, ready to be searched."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from faq.entry import NATIONWIDE, Entry
from faq.garbage.finder import AskingWords, ItemFinder
from faq.languages import JAPANESE, Languages
from faq.loader import CityKnowledge, Knowledge, Topics
from faq.names import Names, names_in
from faq.search.decision import TOPIC
from faq.search.encoder import Encoder
from faq.search.finder import Finder, Hit
from faq.search.index import SearchIndex
from faq.search.index_file import open_index
from faq.search.ranker import Ranker, ranker_for
from faq.search.units import Unit, entry_units, named_units
from faq.titles import Title, titles_of

# A city's own entry that is nearly as likely as another goes before it: what a city wrote itself is meant more often than not.
OWN_AHEAD = 1.1
ENTRY, INTENT, ITEM, FAMILY = "entry:", "intent:", "item:", "family:"
Utterances = Mapping[str, Mapping[str, tuple[str, ...]]]
# Opens the index of some texts under a name: from where the same was built before, else built and kept there.
OpenIndex = Callable[[str, Sequence[Unit], Languages, Encoder | None], SearchIndex]


@dataclass(frozen=True)
class Release:
    """What a city answers from. `number` goes into every reply; `languages` and `topics` are those of the deployment."""

    number: str
    knowledge: CityKnowledge
    languages: Languages
    topics: Topics
    finder: Finder
    items: ItemFinder
    _titles: dict[str, list[Title]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def id(self) -> str:
        """The city's id."""
        return self.knowledge.city.id

    @cached_property
    def names(self) -> Names:
        """The names of bins, districts and languages that a message may hold."""
        return names_in(self.knowledge.garbage, self.languages)

    def titles(self, language: str) -> list[Title]:
        """Return the questions of this city that exist in a language; worked out once."""
        if language not in self._titles:
            japanese = self.languages[language].search_group == JAPANESE
            self._titles[language] = titles_of(self.knowledge.entries.values(), language, japanese=japanese)
        return self._titles[language]

    def entry(self, key: str) -> Entry | None:
        """Return the entry that an index key (`entry:moving-in`, `entry:moving-in@hoshimi`) stands for in this city."""
        return self.knowledge.entries.get(key.removeprefix(ENTRY).split("@")[0])

    def own_first(self, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits with an own entry of the city that is nearly as likely as the first before it; a topic stays first."""
        if hits and hits[0].key.startswith(TOPIC):
            return list(hits)
        return sorted(hits, key=lambda hit: -hit.probability * (OWN_AHEAD if "@" in hit.key else 1.0))


def entry_key(entry: Entry) -> str:
    """Return the index key of an entry; a city's own wording has a key of its own beside the shared one."""
    return f"{ENTRY}{entry.id}" if entry.origin == NATIONWIDE else f"{ENTRY}{entry.id}@{entry.origin}"


def stands_for(entries: Iterable[Entry]) -> dict[str, tuple[str, ...]]:
    """Return for each own entry of a city the shared ones that it answers `instead_of`.

    The city's own wording of a matter is the answer, and what speaks for the shared one speaks for it as well.
    """
    return {entry_key(entry): tuple(f"{ENTRY}{id_}" for id_ in entry.instead_of) for entry in entries if entry.instead_of}


def all_units(knowledge: Knowledge, utterances: Utterances) -> Iterator[Unit]:
    """Yield every searchable text of entries and intents, shared ones once."""
    seen: set[str] = set()
    everything = [knowledge.nationwide, *(city.entries for city in knowledge.cities.values())]
    for entry in (entry for entries in everything for entry in entries.values()):
        key = entry_key(entry)
        if key not in seen:
            seen.add(key)
            yield from entry_units(key, entry)
    yield from named_units({f"{INTENT}{intent}": texts for intent, texts in utterances.items()})


def item_units(knowledge: Knowledge) -> Iterator[Unit]:
    """Yield every name of every item and family of the lexicon."""
    items = knowledge.lexicon.items.values()
    yield from named_units({f"{ITEM}{item.id}": item.names for item in items})
    yield from named_units({f"{ITEM}{item.id}": {"ja": (item.reading,)} for item in items if item.reading})
    yield from named_units({f"{FAMILY}{family.id}": family.names for family in knowledge.lexicon.families.values()})


@dataclass(frozen=True)
class Shelf:
    """The two indexes that every city of a deployment shares: entries with intents, and the names of items."""

    knowledge: Knowledge
    entries: SearchIndex
    items: SearchIndex

    def release(self, city_id: str, number: str, rankers: Mapping[str, Ranker], asking: Mapping[str, AskingWords]) -> Release:
        """Return one city's release: the shared index with the keys that this city may answer from."""
        city = self.knowledge.cities[city_id]
        keys = [entry_key(entry) for entry in city.entries.values()]
        keys += [key for key in self.entries.keys if key.startswith(INTENT)]
        meaning = self.entries.encoder is not None
        ranker = ranker_for(rankers, meaning=meaning, bare=self.entries.is_bare)
        finder = Finder(self.entries, ranker, self.entries.mask(keys), stands_for(city.entries.values()))
        items = ItemFinder(Finder(self.items, rankers["items-meaning" if meaning else "items-words"]), asking)
        return Release(number, city, self.knowledge.languages, self.knowledge.topics, finder, items)


def build_shelf(
    knowledge: Knowledge, utterances: Utterances, encoder: Encoder | None, folder: Path, elsewhere: OpenIndex | None = None
) -> Shelf:
    """Index everything a deployment knows; what was indexed before is read from `folder`, or from `elsewhere` if given."""
    opened = elsewhere or partial(open_index, folder)
    languages = knowledge.languages
    entries = opened("entries", list(all_units(knowledge, utterances)), languages, encoder)
    return Shelf(knowledge, entries, opened("items", list(item_units(knowledge)), languages, encoder))
