"""The search check names phrasings that fall to another entry, and the pairs that do so."""

import shutil
from pathlib import Path

import pytest

from bot.search_checks import SearchFindings, SearchPlan, Unreachable, confusable_pairs, search_findings
from faq.data_files import DataFiles
from faq.loader import load_knowledge
from faq.search.fitting import Labelled
from faq.search.ranker import load_rankers

PHRASINGS = {
    "library-card": ["図書館で 本を 借りたい", "図書館の カード", "本を 借りる 図書館 カード", "カードで 本を 借りる"],
    "library-lost": ["図書館の カードを なくした", "カード 紛失 図書館", "図書館 カード なくした 本", "なくした カード"],
    "dog-rabies": ["犬の 注射", "狂犬病 注射 犬", "犬 予防注射 狂犬病", "飼い犬に 注射"],
}


@pytest.fixture
def files(tmp_path: Path) -> DataFiles:
    """Three entries, two of which take each other's phrasings, and one small city."""
    real = DataFiles()
    for folder in ("nationwide/entries", "nationwide/ja", "cities/tiny"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(real.nationwide / "topics.yaml", tmp_path / "nationwide" / "topics.yaml")
    city = "name: {ja: 小さな市}\nprefecture: {ja: 県}\nphone: 0000-00-0000\nsource: test\nconfirmed_on: 2026-11-21\n"
    (tmp_path / "cities" / "tiny" / "city.yaml").write_text(city, encoding="utf-8")
    rows = "".join(f"{id_}:\n  department: residents\n  confirmed_on: 2026-11-21\n" for id_ in PHRASINGS)
    (tmp_path / "nationwide" / "entries" / "moving.yaml").write_text(rows, encoding="utf-8")
    texts = "".join(_text(id_, phrasings) for id_, phrasings in PHRASINGS.items())
    text = f"language: ja\nstate: original\nentries:\n{texts}"
    (tmp_path / "nationwide" / "ja" / "moving.yaml").write_text(text, encoding="utf-8")
    return DataFiles(tmp_path, real.nlu_data)


def _text(id_: str, phrasings: list[str]) -> str:
    lines = "".join(f"      - {phrasing}\n" for phrasing in phrasings)
    return f"  {id_}:\n    question: {phrasings[0]}か\n    answer: 窓口です。\n    phrasings:\n{lines}"


def findings(files: DataFiles) -> SearchFindings:
    """Search by words only."""
    knowledge = load_knowledge(files)
    assert knowledge.problems == []
    rankers = load_rankers(files.nlu_data / "ranker.json")
    return search_findings(SearchPlan(knowledge, {}, None, rankers))


def test_every_phrasing_is_asked_once_and_the_distinct_entry_is_found(files: DataFiles) -> None:
    """All twelve phrasings are left out once; those of the dog find the dog."""
    found = findings(files)
    assert found.asked == {"ja": 12}
    assert not [miss for miss in found.unreachable if miss.key == "entry:dog-rabies"]
    assert found.share_found("ja") == 1 - len(found.unreachable) / 12


def test_steps_are_told(files: DataFiles) -> None:
    """Progress runs to the end."""
    steps: list[tuple[int, int]] = []
    rankers = load_rankers(files.nlu_data / "ranker.json")
    search_findings(SearchPlan(load_knowledge(files), {}, None, rankers), lambda done, total: steps.append((done, total)))
    assert steps[-1] == (12, 12)


def test_pairs_count_both_directions() -> None:
    """a→b and b→a are one pair; intents are none; the content's own `confusable` is said."""
    missed = [
        Unreachable("x", "ja", "entry:a", "entry:b", 0.6, 2),
        Unreachable("y", "en", "entry:b", "entry:a", 0.9, 0),
        Unreachable("z", "ja", "entry:c", "intent:outside", 0.5, 2),
        Unreachable("w", "ja", "entry:c", "entry:a", 0.4, 3),
    ]
    asked = [Labelled(text, "ja", f"entry:{key}") for text, key in (("x", "a"), ("1", "a"), ("y", "b"), ("2", "b"), ("z", "c"))]
    first, second = confusable_pairs(missed, asked, {frozenset(("entry:a", "entry:b"))})
    assert (first.keys, first.times, first.score, first.named) == (("entry:a", "entry:b"), 2, 0.5, True)
    assert [miss.text for miss in first.examples] == ["y", "x"]
    assert (second.keys, second.named) == (("entry:a", "entry:c"), False)


def test_json_has_pairs_and_phrasings(files: DataFiles) -> None:
    """What a script reads has the same."""
    found = findings(files)
    rows = found.as_json()
    assert rows["asked"] == {"ja": 12}
    assert len(rows["unreachable"]) == len(found.unreachable)
    assert sum(pair["times"] for pair in rows["confusable"]) == len(found.unreachable)
