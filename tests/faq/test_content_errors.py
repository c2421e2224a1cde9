"""Mistakes in content are told with file and line, all of them at once."""

import shutil
from pathlib import Path

import pytest

from faq.city import read_city
from faq.csv_file import read_csv
from faq.data_files import DataFiles
from faq.errors import ContentError
from faq.loader import load_knowledge


@pytest.fixture
def files(tmp_path: Path) -> DataFiles:
    """A copy of the real languages and topics, with one small city and no entries yet."""
    real = DataFiles()
    (tmp_path / "nationwide" / "entries").mkdir(parents=True)
    (tmp_path / "nationwide" / "ja").mkdir()
    (tmp_path / "cities" / "tiny").mkdir(parents=True)
    shutil.copy(real.nationwide / "topics.yaml", tmp_path / "nationwide" / "topics.yaml")
    city = "name: {ja: 小さな市}\nprefecture: {ja: 県}\nphone: 0000-00-0000\nsource: test\nconfirmed_on: 2026-11-21\n"
    (tmp_path / "cities" / "tiny" / "city.yaml").write_text(city, encoding="utf-8")
    return DataFiles(tmp_path, real.nlu_data)


def write_entry(files: DataFiles, row: str = "department: residents\n  confirmed_on: 2026-11-21", text: str = "") -> None:
    """Write one entry of the topic moving."""
    (files.nationwide / "entries" / "moving.yaml").write_text(f"moving-in:\n  {row}\n", encoding="utf-8")
    default = "language: ja\nstate: original\nentries:\n  moving-in:\n    question: 転入は？\n    answer: 14日以内です。\n"
    (files.nationwide / "ja" / "moving.yaml").write_text(text or default, encoding="utf-8")


def problems(files: DataFiles) -> list[str]:
    """Return the problems as a person sees them, without folders."""
    return [f"{p.path.name}:{p.line} {p.message}" for p in load_knowledge(files).problems]


def test_right_content_has_no_problem(files: DataFiles) -> None:
    """A whole entry loads for the city."""
    write_entry(files)
    assert problems(files) == []
    assert "moving-in" in load_knowledge(files).cities["tiny"].entries


def test_an_unknown_key_is_named_with_its_line(files: DataFiles) -> None:
    """A misspelt key is no silent loss."""
    write_entry(files, "departmnt: residents\n  department: residents\n  confirmed_on: 2026-11-21")
    assert problems(files)[0].startswith("moving.yaml:2 moving-in.departmnt is not a known key")


def test_all_problems_come_at_once(files: DataFiles) -> None:
    """A wrong role, a wrong date and a wrong life event make three lines, not one."""
    write_entry(files, "department: residents\n  life_event: party\n  confirmed_on: yesterday")
    found = problems(files)
    assert any("life_event" in problem for problem in found)
    assert any("confirmed_on" in problem for problem in found)


def test_broken_yaml_says_where(files: DataFiles) -> None:
    """The line of the mistake, and what may be missing."""
    write_entry(files, text="language: ja\nstate: original\nentries:\n  moving-in:\n    question: 'unclosed\n")
    assert any(problem.startswith("moving.yaml:") and "this is not YAML" in problem for problem in problems(files))


def test_bytes_that_are_not_utf8_say_so(files: DataFiles) -> None:
    """A file saved as CP932 is refused by name."""
    write_entry(files)
    (files.nationwide / "ja" / "moving.yaml").write_bytes("language: ja\nstate: 原本\n".encode("cp932"))
    assert any("is not UTF-8" in problem for problem in problems(files))


def test_an_entry_without_japanese_is_left_out_and_told(files: DataFiles) -> None:
    """Japanese is the original of everything."""
    write_entry(files, text="language: ja\nstate: original\nentries: {}\n")
    assert any("has no Japanese text" in problem for problem in problems(files))
    assert "moving-in" not in load_knowledge(files).nationwide


def test_a_row_with_too_many_cells_names_its_line(tmp_path: Path) -> None:
    """An unquoted comma is the usual reason, and the message says so."""
    path = tmp_path / "items.csv"
    path.write_text("item,category\npan,nonburnable\nbox,paper,oops\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"items\.csv:3 .*has 3 cells"):
        read_csv(path, ("item", "category"))


def test_a_missing_column_names_those_that_are_there(tmp_path: Path) -> None:
    """What was found, what was expected."""
    path = tmp_path / "items.csv"
    path.write_text("item\npan\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"column category is missing; the columns found are item"):
        read_csv(path, ("item", "category"))


def test_a_wrong_telephone_of_a_city_is_refused(tmp_path: Path) -> None:
    """A telephone with letters would send residents nowhere."""
    path = tmp_path / "city.yaml"
    path.write_text(
        "name: {ja: 市}\nprefecture: {ja: 県}\nphone: call me\nsource: x\nconfirmed_on: 2026-11-21\n", encoding="utf-8"
    )
    with pytest.raises(ContentError, match=r"city\.yaml:3  phone"):
        read_city(path)
