"""Reads entries from `entries/<topic>.yaml` and `<language>/<topic>.yaml` of one content folder (docs/content.md)."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from faq.entry import LIFE_EVENTS, Blank, Entry, EntryText, TextState
from faq.errors import ContentError, Problem
from faq.languages import JAPANESE, Languages
from faq.yaml_file import Row, read_text, read_yaml

_Line = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
_Link = Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$")]


class _EntryRow(Row):
    department: str
    life_event: Literal[LIFE_EVENTS] = "daily-life"  # type: ignore[valid-type]
    basis: str = ""
    source: _Link = ""
    confirmed_on: date
    valid_until: date | None = None
    blanks: tuple[Blank, ...] = ()
    most_asked: bool = False
    confusable: tuple[_Id, ...] = ()
    instead_of: tuple[_Id, ...] = ()
    follow_up: tuple[_Id, ...] = ()


class _TextRow(Row):
    question: _Line
    answer: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    phrasings: tuple[_Line, ...] = ()
    state: TextState | None = None


class _TextFile(Row):
    language: str
    state: TextState
    entries: dict[_Id, _TextRow] = Field(default_factory=dict)


@dataclass
class EntryFolder:
    """The entries of one folder, collected with every problem on the way."""

    folder: Path
    origin: str
    languages: Languages
    topics: Collection[str]
    departments: Collection[str]

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []
        self._texts: dict[str, dict[str, EntryText]] = {}

    def read(self) -> dict[str, Entry]:
        """Return all entries by id; what is wrong is in `problems`, and wrong entries are left out."""
        rows = self._read_rows()
        for language in self.languages:
            for path in sorted((self.folder / language.code).glob("*.yaml")):
                self._read_texts(path, language.code, rows)
        return {id_: self._joined(id_, path, row) for id_, (path, row) in rows.items() if self._has_japanese(id_, path)}

    def _read_rows(self) -> dict[str, tuple[Path, _EntryRow]]:
        rows: dict[str, tuple[Path, _EntryRow]] = {}
        for path in sorted((self.folder / "entries").glob("*.yaml")):
            try:
                found = read_yaml(path, TypeAdapter(dict[_Id, _EntryRow]))
            except ContentError as error:
                self.problems += error.problems
                continue
            self._check_rows(path, found)
            for id_ in found.keys() & rows.keys():
                self._problem(path, id_, f"entry {id_} is also in {rows[id_][0].name}; an id is used once")
            rows.update({id_: (path, row) for id_, row in found.items()})
        return rows

    def _check_rows(self, path: Path, rows: Mapping[str, _EntryRow]) -> None:
        if path.stem not in self.topics:
            self._problem(path, "", f"topic {path.stem} is not in topics.yaml; rename the file or add the topic")
        for id_, row in rows.items():
            if row.department not in self.departments:
                self._problem(path, id_, f"department {row.department} of {id_} is not a role of topics.yaml")

    def _read_texts(self, path: Path, language: str, rows: Mapping[str, tuple[Path, _EntryRow]]) -> None:
        try:
            file = read_yaml(path, _TextFile)
        except ContentError as error:
            self.problems += error.problems
            return
        if file.language != language:
            self._problem(path, "language", f"language is {file.language}, but the folder is {language}/; make them equal")
        for id_, row in file.entries.items():
            if id_ not in rows or rows[id_][0].stem != path.stem:
                self._problem(path, id_, f"{id_} is not in entries/{path.stem}.yaml; add it there or remove it here")
                continue
            text = EntryText(row.question, row.answer.strip(), row.phrasings, row.state or file.state)
            self._texts.setdefault(id_, {})[language] = text

    def _has_japanese(self, id_: str, path: Path) -> bool:
        if JAPANESE in self._texts.get(id_, {}):
            return True
        self._problem(path, id_, f"{id_} has no Japanese text; write it in {JAPANESE}/{path.stem}.yaml")
        return False

    def _joined(self, id_: str, path: Path, row: _EntryRow) -> Entry:
        values = {name: getattr(row, name) for name in _EntryRow.model_fields}
        return Entry(id=id_, topic=path.stem, texts=self._texts[id_], origin=self.origin, **values)

    def _problem(self, path: Path, key: str, message: str) -> None:
        self.problems.append(Problem(path, line_of_key(path, key), message))


def line_of_key(path: Path, key: str) -> int:
    """Return the line of the first mapping key of that name, 1 where there is none."""
    if not key:
        return 1
    found = re.search(rf"^\s*{re.escape(key)}\s*:", read_text(path), re.MULTILINE)
    return read_text(path)[: found.end()].count("\n") + 1 if found else 1


_Filled = dict[_Id, dict[Blank, dict[str, str] | str]]


def read_blanks(path: Path, entries: Mapping[str, Entry]) -> tuple[dict[str, Entry], list[Problem]]:
    """Return the entries with what the city filled in `blanks.yaml`, and the problems found there."""
    if not path.exists():
        return {}, []
    filled = read_yaml(path, TypeAdapter(_Filled))
    problems, changed = [], {}
    for id_, values in filled.items():
        if id_ not in entries:
            problems.append(Problem(path, line_of_key(path, id_), f"there is no entry {id_}; check the id"))
            continue
        texts = {blank: {JAPANESE: value} if isinstance(value, str) else value for blank, value in values.items()}
        changed[id_] = replace(entries[id_], filled=texts)
    return changed, problems
