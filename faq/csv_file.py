"""Reads one CSV file of content into rows with their line numbers; every mistake becomes a Problem."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from faq.errors import ContentError, Problem
from faq.yaml_file import read_text

NumberedRow = tuple[int, dict[str, str]]


def read_csv(path: Path, required: Sequence[str]) -> list[NumberedRow]:
    """Return (line, row) for every row, cells stripped.

    Raises ContentError with every mistake: a missing column, a column twice, a row with too few or too many cells.
    """
    reader = csv.reader(io.StringIO(read_text(path).removeprefix("\ufeff")))
    header = [name.strip() for name in next(reader, [])]
    problems = list(_header_problems(path, header, required))
    rows: list[NumberedRow] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            message = f"the row has {len(cells)} cells, the header {len(header)}; is a comma inside a cell not quoted?"
            problems.append(Problem(path, reader.line_num, message))
            continue
        rows.append((reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    if problems:
        raise ContentError(problems)
    return rows


def _header_problems(path: Path, header: Sequence[str], required: Sequence[str]) -> Iterator[Problem]:
    for name in required:
        if name not in header:
            yield Problem(path, 1, f"column {name} is missing; the columns found are {', '.join(header) or 'none'}")
    for name in {name for name in header if header.count(name) > 1}:
        yield Problem(path, 1, f"column {name} stands twice; remove one")
