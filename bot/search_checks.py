"""What `madoguchi check --search` looks at: phrasings that do not find their entry, and entries that take each other's."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from faq.entry import NATIONWIDE, Entry
from faq.loader import Knowledge
from faq.release import INTENT, Release, Shelf, Utterances, all_units, entry_key
from faq.search.encoder import Encoder
from faq.search.finder import Finder, Hit
from faq.search.fitting import FittingPlan, Labelled, left_out
from faq.search.index import Index, build_index
from faq.search.ranker import Ranker, ranker_for
from faq.search.units import Unit

Step = Callable[[int, int], None]
_EXAMPLES = 3


@dataclass(frozen=True)
class SearchPlan:
    """What is searched: the content of a deployment with its encoder and rankers. `folds` parts are left out in turn."""

    knowledge: Knowledge
    utterances: Utterances
    encoder: Encoder | None
    rankers: Mapping[str, Ranker]
    folds: int = 4


@dataclass(frozen=True)
class Unreachable:
    """A phrasing that, left out of the index, finds another entry first. `rank` is its own entry's, 0 where not among ten."""

    text: str
    language: str
    key: str
    found: str
    probability: float
    rank: int


@dataclass(frozen=True)
class Confusable:
    """Two entries that take each other's phrasings. `score` is the share of their phrasings (0–1) that fall to the other.

    `named` says that the content itself names them as confusable, so that the bot may ask back.
    """

    keys: tuple[str, str]
    times: int
    score: float
    named: bool
    examples: tuple[Unreachable, ...]


@dataclass(frozen=True)
class SearchFindings:
    """What a leave-one-out search found. `asked` counts all phrasings asked, by language."""

    asked: Mapping[str, int]
    unreachable: Sequence[Unreachable]
    confusable: Sequence[Confusable] = field(default=())

    def share_found(self, language: str) -> float:
        """Return the share of a language's phrasings that find their own entry first."""
        missed = sum(miss.language == language for miss in self.unreachable)
        return 1 - missed / self.asked[language]

    def as_json(self) -> dict[str, Any]:
        """Return the findings as JSON, pairs first."""
        pairs = [
            {
                "entries": list(pair.keys), "times": pair.times, "score": round(pair.score, 3), "named": pair.named,
                "examples": [_row(miss) for miss in pair.examples],
            }
            for pair in self.confusable
        ]  # fmt: skip
        return {"asked": dict(self.asked), "confusable": pairs, "unreachable": [_row(miss) for miss in self.unreachable]}


def _row(miss: Unreachable) -> dict[str, Any]:
    return {
        "text": miss.text, "language": miss.language, "entry": miss.key, "found": miss.found,
        "probability": round(miss.probability, 3), "rank": miss.rank,
    }  # fmt: skip


def search_findings(plan: SearchPlan, step: Step = lambda _done, _all: None) -> SearchFindings:
    """Ask every phrasing of an index that lacks it; `step` is told (done, all) as it goes."""
    units = list(all_units(plan.knowledge, plan.utterances))
    fitting = FittingPlan(units, plan.knowledge.languages, plan.encoder, plan.folds)
    parts = [_questions(fitting, fold) for fold in range(plan.folds)]
    total, done = sum(map(len, parts)), 0
    missed: list[Unreachable] = []
    for questions in parts:
        find = _Search(plan, build_index(_without(units, questions), plan.knowledge.languages, plan.encoder))
        for question in questions:
            missed += find.missed(question)
            done += 1
            step(done, total)
    asked = [question for questions in parts for question in questions]
    return SearchFindings(
        Counter(question.language for question in asked), missed, confusable_pairs(missed, asked, _named(plan.knowledge))
    )


def _questions(fitting: FittingPlan, fold: int) -> list[Labelled]:
    return [question for question in left_out(fitting, fold)[1] if not question.key.startswith(INTENT)]


def _without(units: Sequence[Unit], questions: Iterable[Labelled]) -> list[Unit]:
    """Return all units but these questions (translations stay: only what is asked is missing)."""
    asked = {(question.key, question.language, question.text) for question in questions}
    return [unit for unit in units if unit.kind == "answer" or (unit.key, unit.language, unit.text) not in asked]


class _Search:
    """Asks as residents of the right city do: shared entries among the shared ones, a city's own among what it answers from."""

    def __init__(self, plan: SearchPlan, index: Index) -> None:
        self._languages = plan.knowledge.languages
        ranker = ranker_for(plan.rankers, meaning=plan.encoder is not None, bare=index.is_bare)
        shared = [key for key in index.keys if "@" not in key]
        self._shared = Finder(index, ranker, index.mask(shared))
        shelf = Shelf(plan.knowledge, index, index)
        self._cities: dict[str, Release] = {
            city: shelf.release(city, "left-out", plan.rankers, {}) for city in plan.knowledge.cities
        }

    def missed(self, question: Labelled) -> Iterator[Unreachable]:
        """Yield the question where its own entry is not the first hit."""
        hits = self._hits(question)
        keys = [hit.key for hit in hits]
        if hits and keys[0] != question.key:
            rank = keys.index(question.key) + 1 if question.key in keys else 0
            yield Unreachable(question.text, question.language, question.key, keys[0], hits[0].probability, rank)

    def _hits(self, question: Labelled) -> list[Hit]:
        groups = (self._languages[question.language].search_group,)
        if "@" not in question.key:
            return self._shared.find(question.text, groups)
        release = self._cities[question.key.rpartition("@")[2]]
        return release.own_first(release.finder.find(question.text, groups))


def _named(knowledge: Knowledge) -> set[frozenset[str]]:
    """Return the pairs of keys that the content names as confusable."""
    cities = [city.entries for city in knowledge.cities.values()]
    entries: list[Entry] = [entry for known in (knowledge.nationwide, *cities) for entry in known.values()]
    pairs: set[frozenset[str]] = set()
    for entry in entries:
        for id_ in entry.confusable:
            own = "" if entry.origin == NATIONWIDE else f"@{entry.origin}"
            pairs |= {frozenset((entry_key(entry), f"entry:{id_}{place}")) for place in {"", own}}
    return pairs


def confusable_pairs(
    missed: Iterable[Unreachable], asked: Iterable[Labelled], named: Collection[frozenset[str]] = ()
) -> list[Confusable]:
    """Return the pairs of keys whose phrasings fall to each other, the most confusable first."""
    by_pair: dict[tuple[str, str], list[Unreachable]] = {}
    for miss in missed:
        if not miss.found.startswith(INTENT):
            first, second = sorted((miss.key, miss.found))
            by_pair.setdefault((first, second), []).append(miss)
    phrasings = Counter(question.key for question in asked)
    pairs = [
        Confusable(
            pair,
            len(misses),
            len(misses) / max(1, phrasings[pair[0]] + phrasings[pair[1]]),
            frozenset(pair) in named,
            tuple(sorted(misses, key=lambda miss: -miss.probability)[:_EXAMPLES]),
        )
        for pair, misses in by_pair.items()
    ]
    return sorted(pairs, key=lambda pair: (-pair.times, -pair.score, pair.keys))
