"""Held-out questions of `nlu_data/<language>/`: written from titles alone, never searched, never trained on.

Those of `tests.yaml` are looked at when the search is worked on; those of `tests_fresh.yaml` are only counted.
"""

from dataclasses import dataclass
from pathlib import Path

from faq.data_files import DataFiles
from faq.evaluation_files import LabelledQuestion
from faq.languages import Languages
from faq.yaml_file import Row, read_yaml


class _EntryQuestion(Row):
    query: str
    entry: tuple[str, ...]


class _ItemQuestion(Row):
    query: str
    items: tuple[str, ...]


class _TestFile(Row):
    entries: tuple[_EntryQuestion, ...]
    garbage: tuple[_ItemQuestion, ...] = ()
    out_of_scope: tuple[str, ...]


@dataclass(frozen=True)
class HeldOut:
    """The held-out questions: for entries, for items (relevant keys as in the index), and those that nothing answers."""

    entries: tuple[LabelledQuestion, ...]
    garbage: tuple[LabelledQuestion, ...]
    outside: tuple[LabelledQuestion, ...]


TESTS, FRESH = "tests.yaml", "tests_fresh.yaml"


def read_held_out(files: DataFiles, languages: Languages, name: str = TESTS) -> HeldOut:
    """Return the held-out questions of all languages, of the files of this name. Raises ContentError where one is wrong."""
    entries, garbage, outside = [], [], []
    for language in languages:
        path = files.nlu_data / language.code / name
        if not path.exists():
            continue
        file = _read(path)
        code = language.code
        entries += [_question(f"{code}-e{n}", row.query, code, "entry:", row.entry) for n, row in enumerate(file.entries)]
        garbage += [_question(f"{code}-g{n}", row.query, code, "item:", row.items) for n, row in enumerate(file.garbage)]
        outside += [LabelledQuestion(f"{code}-o{n}", text, code) for n, text in enumerate(file.out_of_scope)]
    return HeldOut(tuple(entries), tuple(garbage), tuple(outside))


def _read(path: Path) -> _TestFile:
    return read_yaml(path, _TestFile)


def _question(id_: str, text: str, language: str, prefix: str, keys: tuple[str, ...]) -> LabelledQuestion:
    relevant = {key if ":" in key else f"{prefix}{key}": 1.0 for key in keys}
    return LabelledQuestion(id_, text, language, relevant)
