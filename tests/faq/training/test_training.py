"""The trainer makes a small but real model from a handful of pairs, and the product reads it without torch."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from faq.search.encoder import StaticEncoder
from faq.training import Silent, TrainingConfig, TrainingError, train_model
from faq.training.sources import SOURCES, shipping

pytest.importorskip("torch", reason="training needs the [models] extra: pip install 'madoguchi[models]'")

WORDS = {"転入届": "moving in", "転出届": "moving out", "住民票": "residence certificate", "国民年金": "national pension",
         "粗大ごみ": "bulky waste", "保育園": "nursery school", "市営住宅": "city housing", "図書館": "library"}
ENTRY = """language: {language}
state: original
entries:
  moving-in:
    question: {question}
    answer: {answer}
    phrasings: [{phrasing}]
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingConfig:
    """A tiny world: one public source, one glossary, one entry in two languages."""
    monkeypatch.setattr("faq.training.gathering.shipping", lambda: (SOURCES[0],))
    _write_public(tmp_path / "data" / SOURCES[0].file)
    _write_glossary(tmp_path / "nlu_data" / "glossary" / "words.csv")
    for language, texts in {"ja": ("転入届はどこですか", "市役所です", "引っ越してきた"),
                            "en": ("Where do I register?", "At city hall.", "I moved here")}.items():
        path = tmp_path / "faq" / "nationwide" / language / "moving.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(ENTRY.format(language=language, question=texts[0], answer=texts[1], phrasing=texts[2]), encoding="utf-8")
    return TrainingConfig(data=tmp_path / "data", out=tmp_path / "model", work=tmp_path / "work", content=tmp_path / "faq",
                          nlu_data=tmp_path / "nlu_data", vocabulary=400, dim=24, steps=120, batch=64, checkpoint_every=60)


def test_a_trained_model_finds_the_translation_of_a_term(config: TrainingConfig) -> None:
    """After a few steps a Japanese term is nearest to its own English name."""
    report = train_model(config, Silent())

    encoder = StaticEncoder(report.path)
    scores = encoder.encode(list(WORDS)) @ encoder.encode(list(WORDS.values())).T
    assert scores.argmax(axis=1).tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert report.dim == encoder.dim == 24


def test_the_same_seed_makes_the_same_model(config: TrainingConfig, tmp_path: Path) -> None:
    """Two runs with one seed write identical weights."""
    first = train_model(config, Silent()).path / "0_StaticEmbedding" / "model.safetensors"
    before = first.read_bytes()

    train_model(config, Silent())

    assert first.read_bytes() == before


def test_an_interrupted_run_continues_from_its_checkpoint(config: TrainingConfig) -> None:
    """A resumed run learns only the steps that are missing, from the arrays that were prepared."""
    train_model(config, Silent())
    seen = Counted()

    from dataclasses import replace

    train_model(replace(config, resume=True), seen)

    assert seen.phases == ["learn token vectors"]


def test_missing_data_say_where_they_belong(config: TrainingConfig) -> None:
    """A data folder without the public files is a clear error."""
    (config.data / SOURCES[0].file).unlink()

    with pytest.raises(TrainingError, match=r"docs/model\.md"):
        train_model(config, Silent())


def test_the_card_names_every_source_and_its_licence(config: TrainingConfig) -> None:
    """The model card credits what was used and repeats the command."""
    (config.out).mkdir()
    (config.out / "figures.json").write_text(json.dumps({"jsts": 75.0}), encoding="utf-8")

    card = (train_model(config, Silent()).path / "README.md").read_text(encoding="utf-8")

    assert f"| {SOURCES[0].file} |" in card
    assert SOURCES[0].licence in card
    assert "madoguchi train model" in card
    assert "| jsts | 75.0 |" in card


def test_no_source_that_may_not_ship_is_read() -> None:
    """Measuring sets, non-commercial and GPL texts stay out of every shipped model."""
    files = " ".join(source.file for source in shipping())

    assert not [name for name in ("localgovfaq", "bsd/", "osm_website", "tatoeba_laser", "covid_faq") if name in files]
    assert all("NC" not in source.licence and "GPL" not in source.licence for source in shipping())


class Counted(Silent):
    """Remembers the phases it was told about."""

    def __init__(self) -> None:
        self.phases: list[str] = []

    def start(self, phase: str, total: int) -> None:
        self.phases.append(phase)


def _write_public(path: Path) -> None:
    path.parent.mkdir(parents=True)
    rng = np.random.default_rng(0)
    rows = ["lang_a\ttext_a\tlang_b\ttext_b"]
    for _ in range(400):
        ja, en = zip(*(list(WORDS.items())[i] for i in rng.choice(len(WORDS), 2, replace=False)), strict=True)
        rows.append(f"en\t{en[0]} and {en[1]}\tja\t{ja[0]}と{ja[1]}")
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write("\n".join(rows) + "\n")


def _write_glossary(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["ja", "reading", "en", "vi"])
        writer.writerows([ja, ja, en, f"từ {en}"] for ja, en in WORDS.items())
