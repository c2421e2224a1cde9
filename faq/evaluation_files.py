"""Reads corpora and labelled questions of the `evaluate` contract: JSON Lines, and CSV for garbage items."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faq.csv_file import read_csv
from faq.errors import ContentError, Problem
from faq.languages import JAPANESE, Languages
from faq.search.units import Unit
from faq.yaml_file import read_text


@dataclass(frozen=True)
class LabelledQuestion:
    """A question with the ids that answer it, graded (≥ 1 counts as found). No ids: it is out of scope."""

    id: str
    text: str
    language: str
    relevant: Mapping[str, float] = field(default_factory=dict)


def read_corpus(path: Path, languages: Languages) -> list[Unit]:
    """Return the units of a corpus `{id, language, question, answer, phrasings?}`; rows with one id are one entry."""
    units = []
    for line, row in read_json_lines(path):
        key, language = _text(path, line, row, "id"), _language(row, languages)
        units.append(Unit(key, language, "asked", _text(path, line, row, "question")))
        units += [Unit(key, language, "asked", str(phrasing)) for phrasing in row.get("phrasings") or ()]
        if row.get("answer"):
            units.append(Unit(key, language, "answer", str(row["answer"])))
    return units


def read_questions(path: Path, languages: Languages, relevant_key: str = "relevant") -> list[LabelledQuestion]:
    """Return the labelled questions of a file `{query, language, relevant: {id: grade}}` (or `items: [id, …]`)."""
    questions = []
    for line, row in read_json_lines(path):
        labels = row.get(relevant_key) or {}
        grades = labels if isinstance(labels, dict) else dict.fromkeys(labels, 1)
        try:
            relevant = {str(id_): float(grade) for id_, grade in grades.items()}
        except (TypeError, ValueError):
            message = f"{relevant_key} is {labels!r:.60}; write {{id: grade}} with numbers as grades"
            raise ContentError([Problem(path, line, message)]) from None
        text = _text(path, line, row, "query")
        questions.append(LabelledQuestion(str(row.get("id", line)), text, _language(row, languages), relevant))
    return questions


def read_items(path: Path, languages: Languages) -> tuple[list[Unit], dict[str, str]]:
    """Return the units of an items CSV (`id,name,category`, optional `reading,name_en,…`) and each item's category."""
    units, categories = [], {}
    for _, row in read_csv(path, ("id", "name", "category")):
        categories[row["id"]] = row["category"]
        units += list(_names(row, languages))
    return units, categories


def _names(row: Mapping[str, str], languages: Languages) -> Iterator[Unit]:
    home = languages.resolve(row.get("language")) or JAPANESE
    cells = [(home, row["name"]), (home, row.get("reading", ""))]
    for column, cell in row.items():
        if column.startswith("name_") and (code := languages.resolve(column.removeprefix("name_"))):
            cells.append((code, cell))
    for language, cell in cells:
        for name in cell.split("|"):
            if name.strip():
                yield Unit(row["id"], language, "asked", name.strip())


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, object). Raises ContentError at the first line that is not a JSON object."""
    for line, text in enumerate(read_text(path).splitlines(), start=1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except json.JSONDecodeError as error:
            raise ContentError([Problem(path, line, f"this is not JSON: {error.msg}")]) from None
        if not isinstance(row, dict):
            raise ContentError([Problem(path, line, f"a JSON object was expected, found {text:.40}")])
        yield line, row


def _text(path: Path, line: int, row: Mapping[str, Any], name: str) -> str:
    if not isinstance(row.get(name), str | int):
        raise ContentError([Problem(path, line, f"{name} is missing; every line needs it")])
    return str(row[name])


def _language(row: Mapping[str, Any], languages: Languages) -> str:
    return languages.resolve(row.get("language")) or JAPANESE
