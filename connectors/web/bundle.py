"""Joins the modules of a page into one file when asked: a phone on a slow network waits for one answer, not for twenty.

Nothing is built beforehand and nothing is rewritten but the lines that import and export; modules therefore share one scope, and
a test holds their top-level names apart.
"""

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?P<name>[a-z]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(async |)(const|function|class) )", re.MULTILINE)
WHOLE = re.compile(r"(?P<entry>[a-z]+)\.whole\.js")


def joined(folder: Path, entry: str) -> str:
    """Return the module `entry` and all that it imports, directly or not, each once and before what needs it."""
    parts: dict[str, str] = {}
    _collect(folder, entry, parts)
    return "".join(parts.values())


def _collect(folder: Path, name: str, parts: dict[str, str]) -> None:
    if name in parts:
        return
    text = (folder / name).read_text(encoding="utf-8")
    for match in _IMPORT.finditer(text):
        _collect(folder, match["name"], parts)
    parts[name] = _EXPORT.sub("", _IMPORT.sub("", text))
