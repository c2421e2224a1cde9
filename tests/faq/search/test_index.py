"""The index scores by the textbook, keeps what it built, and is not upset by odd text."""

import logging
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from faq.data_files import DataFiles
from faq.languages import Languages, load_languages
from faq.search.analysis import analyse, text_code
from faq.search.exact import exact_texts
from faq.search.index import FEATURES, Index, Question, build_index
from faq.search.index_file import open_index
from faq.search.units import Unit

UNITS = [
    Unit("entry:dog", "en", "asked", "How do I register my dog?"),
    Unit("entry:dog", "en", "asked", "puppy licence"),
    Unit("entry:dog", "en", "answer", "Bring the dog's vaccination paper to the hygiene desk."),
    Unit("entry:tax", "en", "asked", "Where can I pay the city tax?"),
    Unit("entry:tax", "en", "answer", "At any bank, with the paper that we sent."),
    Unit("entry:dog", "ja", "asked", "犬の登録をしたい"),
    Unit("entry:tax", "ja", "asked", "税金はどこで払えますか"),
]


@pytest.fixture(scope="module")
def languages() -> Languages:
    """The languages of the product."""
    return load_languages(DataFiles())


@pytest.fixture(scope="module")
def index(languages: Languages) -> Index:
    """Two entries in two languages, searched by words."""
    return build_index(UNITS, languages, None)


def feature(index: Index, text: str, name: str, group: str = "en") -> dict[str, float]:
    """Return one feature of every key for a question."""
    table = index.features(Question(text, (group,))).table
    return dict(zip(index.keys, table[:, FEATURES.index(name)].tolist(), strict=True))


def test_a_word_counts_as_bm25_says(index: Index) -> None:
    """The share of a question in an asked text is its BM25 score (k1 1.2, b 0.8) over the highest there could be."""
    found = feature(index, "register fish", "words")["entry:dog"]

    documents, length, mean = 3, 2, (2 + 2 + 3) / 3  # "register dog", "puppy licence", "pay city tax"
    idf = math.log(1 + (documents - 1 + 0.5) / 1.5)
    unknown = math.log(1 + (documents + 0.5) / 0.5)
    score = idf * 2.2 / (1 + 1.2 * (1 - 0.8 + 0.8 * length / mean))
    assert found == pytest.approx(score / (2.2 * (idf + unknown)), rel=1e-5)


def test_a_word_of_the_answer_is_found_in_the_whole_entry_only(index: Index) -> None:
    """Answers count for `whole`, never for `words`."""
    assert feature(index, "vaccination", "whole")["entry:dog"] > 0
    assert feature(index, "vaccination", "words")["entry:dog"] == 0


def test_texts_beside_the_best_one_speak_for_their_entry(languages: Languages) -> None:
    """Of two entries whose best text is equally like the question, the one with more such texts is liker as a whole."""
    units = [
        Unit("entry:one", "en", "asked", "my dog"), Unit("entry:many", "en", "asked", "my dog"),
        Unit("entry:many", "en", "asked", "big bad dog"), Unit("entry:other", "en", "asked", "city tax"),
    ]  # fmt: skip
    found = build_index(units, languages, Letters())
    best, crowd = (feature(found, "the dog", name) for name in ("any", "crowd"))
    assert best["entry:one"] == pytest.approx(best["entry:many"], abs=1e-6)
    assert crowd["entry:one"] == pytest.approx(best["entry:one"], abs=1e-5)
    assert crowd["entry:many"] > crowd["entry:one"] + 0.01


class Letters:
    """A model that counts letters: texts of the same letters are alike."""

    name, dim = "letters", 26

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts, shape (texts, 26)."""
        counts = np.array([[text.count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts], dtype=np.float32)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), np.float32(1e-9))


def test_known_words_are_those_that_residents_are_expected_to_ask(index: Index) -> None:
    """A word that only an answer holds is no word of a question."""
    assert index.features(Question("vaccination", ("en",))).known == 0
    assert index.features(Question("puppy", ("en",))).known == 1


def test_a_question_to_the_letter_is_known_by_width_and_case_alone(index: Index) -> None:
    """`exact` looks through width, case and punctuation, and at nothing else."""
    assert feature(index, "ＰＵＰＰＹ　LICENCE!", "exact") == {"entry:dog": 1.0, "entry:tax": 0.0}
    assert feature(index, "puppy licences", "exact")["entry:dog"] == 0


def test_a_text_of_two_keys_finds_both() -> None:
    """Two entries may be asked in the same words."""
    exact = exact_texts([("Help", 3), ("help!", 1), ("tax", 2)])

    assert exact.get("help") == (1, 3)
    assert "help" in exact
    assert "hel" not in exact


@pytest.mark.parametrize("text", ["", "🐕", "\ud83d", "a", "犬", "☃" * 900, "\u0000", "ก", "^$^$", "a" * 9_000])
@pytest.mark.parametrize("group", ["ja", "zh", "ko", "en", "ne"])
def test_no_text_upsets_the_search(index: Index, text: str, group: str) -> None:
    """Empty, emoji, half an emoji, marks of our own, another script, far too long: features between 0 and 1 come back."""
    table = index.features(Question(text, (group if group in index.groups else "en",))).table
    terms = analyse(text, group)

    assert table.shape == (2, len(FEATURES))
    assert table.min() >= 0
    assert table.max() <= 1.00001
    assert terms.words.dtype == terms.grams.dtype == np.uint64


def test_runs_of_letters_do_not_reach_over_words() -> None:
    """`to go` has the runs of `to` and those of `go`."""
    together = {*analyse("cat", "en").grams.tolist(), *analyse("dog", "en").grams.tolist()}

    assert set(analyse("cat dog", "en").grams.tolist()) == together


def test_a_term_has_the_same_number_everywhere() -> None:
    """Numbers lie on disk, so they may not differ between processes or versions."""
    assert text_code("住民票") == 7761142155312879750


def test_a_kept_index_answers_as_the_built_one(tmp_path: Path, languages: Languages, index: Index) -> None:
    """The second start maps the file that the first one wrote, and finds the very same."""
    first = open_index(tmp_path, "entries", UNITS, languages, None)
    again = open_index(tmp_path, "entries", UNITS, languages, None)

    assert len(list(tmp_path.iterdir())) == 1
    for text, group in [("register my dog", "en"), ("犬のとうろく", "ja"), ("zeikin", "en")]:
        wanted = index.features(Question(text, (group,)))
        for kept in (first, again):
            found = kept.features(Question(text, (group,)))
            assert np.array_equal(found.table, wanted.table)
            assert (found.known, found.length) == (wanted.known, wanted.length)


@pytest.mark.parametrize("damage", [b"", b"\xff" * 64, b"\x02\x00\x00\x00\x00\x00\x00\x00{}"])
def test_a_damaged_file_is_built_anew_with_a_warning(
    tmp_path: Path, languages: Languages, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk or a crash while copying costs one slow start, no wrong answer."""
    open_index(tmp_path, "entries", UNITS, languages, None)
    path = next(tmp_path.iterdir())
    path.unlink()
    path.write_bytes(damage)

    with caplog.at_level(logging.WARNING):
        found = open_index(tmp_path, "entries", UNITS, languages, None)

    assert "built anew" in caplog.text
    assert feature(found, "puppy licence", "exact")["entry:dog"] == 1


def test_a_file_cut_short_is_built_anew(tmp_path: Path, languages: Languages, caplog: pytest.LogCaptureFixture) -> None:
    """The table of arrays may be whole while the arrays are not."""
    open_index(tmp_path, "entries", UNITS, languages, None)
    path = next(tmp_path.iterdir())
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[: len(whole) * 2 // 3])

    with caplog.at_level(logging.WARNING):
        open_index(tmp_path, "entries", UNITS, languages, None)

    assert "cut off" in caplog.text
