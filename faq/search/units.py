"""What is searched: every text under which an entry, an intent or an item can be found."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from faq.entry import Entry

UnitKind = Literal["asked", "answer"]


@dataclass(frozen=True)
class Unit:
    """One searchable text. `key` names what is found by it; `asked` texts resemble questions, `answer` texts explain."""

    key: str
    language: str
    kind: UnitKind
    text: str


def entry_units(key: str, entry: Entry) -> Iterator[Unit]:
    """Yield the texts of an entry in all its languages."""
    for language, text in entry.asked():
        yield Unit(key, language, "asked", text)
    for language, entry_text in entry.texts.items():
        yield Unit(key, language, "answer", entry_text.answer)


def named_units(names: Mapping[str, Mapping[str, Iterable[str]]]) -> Iterator[Unit]:
    """Yield a unit for every name or utterance, given as key → language → texts."""
    for key, by_language in names.items():
        for language, texts in by_language.items():
            for text in texts:
                yield Unit(key, language, "asked", text)
