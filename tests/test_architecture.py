"""The house keeps its shape: sizes, first sentences, words of the glossary."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "faq", "actions", "connectors")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "base", "misc"}
# "user" and "agent" mean a resident or staff here; these are other people's words for other things.
ALLOWED = re.compile(r"user-agent|useragent|ANYUSER", re.IGNORECASE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_a_room_one_can_overlook(path: Path) -> None:
    """At most 300 lines, functions at most 40, and a first sentence that says what it is."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    tree = ast.parse(text)
    docstring = ast.get_docstring(tree)
    if "migrations/versions" not in str(path):
        assert docstring, "a module opens with a sentence"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, f"{node.name} is too long"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_are_those_of_the_glossary(path: Path) -> None:
    """Never `user` for a resident, never `agent` for staff, no rooms named after nothing."""
    assert path.stem not in FORBIDDEN_NAMES
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not [name for name in names if re.search(r"(^|_)(user|users|agent|agents)(_|$)", name) and not ALLOWED.search(name)]


@pytest.mark.parametrize("path", sorted((ROOT / "connectors").rglob("static/*")), ids=lambda path: path.name)
def test_pages_load_nothing_from_elsewhere(path: Path) -> None:
    """No CDN, no font host, no tracker, no inline evaluation."""
    if path.suffix in (".js", ".css"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 300
        assert not re.search(r"""(src|href|import|url)\W{1,3}https?://""", text)
        assert "innerHTML" not in text
        assert "eval(" not in text


def test_the_clock_and_the_environment_have_one_reader_each() -> None:
    """Only the handler asks for the time, only settings (and the command that starts workers) touch the environment."""
    clocks = [path.name for path in FILES if "datetime.now(" in path.read_text(encoding="utf-8")]
    assert clocks == ["handler.py"]
    readers = {path.name for path in FILES if re.search(r"os\.environ|getenv", path.read_text(encoding="utf-8"))}
    assert readers <= {"cli.py", "serve.py", "encoder.py", "hub_encoder.py", "tokenizer.py"}
