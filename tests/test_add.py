"""New cities, new languages, imported tables: the commands, over a copy of the content."""

import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.content_checks import check_all
from bot.messages import BotError
from faq.data_files import DataFiles
from faq.loader import load_knowledge

ROOT = Path(__file__).parent.parent


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFiles:
    """A copy of the shared content with the demo city, named by FAQ_DIR and NLU_DATA_DIR."""
    shutil.copytree(ROOT / "faq/nationwide", tmp_path / "faq/nationwide")
    shutil.copytree(ROOT / "faq/cities/hoshimi", tmp_path / "faq/cities/hoshimi")
    shutil.copytree(ROOT / "nlu_data", tmp_path / "nlu_data", ignore=shutil.ignore_patterns("model", "glossary", "__pycache__"))
    monkeypatch.setenv("FAQ_DIR", str(tmp_path / "faq"))
    monkeypatch.setenv("NLU_DATA_DIR", str(tmp_path / "nlu_data"))
    return DataFiles(tmp_path / "faq", tmp_path / "nlu_data")


def run(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, list(arguments))


def test_a_new_city_passes_check_when_name_and_phone_are_filled_in(files: DataFiles) -> None:
    """Nothing else has to be written; tables are imported into its empty files."""
    assert run("add-city", "kita-hoshimi").exit_code == 0
    city = files.cities / "kita-hoshimi/city.yaml"
    assert any(problem.path == city for problem in load_knowledge(files, ["kita-hoshimi"]).problems)
    text = city.read_text(encoding="utf-8").replace("name: {ja: }", "name: {ja: 北星見市}")
    city.write_text(text.replace("phone: ", "phone: 0000-00-0001 "), encoding="utf-8")
    knowledge = load_knowledge(files, ["kita-hoshimi"])
    assert check_all(files, knowledge)[0] == []
    assert knowledge.cities["kita-hoshimi"].city.phone == "0000-00-0001"
    table = files.faq / "t.csv"
    table.write_text("品目,分別\nフライパン,燃えないごみ\n", encoding="utf-8")
    assert "Nothing is written" in run("import", "kita-hoshimi", str(table), "--dry-run").output
    assert run("import", "kita-hoshimi", str(table)).exit_code == 0
    again = load_knowledge(files, ["kita-hoshimi"])
    assert again.problems == []
    assert again.cities["kita-hoshimi"].garbage.sortings["frying-pan"].category == "nonburnable"


def test_the_templates_are_right_when_their_marks_are_taken_away(files: DataFiles) -> None:
    """Whoever follows the comments gets valid YAML."""
    run("add-city", "kita-hoshimi")
    for name in ("city.yaml", "garbage/categories.yaml"):
        text = (files.cities / "kita-hoshimi" / name).read_text(encoding="utf-8")
        body = [line for line in text.replace("{}   #", "#").splitlines() if not line.startswith("# ") or ":" in line]
        lines = [line.removeprefix("# ") for line in body if "madoguchi" not in line and "Leave out" not in line]
        assert len(yaml.safe_load("\n".join(lines))) >= 2


@pytest.mark.parametrize("id_", ["hoshimi", "Hoshimi", "星見", "../x", "a", "api", "x" * 40, "-x-"])
def test_ids_that_cannot_be_are_refused(files: DataFiles, id_: str) -> None:
    """There already, ill-formed, or an address of the service."""
    result = run("add-city", "--", id_)
    assert isinstance(result.exception, BotError)
    assert sorted(path.name for path in files.cities.iterdir()) == ["hoshimi"]


def test_a_new_language_has_its_row_its_folder_and_a_list_of_what_it_lacks(files: DataFiles) -> None:
    """The comments of the registry stay, and everything else still loads."""
    before = (files.nlu_data / "languages.yaml").read_text(encoding="utf-8")
    result = run("add-language", "th", "--name", "ไทย", "--script", "latin")
    assert result.exit_code == 0
    assert "welcome is missing" in result.output
    assert "dates.yaml:1  the file is missing" in result.output
    after = (files.nlu_data / "languages.yaml").read_text(encoding="utf-8")
    assert after.startswith(before)
    knowledge = load_knowledge(files)
    assert knowledge.languages["th"].name == "ไทย"
    errors, _ = check_all(files, knowledge)
    assert {"th"} == {next(part for part in problem.path.parts if part in knowledge.languages) for problem in errors}


@pytest.mark.parametrize(
    ("code", "name", "script"),
    [("ja", "x", "latin"), ("zh-TW", "x", "han"), ("T!", "x", "latin"), ("th", "x", "thai"), ("th", " ", "latin")],
)
def test_languages_that_cannot_be_are_refused(files: DataFiles, code: str, name: str, script: str) -> None:
    """There already (an alias counts), no code, no script, no name; nothing is written."""
    before = (files.nlu_data / "languages.yaml").read_text(encoding="utf-8")
    assert isinstance(run("add-language", code, "--name", name, "--script", script).exception, BotError)
    assert (files.nlu_data / "languages.yaml").read_text(encoding="utf-8") == before


def test_the_demo_city_is_exported_once_and_never_over_other_files(files: DataFiles, tmp_path: Path) -> None:
    """5374 files; a second time is refused; its own files stay when tables are imported."""
    assert run("export", "hoshimi", "--out", str(tmp_path / "out")).exit_code == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"area_days.csv", "center.csv", "description.csv", "target.csv"}
    assert isinstance(run("export", "hoshimi", "--out", str(tmp_path / "out")).exception, BotError)
    exported = sorted(map(str, (tmp_path / "out").glob("*.csv")))
    done = run("import", "hoshimi", *exported)
    assert done.exit_code == 0, done.exception
    assert "stays as it is" in done.output
    assert (files.cities / "hoshimi/garbage/imported/items/imported.csv").exists()
    assert load_knowledge(files).problems == []
    assert isinstance(run("import", "nowhere", *exported).exception, BotError)
