"""A city learns from its labelled questions, without ever getting worse, and can take it back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.city_tuning import labels_of, tune, tuned_release
from bot.messages import BotError
from bot.nlu.vocabulary import load_vocabulary
from bot.service import open_encoder
from bot.settings import Settings
from faq.city_models import ADAPTATION, MANIFEST, CityModels
from faq.errors import ContentError
from faq.evaluation_files import LabelledQuestion
from faq.held_out import HeldOut
from faq.languages import Languages, load_languages
from faq.loader import load_knowledge
from faq.metrics import ranking_figures
from faq.release import Shelf, build_shelf
from faq.search.adaptation import Adaptation
from faq.search.decision import DECISION_FEATURES
from faq.search.index import FEATURES
from faq.search.ranker import Ranker, load_rankers
from faq.search.tuning import Corpus, cross_validated, find_in, judged
from faq.search.units import Unit

WORDS = ("住民票", "ごみ袋", "図書館", "保育園", "水道料金", "固定資産税", "印鑑登録", "母子手帳", "市民プール", "粗大ごみ")
NICKNAMES = ("あお", "きいろ", "みどり", "むらさき", "だいだい", "はいいろ", "ももいろ", "こげちゃ", "ぐんじょう", "あさぎ")
NOTHING = HeldOut((), (), ())
PROTECTED = HeldOut(tuple(LabelledQuestion(word, word, "ja", {f"entry:{n}": 1.0}) for n, word in enumerate(WORDS)), (), ())
# Each entry is called by the name of the one before.
HARMFUL = [
    LabelledQuestion(f"{n}-{t}", f"{word}について{'ね' * t}", "ja", {f"entry:{(n + 1) % 10}": 1.0})
    for n, word in enumerate(WORDS)
    for t in range(3)
]


@pytest.fixture(scope="module")
def languages(settings: Settings) -> Languages:
    """The languages of the repository."""
    return load_languages(settings.files)


@pytest.fixture(scope="module")
def corpus(settings: Settings, languages: Languages) -> Corpus:
    """Ten entries that are searched by words, and one text that nothing answers."""
    units = [Unit(f"entry:{n}", "ja", "asked", f"{word}について") for n, word in enumerate(WORDS)]
    ranker = load_rankers(settings.nlu_data_dir / "ranker.json")["words"]
    return Corpus([*units, Unit("intent:outside", "ja", "asked", "今日の天気")], languages, None, ranker)


def labelled(times: int) -> list[LabelledQuestion]:
    """Questions by a nickname that no entry holds, asked in several ways."""
    return [
        LabelledQuestion(f"{n}-{t}", f"{name}の紙がほしい{'です' * t}", "ja", {f"entry:{n}": 1.0})
        for n, name in enumerate(NICKNAMES)
        for t in range(times)
    ]


def test_a_labelled_question_is_found_like_a_phrasing(corpus: Corpus, languages: Languages) -> None:
    """Words that no entry holds find nothing before, and their entry after."""
    question, labels = LabelledQuestion("q", "ぐんじょうの紙", "ja"), labelled(1)
    before, after = (find_in(corpus.finder(known), languages, question) for known in ((), labels))
    assert after[0].key == "entry:8"
    assert after[0].probability > max((hit.probability for hit in before), default=0.0)


def test_a_label_without_entries_teaches_to_decline(corpus: Corpus, languages: Languages) -> None:
    """A question that nothing answers lowers the probability of what sounds alike."""
    question = LabelledQuestion("q", "図書館のコーヒー", "ja")
    before, after = (find_in(corpus.finder(known), languages, question)[0].probability for known in ((), [question]))
    assert after < before


def test_no_label_is_judged_by_itself(corpus: Corpus, languages: Languages) -> None:
    """Cross-validation of labels that share nothing finds what was found without any."""
    labels = [LabelledQuestion(name, name, "ja", {f"entry:{n}": 1.0}) for n, name in enumerate(NICKNAMES[:5])]
    plain = [[hit.key for hit in find_in(corpus.finder(), languages, label)] for label in labels]
    learned = cross_validated(corpus, labels)
    assert [keys[:1] == [key] for keys, key in zip(plain, ["entry:0"] * 5, strict=True)] == [
        [hit.key for hit in hits][:1] == ["entry:0"] for hits in learned
    ]
    assert all(not hits or hits[0].probability < 0.5 for hits in learned)


def test_what_helps_passes_the_gate(corpus: Corpus) -> None:
    """Nicknames asked three times are found from the other times, and the manifest says by how much."""
    tuned = tune(corpus, labelled(3), NOTHING, 0.9, lambda _what, _done, _all: None)
    assert not tuned.refusals
    assert tuned.figures["labels"]["after"]["success@1"] > tuned.figures["labels"]["before"]["success@1"]


def test_the_model_learns_where_it_helps(corpus: Corpus, settings: Settings) -> None:
    """With the shipped model both ways are tried; the figures kept are never worse than those of the other way."""
    ranker = load_rankers(settings.nlu_data_dir / "ranker.json")["meaning"]
    meaning = replace(corpus, encoder=open_encoder(settings), ranker=ranker)
    tried: list[str] = []
    tuned = tune(meaning, labelled(3), NOTHING, 0.9, lambda what, _done, _all: tried.append(what))
    assert not tuned.refusals
    assert {"labels of other parts", "the same, without the embedding model"} <= set(tried)
    texts = cross_validated(meaning, labelled(3), adapting=False)
    found = ranking_figures(judged(labelled(3), texts))["ndcg@10"]
    assert tuned.figures["labels"]["after"]["ndcg@10"] >= found
    refused = tune(meaning, HARMFUL, PROTECTED, 0.9, lambda _what, _done, _all: None)
    assert refused.refusals


def test_what_harms_protected_questions_is_refused(corpus: Corpus) -> None:
    """Labels that give entries each other's names are good for themselves, and worse for everybody else."""
    assert any("protected" in refusal for refusal in tune(corpus, HARMFUL, PROTECTED, 0.9, lambda _w, _d, _a: None).refusals)


def test_too_few_labels_are_refused(corpus: Corpus) -> None:
    """Nothing can be measured on five questions; the error says how many are needed."""
    with pytest.raises(BotError, match="There are 5 labelled questions"):
        tune(corpus, labelled(1)[:5], NOTHING, 0.9, lambda _w, _d, _a: None)


@pytest.fixture
def models(tmp_path: Path) -> CityModels:
    """An empty folder of models."""
    return CityModels(tmp_path, "hoshimi")


RANKER = Ranker((1.0,) * len(FEATURES), (0.0, 0.0, 0.0), decision=(0.5,) * len(DECISION_FEATURES))
LEARNED = Adaptation(np.array([3, 5], dtype=np.int32), np.ones((2, 384), dtype=np.float32))


def test_models_are_numbered_and_can_be_taken_back(models: CityModels, languages: Languages) -> None:
    """Each model is kept; going back twice leaves what was shipped."""
    assert [models.add(labelled(1), RANKER, {}), models.add(labelled(2), RANKER, {})] == [1, 2]
    found = models.load(languages)
    assert found is not None
    assert (found.number, found.labels, found.ranker) == (2, labelled(2), RANKER)
    assert [models.revert(), models.revert(), models.load(languages)] == [1, None, None]
    assert models.numbers() == [1, 2]


def test_what_changed_in_the_model_is_kept_with_it(models: CityModels, languages: Languages) -> None:
    """It is read back as it was, belongs to the digest, and a damaged file says what to do."""
    models.add(labelled(1), RANKER, {})
    plain = models.load(languages)
    models.add(labelled(1), RANKER, {}, LEARNED)
    found = models.load(languages)
    assert plain is not None
    assert found is not None
    assert found.adaptation is not None
    assert plain.adaptation is None
    assert plain.digest != found.digest
    np.testing.assert_array_equal(found.adaptation.changes, LEARNED.changes)
    (models.folder / "hoshimi" / "2" / ADAPTATION).write_bytes(b"nothing")
    with pytest.raises(ContentError, match=r"adaptation\.safetensors.*train anew"):
        models.load(languages)


def test_an_interrupted_run_leaves_nothing_half_made(models: CityModels) -> None:
    """A folder that was never finished is no model, and the next run sweeps it away."""
    half = models.folder / "hoshimi" / ".half-1"
    half.mkdir(parents=True)
    assert (models.numbers(), models.current()) == ([], None)
    models.add(labelled(1), RANKER, {})
    assert not half.exists()


def test_a_broken_model_says_what_to_do(models: CityModels, languages: Languages) -> None:
    """The error names the file and the way back."""
    models.add(labelled(1), RANKER, {})
    (models.folder / "hoshimi" / "1" / MANIFEST).write_text("{", encoding="utf-8")
    with pytest.raises(ContentError, match=r"manifest\.json.*--revert"):
        models.load(languages)


@pytest.fixture(scope="module")
def shelf(settings: Settings) -> Shelf:
    """The shelf of all real content."""
    knowledge = load_knowledge(settings.files)
    utterances = load_vocabulary(settings.files, knowledge.languages).utterances
    return build_shelf(knowledge, utterances, open_encoder(settings), settings.var_dir / "index")


def test_a_city_serves_what_it_learned_and_others_do_not(
    settings: Settings, shelf: Shelf, models: CityModels, languages: Languages
) -> None:
    """A nickname for a certificate finds it in the city that labelled it, and not in the next city."""
    rankers = load_rankers(settings.nlu_data_dir / "ranker.json")
    vocabulary = load_vocabulary(settings.files, languages)
    cities = {city: shelf.release(city, "r1", rankers, vocabulary.asking) for city in ("hoshimi", "anjo")}
    question = LabelledQuestion("1", "ほしぴょん券ください", "ja", {"juminhyo-copy": 1.0})
    labels = labels_of(cities["hoshimi"], [question], Path("labels.jsonl"))
    models.add(labels, cities["hoshimi"].finder.ranker, {})
    model = models.load(languages)
    learned = tuned_release(cities["hoshimi"], shelf, vocabulary.utterances, model, settings.var_dir / "index")
    asked = replace(question, text="ほしぴょん券")
    found = {name: find_in(release.finder, languages, asked)[0].key for name, release in {**cities, "hoshimi": learned}.items()}
    assert found["hoshimi"] == "entry:juminhyo-copy"
    assert found["anjo"] != "entry:juminhyo-copy"


def test_what_was_taught_to_another_model_is_left_out(
    settings: Settings, shelf: Shelf, models: CityModels, languages: Languages, caplog: pytest.LogCaptureFixture
) -> None:
    """After a new shipped model the labels serve as texts, and the log says to train again."""
    rankers, vocabulary = load_rankers(settings.nlu_data_dir / "ranker.json"), load_vocabulary(settings.files, languages)
    release = shelf.release("hoshimi", "r1", rankers, vocabulary.asking)
    models.add([], release.finder.ranker, {"encoder": "static:older:0"}, LEARNED)
    found = tuned_release(release, shelf, vocabulary.utterances, models.load(languages), settings.var_dir / "index")
    assert "train again: madoguchi train city hoshimi" in caplog.text
    assert found.finder.index.encoder is not None
    assert "+" not in found.finder.index.encoder.name


def test_labels_for_entries_that_are_not_there_are_refused(settings: Settings, shelf: Shelf) -> None:
    """The error names the line and the id."""
    rankers = load_rankers(settings.nlu_data_dir / "ranker.json")
    release = shelf.release("hoshimi", "r1", rankers, {})
    with pytest.raises(ContentError, match=r"labels\.jsonl:1 .*'no-such-entry'"):
        labels_of(release, [LabelledQuestion("1", "券", "ja", {"no-such-entry": 1.0})], Path("labels.jsonl"))
