"""Reads a table as cities keep it: CSV or TSV in UTF-8 or CP932, or the first sheet of an Excel workbook."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from faq.errors import ContentError, Problem

MOST_ROWS = 50_000
_MOST_BYTES, _MOST_UNPACKED = 20_000_000, 200_000_000
_SPACES = re.compile(r"[ \t\u3000\u00a0]+")
_EMPTY = ("NULL", "null")

Cells = list[str]


@dataclass(frozen=True)
class Table:
    """The rows of one file that hold something, each with its line (from 1): (line, cells), cells cleaned."""

    path: Path
    rows: list[tuple[int, Cells]]


def read_table(path: Path) -> Table:
    """Return the table in a file; `.xlsx` is a workbook, everything else is text.

    Raises ContentError where the file is missing, too large, in another encoding, broken, or empty.
    """
    if not path.is_file():
        raise ContentError([Problem(path, 1, "the file is missing; check its name")])
    if path.stat().st_size > _MOST_BYTES:
        raise ContentError([Problem(path, 1, f"the file is larger than {_MOST_BYTES // 1_000_000} MB; split it")])
    found = _sheet_rows(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _text_rows(path)
    rows = list(_filled(path, found))
    if not rows:
        raise ContentError([Problem(path, 1, "the file holds no row; the first row names the columns")])
    return Table(path, rows)


def clean(cell: str) -> str:
    """Return a cell without what spreadsheets leave behind: outer and doubled spaces, a byte order mark, `NULL`."""
    lines = (_SPACES.sub(" ", line).strip() for line in cell.replace("\ufeff", "").replace("|", "｜").splitlines())
    text = "\n".join(line for line in lines if line)
    return "" if text in _EMPTY else text


def _filled(path: Path, rows: Iterable[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
    count = 0
    for line, raw in rows:
        cells = [clean(cell) for cell in raw]
        if not any(cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise ContentError([Problem(path, line, f"the table has more than {MOST_ROWS} rows; split it")])
        yield line, cells


def _text_rows(path: Path) -> Iterator[tuple[int, Cells]]:
    text = _decoded(path)
    head = text[:2000]
    # 5374's TSV copies quote nothing: a quotation mark in them is an inch or a word.
    tabs = head.count("\t") > head.count(",") or path.suffix.lower() == ".tsv"
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if tabs else csv.reader(lines, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise ContentError([Problem(path, line, f"this is not CSV: {error}; is a quotation mark missing?")]) from None


def _decoded(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
    raise ContentError([Problem(path, line, "this is neither UTF-8 nor CP932 (Shift_JIS); save the file as UTF-8")])


def _sheet_rows(path: Path) -> Iterator[tuple[int, Cells]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    broken = ContentError([Problem(path, 1, "this is not an Excel workbook (.xlsx); save it anew, or as CSV")])
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > _MOST_UNPACKED:
                raise ContentError([Problem(path, 1, "the workbook is too large when unpacked; save it as CSV")])
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError):
        raise broken from None
    try:
        sheet: Any = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise broken
        sheet.reset_dimensions()  # what a workbook says of its own size is often wrong
        for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield line, [_written(value) for value in values]
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError):
        raise broken from None
    finally:
        book.close()


def _written(value: object) -> str:
    """Return a cell's value as a person would write it: whole numbers without a point, days as 2026-11-05."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
