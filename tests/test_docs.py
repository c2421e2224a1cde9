"""The documents say what is true: settings, commands, targets, paths, links and languages that they name are there."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli import app
from bot.messages import Decision, Outcome
from bot.settings import Settings
from connectors.web import api, events
from faq.data_files import DataFiles
from faq.languages import load_languages

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    path for folder in (ROOT, ROOT / "docs", ROOT / "nlu_data")
    for path in (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
)  # fmt: skip
FOLDERS = ("actions", "benchmarks", "bot", "connectors", "docs", "faq", "nlu_data", "requirements", "scripts", "tests")
PINNED = sorted((ROOT / "requirements").glob("*.txt"))
PUBLISHED = [*DOCUMENTS, ROOT / "Dockerfile", ROOT / "compose.yaml", ROOT / ".dockerignore", *PINNED]
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def read(path: Path) -> str:
    """Return a document's text."""
    return path.read_text(encoding="utf-8")


def code_in(text: str) -> Iterator[str]:
    """Yield what a document shows as code: each line of a block without its comment, each span in backticks."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    for line in "".join(blocks).replace("\\\n", " ").splitlines():
        yield re.sub(r"\s#.*", "", line).strip()
    outside = re.sub(r"^ *```\w*\n.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", outside)


def test_every_setting_is_documented_as_it_is() -> None:
    """docs/settings.md holds each field of Settings with its default and its help, and no other."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$", read(ROOT / "docs" / "settings.md"), re.MULTILINE)
    paths = {"FAQ_DIR": "the installed `faq/`", "NLU_DATA_DIR": "the installed `nlu_data/`"}
    expected = [
        (name.upper(), paths.get(name.upper()) or (f"`{field.default}`" if str(field.default) else "empty"), field.description)
        for name, field in Settings.model_fields.items()
    ]

    assert expected == rows


@each_document
def test_every_make_target_that_a_document_names_exists(path: Path) -> None:
    """`make run` and the like."""
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {match[1] for code in code_in(read(path)) if (match := re.match(r"make ([a-z-]+)", code))}

    assert named <= targets


@each_document
def test_every_command_that_a_document_names_exists(path: Path) -> None:
    """`madoguchi ask`, `madoguchi train ranker --twin`: the command, the one below it, and its options."""
    for code in code_in(read(path)):
        if match := re.match(r"(?:[\w./$]*/)?madoguchi(?: |$)(.*)", code):
            _require_command(match[1].split("|")[0].split())


def _require_command(words: list[str]) -> None:
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands") and re.fullmatch("[a-z][a-z-]*", words[0]):
        assert words[0] in command.commands, f"there is no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    asked = {word for word in words if re.fullmatch("--[a-z-]+", word)}
    assert asked <= known, f"{command.name} has no {asked - known}"


@each_document
def test_every_link_and_picture_leads_somewhere(path: Path) -> None:
    """Relative links and pictures of every document, and their anchors."""
    targets = re.findall(r"\]\(([^)\s]+)\)", read(path)) + re.findall(r"""(?:src|href)="([^"]+)""", read(path))
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file) if file else path
        assert found.exists(), f"{target} is not there"
        assert not anchor or anchor in anchors(found), f"{target}: no such heading"


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as they are made where repositories are shown."""
    headings = re.findall(r"^#+ (.+)$", read(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_document
def test_every_path_that_a_document_names_exists(path: Path) -> None:
    """Files and folders of the house in backticks, the README's map first of all; patterns are looked up as such."""
    for code in code_in(read(path)):
        if re.fullmatch(rf"(?:{'|'.join(FOLDERS)})/[\w./*<>-]*", code):
            pattern = re.sub("<[^>]*>", "*", code).rstrip("/")
            assert any(ROOT.glob(pattern)), f"{code} is not there"


def test_the_readme_shows_every_room() -> None:
    """The map of the house leaves out no folder at the top."""
    named = set(re.findall(r"`([a-z_]+)/", read(ROOT / "README.md")))

    assert set(FOLDERS) - {"docs"} <= named


def test_the_readme_has_no_figure_left_open() -> None:
    """Every figure has been measured and filled in."""
    assert re.findall(r"TBD-[\w-]+", read(ROOT / "README.md")) == []


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_names_the_place_where_it_was_written(path: Path) -> None:
    """No folder of one machine, no host that packages come from: they are true for nobody else."""
    text = read(path)

    assert re.findall(r"(?<![\w.-])/work\b|\.\./shared|/root/|/home/\w+/", text) == []
    assert re.findall(r"(?<!emit-)index-url|pypi\.org|pythonhosted|artifactory|devpi", text) == []


def test_ci_runs_what_everybody_runs() -> None:
    """`.ci/run` goes to the top folder and calls `make test`, and nothing else."""
    lines = [line for line in read(ROOT / ".ci" / "run").splitlines() if line and not line.startswith("#")]

    assert [line for line in lines if not re.match(r"set -|cd ", line)] == ["make test"]


def test_every_language_is_told() -> None:
    """Whoever reads the README sees each language by its own name."""
    readme = read(ROOT / "README.md")

    assert [row.name for row in load_languages(DataFiles()) if row.name not in readme] == []


def test_every_dependency_has_its_reason() -> None:
    """docs/dependencies.md names each package of pyproject.toml."""
    project = tomllib.loads(read(ROOT / "pyproject.toml"))
    groups = [*project["project"]["optional-dependencies"].values(), *project["dependency-groups"].values()]
    wanted = [*project["project"]["dependencies"], *(name for group in groups for name in group)]
    told = read(ROOT / "docs" / "dependencies.md")

    assert [name for name in wanted if re.split(r"[>=<]", name)[0] not in told] == []


def test_every_outcome_and_decision_of_a_reply_is_told() -> None:
    """docs/api.md lists the closed lists whole."""
    told = read(ROOT / "docs" / "api.md")
    assert [value for value in (*Decision, *Outcome) if f"`{value}`" not in told] == []


def test_every_address_of_the_api_is_told() -> None:
    """docs/api.md names each path of the web channel's API, but for the names of its parameters."""
    told = re.sub(r"\{\w+\}", "{}", read(ROOT / "docs" / "api.md"))
    routes = [*api.router.routes, *events.router.routes]
    paths = [re.sub(r"\{\w+\}", "{}", route.path) for route in routes]

    assert [path for path in paths if path not in told] == []
