"""The texts of the console: both languages say the same things, and every text that a page asks for is there."""

import re
from collections import Counter
from string import Formatter

import yaml

from connectors.console.permissions import ROLES, Permission
from connectors.console.texts import LANGUAGES, chosen, texts
from tests.conftest import ROOT

FOLDER = ROOT / "connectors" / "console"
OPEN = ("permission.anybody", "permission.signed-in")


def placeholders(text: str) -> list[str]:
    """Return the names in braces, sorted."""
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def test_both_languages_have_the_same_texts() -> None:
    """The same keys in files of the same name, with the same placeholders."""
    for path in sorted((FOLDER / "texts").glob("ja*.yaml")):
        japanese = yaml.safe_load(path.read_text(encoding="utf-8"))
        english = yaml.safe_load((path.parent / path.name.replace("ja", "en", 1)).read_text(encoding="utf-8"))
        assert list(japanese) == list(english), path.name
        assert [key for key in japanese if placeholders(str(japanese[key])) != placeholders(str(english[key]))] == []


def test_no_text_is_empty_or_in_the_wrong_language() -> None:
    """Japanese texts hold Japanese, English ones none."""
    assert [key for key, text in texts("ja").items() if not re.search("[ぁ-んァ-ヶ一-龥、★]|^$|\\{", text)] == []
    assert [key for key, text in texts("en").items() if re.search("[ぁ-んァ-ヶ一-龥]", text) or not text] == []


def test_every_text_that_a_page_names_is_there() -> None:
    """In templates `t('…')`; in code keys of mistakes, of refusals, and of what was done."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (FOLDER / "templates").glob("*.html"))
    named = set(re.findall(r"""\bt\('([\w.-]+)'[,)]""", pages))
    named |= {f"error.{key}.{part}" for key in re.findall(r'Refusal\(\d+, "([\w-]+)"', code) for part in ("title", "text")}
    named |= {f"done.{key}" for key in re.findall(r'redirect\([^\n]+, "([\w-]+)"\)', code)}
    named |= {f"permission.{one.value}" for one in Permission} - set(OPEN)
    named |= {f"role.{role}{part}" for role in ROLES for part in ("", ".text")}

    assert len(named) > 150
    assert named - texts("ja").keys() == set()


def test_no_two_files_give_one_text() -> None:
    """A key stands in one file only."""
    for language in LANGUAGES:
        files = [yaml.safe_load(path.read_text("utf-8")) for path in (FOLDER / "texts").glob(f"{language}*.yaml")]
        keys = Counter(key for file in files for key in file)
        assert [key for key, count in keys.items() if count > 1] == []


def test_the_language_is_the_first_wish_that_can_be_met() -> None:
    """Japanese where none can."""
    assert [chosen("en-US"), chosen("", "ja"), chosen("fr", "en"), chosen("fr"), chosen("*")] == ["en", "ja", "en", "ja", "ja"]
