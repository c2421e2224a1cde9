"""The modules of a page as one file: each once, in order, in one scope that they can share."""

import re
from collections import Counter
from pathlib import Path

import pytest

from connectors.web.assets import STATIC
from connectors.web.bundle import joined

_NAMES = re.compile(r"^(?:async |)(?:const|let|function|class) (\w+|\{[^}]*\}|\[[^\]]*\])", re.MULTILINE)
ENTRIES = ("chat.js", "receive.js", "kiosk.js")


def test_what_is_imported_stands_before_what_needs_it(tmp_path: Path) -> None:
    """Each module once, however many import it; nothing of import and export is left."""
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nimport { c } from "./c.js";\nb(c);\n')
    (tmp_path / "b.js").write_text('import { c } from "./c.js";\nexport const b = (x) => x + c;\n')
    (tmp_path / "c.js").write_text("export async function d() {}\nexport const c = 1;\n")

    assert joined(tmp_path, "a.js") == "async function d() {}\nconst c = 1;\nconst b = (x) => x + c;\nb(c);\n"


@pytest.mark.parametrize("entry", ENTRIES)
def test_modules_of_a_page_can_share_one_scope(entry: str) -> None:
    """No two of them declare the same name, and no import or export is of a form that the joining does not know."""
    text = joined(STATIC, entry)
    declared = [name for found in _NAMES.findall(text) for name in re.findall(r"\w+", found)]

    assert [name for name, times in Counter(declared).items() if times > 1] == []
    assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE)
