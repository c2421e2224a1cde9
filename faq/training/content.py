"""Pairs from our own content: entries in every language, their phrasings and answers, and the garbage lexicon."""

import csv
import itertools
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from faq.text import without_diacritics
from faq.training.pairs import Pair

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ACCENTED = frozenset({"vi", "pt-BR", "es"})
MASTER = "ja"


@dataclass
class Told:
    """What one entry says in one language."""

    question: str
    answer: str
    phrasings: list[str] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """The question and every phrasing of it."""
        return [self.question, *self.phrasings]


Entries = dict[str, dict[str, Told]]
"""Entry id → language → text."""


def read_entries(content: Path) -> Entries:
    """The nationwide entries that are there, in the languages they are there in; unfinished files are read as far as they go."""
    entries: Entries = {}
    for path in sorted((content / "nationwide").glob("*/*.yaml")):
        if path.parent.name == "entries":
            continue
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}  # noqa: S506 - a safe loader
        language = document.get("language", path.parent.name)
        for entry, row in (document.get("entries") or {}).items():
            entries.setdefault(entry, {})[language] = _told(row)
    return entries


def add_titles(entries: Entries, path: Path | None = None) -> None:
    """Adds a question to entries in the languages that have no translation of them yet, from `titles.csv`; training only."""
    path = path or Path(__file__).with_name("titles.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            told = entries.get(row.pop("entry"), {})
            for language, question in row.items():
                if question and MASTER in told:
                    told.setdefault(language, Told(question, ""))


def utterance_pairs(nlu_data: Path, rng: np.random.Generator) -> Iterator[Pair]:
    """Each way of saying an intent against another one in Japanese and in its own language."""
    said = {path.parent.name: yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}  # noqa: S506 - a safe loader
            for path in sorted(nlu_data.glob("*/utterances.yaml"))}
    for language, intents in said.items():
        for intent, utterances in intents.items():
            for utterance, other in itertools.product(map(str, utterances), sorted({language, MASTER} & set(said))):
                if choices := said[other].get(intent):
                    yield Pair(language, utterance, other, str(rng.choice(choices)), f"intent:{intent}")


def outside_pairs(nlu_data: Path, hold_out: int) -> Iterator[Pair]:
    """Each text that no city hall answers against itself: it stands in a batch beside what entries say, and away from it.

    It counts as a text of its own language, of Japanese and of English, so that it meets entries in each of them.
    """
    for path in sorted(nlu_data.glob("*/out_of_scope.yaml")):
        texts = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or []  # noqa: S506 - a safe loader
        for text in map(str, texts):
            if not is_phrasing_held_out(text, hold_out):
                for other in sorted({path.parent.name, MASTER, "en"}):
                    yield Pair(path.parent.name, text, other, text)


def _told(row: dict[str, Any]) -> Told:
    phrasings = [str(phrasing).strip() for phrasing in row.get("phrasings") or []]
    return Told(str(row.get("question", "")).strip(), str(row.get("answer", "")).strip(), phrasings)


def is_held_out(entry: str, hold_out: int) -> bool:
    """Whether an entry is kept from training: one in `hold_out` by a hash of its id, none for 0."""
    return hold_out > 0 and zlib.crc32(entry.encode()) % hold_out == 0


def is_phrasing_held_out(text: str, hold_out: int) -> bool:
    """Whether a phrasing is kept from training: one in `hold_out` by a hash of its text, none for 0."""
    return hold_out > 0 and zlib.crc32(text.encode()) % hold_out == 0


def without_phrasings(entries: Entries, hold_out: int) -> Entries:
    """The entries without the phrasings that are held out; every question stays."""
    return {
        entry: {
            language: Told(text.question, text.answer, [p for p in text.phrasings if not is_phrasing_held_out(p, hold_out)])
            for language, text in told.items()
        }
        for entry, told in entries.items()
    }


def entry_pairs(entries: Entries, hold_out: int, rng: np.random.Generator) -> Iterator[Pair]:
    """Every way of asking an entry against its Japanese question, against other ways, and against its answers."""
    for entry, told in entries.items():
        if not is_held_out(entry, hold_out):
            for language, text in told.items():
                yield from _asked_pairs(entry, language, text, told, rng)


def _asked_pairs(entry: str, language: str, text: Told, told: dict[str, Told], rng: np.random.Generator) -> Iterator[Pair]:
    master = told.get(MASTER, text)
    for asked in text.asked:
        yield Pair(language, asked, MASTER, master.question, entry)
        yield Pair(language, asked, MASTER, str(rng.choice(master.asked)), entry)
        yield Pair(language, asked, language, text.question, entry)
        yield Pair(language, asked, language, str(rng.choice(text.asked)), entry)
        if "en" in told and language != "en":
            yield Pair(language, asked, "en", str(rng.choice(told["en"].asked)), entry)
        if language in ACCENTED:
            yield Pair(language, without_diacritics(asked), language, text.question, entry)
            yield Pair(language, without_diacritics(asked), MASTER, master.question, entry)


def answer_pairs(entries: Entries, hold_out: int) -> Iterator[Pair]:
    """Every way of asking an entry against its Japanese answer and the answer in its own language, whole and by line."""
    for entry, told in entries.items():
        if is_held_out(entry, hold_out):
            continue
        for language, text in told.items():
            answers = [(language, text.answer), *((MASTER, told[MASTER].answer),) * (MASTER in told)]
            for asked, (other, answer) in itertools.product(text.asked, answers):
                yield Pair(language, asked, other, answer, entry)
            for line in filter(lambda line: len(line) > 8, text.answer.splitlines()):
                yield Pair(language, text.question, language, line.lstrip("- "), entry)


def lexicon_pairs(paths: Iterable[Path], columns: dict[str, str]) -> Iterator[Pair]:
    """Names and synonyms of each row of CSV files against each other; `columns` maps a column to its language.

    Cells hold a name, then synonyms after `|`. A `reading` column is Japanese in kana.
    """
    for path in paths:
        for names in read_names(path, columns):
            yield from _row_pairs(names, f"{path.stem}:{next(iter(names.values()))[0]}")


def read_names(path: Path, columns: dict[str, str]) -> Iterator[dict[str, list[str]]]:
    """Language → names of each row of a CSV file whose cells hold `name|synonym|…`; rows without a name are skipped."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            names: dict[str, list[str]] = {}
            for column, language in columns.items():
                cell = row.get(column) or ""
                names.setdefault(language, []).extend(part.strip() for part in cell.split("|") if part.strip())
            if any(names.values()):
                yield {language: texts for language, texts in names.items() if texts}


def _row_pairs(names: dict[str, list[str]], group: str) -> Iterator[Pair]:
    for (lang_a, texts_a), (lang_b, texts_b) in itertools.combinations_with_replacement(names.items(), 2):
        if MASTER in (lang_a, lang_b) or "en" in (lang_a, lang_b) or lang_a == lang_b:
            for text_a, text_b in itertools.product(texts_a, texts_b):
                yield Pair(lang_a, text_a, lang_b, text_b, group)
