"""Which tables of garbage there are, by the names that cities give their columns: one explicit list of names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faq.errors import ContentError, Problem
from faq.garbage.tables import Cells, Table
from faq.text import fold, normalise

# Sources: 5374.jp (target.csv, description.csv, area_days.csv, center.csv, remarks.csv), the open data of cities.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "item", "品目名", "品目", "品名", "ごみの品目", "ごみの名称", "ごみ品目", "品目名称", "名称"),
    "category": (
        "type", "category", "分別区分", "分別", "区分", "ごみの種類", "ごみの区分", "ごみ区分", "分別種別", "分別名",
        "出し方の区分", "収集区分", "種別", "種類", "label",
    ),
    "note": (
        "notice", "note", "remarks", "注意点", "注意事項", "備考", "出し方", "出し方のポイント", "ポイント", "捨て方", "補足",
    ),
    "reading": ("furigana", "initial", "reading", "読み", "よみ", "ふりがな", "フリガナ", "読み仮名", "品目名カナ", "カナ"),
    "town": ("地名", "地域", "地域名", "町名", "町名称", "町丁目", "収集地域", "自治会", "name"),
    "area": ("地区", "地区名", "マスター", "収集地区", "収集区域"),
    "center": ("センター", "center", "処理センター"),
    "label": ("label", "分別区分", "名称"),
    "sublabel": ("sublabel",),
    "description": ("description", "説明"),
    "colour": ("bgcolor",),
    "id": ("id", "番号"),
    "text": ("text", "備考", "文章"),
    "start": ("休止開始日", "開始日", "startdate", "start"),
    "end": ("休止終了日", "終了日", "enddate", "end"),
}  # fmt: skip
# The first kind whose columns are all there; where nothing fits, the columns of the items are asked for.
KINDS: Mapping[str, tuple[str, ...]] = {
    "center": ("name", "start", "end"),
    "area_days": ("town", "center"),
    "description": ("label", "description"),
    "target": ("name", "category"),
    "remarks": ("id", "text"),
}
_HEAD_WITHIN = 20
_NOTE = re.compile(r"\(.*?\)|\*")
_BY_ROLE = {role: [fold(name) for name in names] for role, names in COLUMNS.items()}


@dataclass(frozen=True)
class Sheet:
    """A table whose kind is known: its header, where each role stands, and the rows below, as (line, cells)."""

    path: Path
    kind: str
    line: int
    header: Cells
    at: Mapping[str, int]
    rows: list[tuple[int, Cells]]

    def cell(self, cells: Cells, role: str) -> str:
        """Return the cell of a role in a row; empty where the table has no such column."""
        place = self.at.get(role, -1)
        found = cells[place] if 0 <= place < len(cells) else ""
        return found if role in ("note", "description", "text") else found.replace("\n", "")


def recognise(table: Table) -> Sheet:
    """Return the table with its kind and header. Titles above the header are passed over.

    Raises ContentError where no row among the first 20 is a header that we know, or where a column stands twice.
    """
    for number, (line, cells) in enumerate(table.rows[:_HEAD_WITHIN]):
        header = [cell.replace("\n", "") for cell in cells]
        at = _places(header)
        for kind, wanted in KINDS.items():
            places = [at.get(role) for role in wanted]
            if None not in places and len(set(places)) == len(places):
                _require_single_columns(table.path, line, header)
                return Sheet(table.path, kind, line, header, at, table.rows[number + 1 :])
    line, header = table.rows[0]
    message = f"these columns are not known: {', '.join(filter(None, header))[:120]}; an item table needs 品目名 and 分別区分"
    raise ContentError([Problem(table.path, line, message)])


def _places(header: Cells) -> dict[str, int]:
    names = [fold(_NOTE.sub("", normalise(cell))) for cell in header]
    found = {}
    for role, known in _BY_ROLE.items():
        places = [names.index(name) for name in known if name in names]
        if places:
            found[role] = places[0]
    return found


def _require_single_columns(path: Path, line: int, header: Cells) -> None:
    names = [name for name in header if name]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ContentError([Problem(path, line, f"column {name} stands twice; remove one") for name in twice])
