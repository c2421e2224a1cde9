"""What an import would write: bins, districts, closures and where items go, with everything that could not be matched."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from faq.errors import Problem
from faq.garbage.calendar import Closure, District
from faq.garbage.items import Category, Item, Lexicon, Sorting
from faq.languages import JAPANESE
from faq.text import fold


@dataclass(frozen=True)
class Plan:
    """The content of an import. `unmatched` are item rows left out, `notes` are things a person should look at."""

    categories: Mapping[str, Category] = field(default_factory=dict)
    districts: Mapping[str, District] = field(default_factory=dict)
    closures: tuple[Closure, ...] = ()
    sortings: Mapping[str, Sorting] = field(default_factory=dict)
    unmatched: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


# The ids of bins by a word of their name, the first that fits; other bins are numbered. A name that says that the city
# does not collect it, or only by appointment, says so in Category as well.
NOT_COLLECTED = (
    "収集しない", "収集しません", "収集不可", "収集できま", "回収不可", "回収しま", "処理できま", "処理困難",
    "not collect", "don t collect",
)  # fmt: skip
BY_APPOINTMENT = ("粗大", "大型ごみ", "oversized", "bulky")
CATEGORY_WORDS: Mapping[str, tuple[str, ...]] = {
    "not-collected": NOT_COLLECTED,
    "bulky": BY_APPOINTMENT,
    "nonburnable": ("燃やさない", "燃えない", "燃やせない", "不燃", "non burnable", "unburnable", "non combustible"),
    "burnable": ("燃やす", "燃える", "燃やせる", "可燃", "burnable", "combustible"),
    "hazardous": ("有害", "危険", "hazardous"),
    "small-appliances": ("小型家電", "small appliances", "small electric"),
    "pet": ("ペットボトル", "pet bottle"),
    "plastic": ("プラ", "plastic"),
    "cans": ("缶", "かん", "カン", "cans"),
    "bottles": ("びん", "ビン", "bottles"),
    "paper": ("紙", "paper"),
    "cloth": ("布", "衣類", "cloth"),
    "resources": ("資源", "recyclable"),
}


class Bins:
    """The bins in the order in which the files name them; `燃えるゴミ` and `燃えるごみ` are one bin."""

    def __init__(self) -> None:
        self.categories: dict[str, Category] = {}
        self._by_name: dict[str, str] = {}

    def id_of(self, name: str) -> str:
        """Return the id of the bin with this name; a new bin is made."""
        folded = fold(name)
        if folded not in self._by_name:
            id_ = self._new_id(folded)
            stopped, asked = _holds(folded, NOT_COLLECTED), _holds(folded, BY_APPOINTMENT)
            self.categories[id_] = Category(id_, {JAPANESE: name}, {}, collected=not stopped, by_appointment=asked)
            self._by_name[folded] = id_
        return self._by_name[folded]

    def _new_id(self, folded: str) -> str:
        word = next((id_ for id_, words in CATEGORY_WORDS.items() if _holds(folded, words)), "")
        if word and word not in self.categories:
            return word
        number = 2 if word else 1
        while f"{word or 'category'}-{number}" in self.categories:
            number += 1
        return f"{word or 'category'}-{number}"


def _holds(folded: str, words: tuple[str, ...]) -> bool:
    return any(fold(word) in folded for word in words)


class ItemNames:
    """Finds the item with exactly this name (folded): its Japanese name, then synonyms, then reading, then other languages."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._ranks: list[dict[str, list[str]]] = [{}, {}, {}, {}]
        for item in lexicon.items.values():
            for rank, names in enumerate(_ranked_names(item)):
                for name in dict.fromkeys(map(fold, names)):
                    self._ranks[rank].setdefault(name, []).append(item.id)

    def find(self, name: str) -> tuple[int, list[str]]:
        """Return the rank of the best match (0 best) and the ids of the items that have it; (4, []) where none has."""
        folded = fold(name)
        for rank, names in enumerate(self._ranks):
            if folded and folded in names:
                return rank, names[folded]
        return len(self._ranks), []


def _ranked_names(item: Item) -> tuple[tuple[str, ...], ...]:
    japanese = item.names.get(JAPANESE, ())
    foreign = tuple(name for code, names in item.names.items() if code != JAPANESE for name in names)
    return japanese[:1], japanese[1:], (item.reading,) if item.reading else (), foreign
