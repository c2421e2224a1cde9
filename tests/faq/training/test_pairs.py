"""Pairs are read from the public files, from entries and from the glossary, and doubtful ones are dropped."""

from pathlib import Path

import numpy as np
import pytest

from faq.training.content import Told, add_titles, answer_pairs, entry_pairs, is_held_out, outside_pairs, utterance_pairs
from faq.training.dataset import Dataset, batches, gather
from faq.training.glossary import read_frames
from faq.training.pairs import Bucket, Pair, PairStore
from faq.training.variants import mistyped, romaji, variant_pairs


def test_pairs_are_sorted_into_language_buckets_once() -> None:
    """The same pair in either order counts once, under languages in alphabetical order."""
    store = PairStore()

    pairs = [Pair("ja", "水道", "en", "water"), Pair("en", "Water", "ja", "水道"), Pair("en", "same", "es", "Same")]
    store.add(pairs, "lexical", "x")

    assert store.buckets == {Bucket("lexical", "en", "ja"): [Pair("en", "water", "ja", "水道")]}
    assert store.counts == {"x": 1}


def test_texts_that_figures_are_measured_on_are_never_trained_on() -> None:
    """A forbidden text drops its pair whatever its case."""
    store = PairStore(frozenset({"hello"}))

    store.add([Pair("en", "Hello", "ja", "こんにちは")], "sentence", "x")

    assert store.buckets == {}


def test_a_held_out_entry_gives_no_pair() -> None:
    """Entries kept for measuring appear neither as questions nor as answers."""
    entries = {f"entry-{n}": {"ja": Told(f"質問{n}", f"これは答えです{n}", [f"言い方{n}"])} for n in range(30)}
    held = {entry for entry in entries if is_held_out(entry, 3)}

    pairs = [*entry_pairs(entries, 3, np.random.default_rng(0)), *answer_pairs(entries, 3)]

    assert held
    assert not held & {pair.group for pair in pairs}


def test_accents_are_dropped_as_phones_drop_them() -> None:
    """Vietnamese is also learned as it is typed without marks."""
    entries = {"card": {"vi": Told("Tôi mất thẻ", "…"), "ja": Told("カードをなくした", "…")}}

    texts = {pair.text_a for pair in entry_pairs(entries, 0, np.random.default_rng(0))}

    assert "Toi mat the" in texts


def test_titles_fill_in_only_what_is_not_translated_yet() -> None:
    """A title stands in for a missing translation and never replaces one."""
    ja = Told("住民票の除票とは", "…")
    entries = {"juminhyo-removed": {"ja": ja, "es": Told("ya traducido", "…")}}

    add_titles(entries)

    assert entries["juminhyo-removed"]["es"].question == "ya traducido"
    assert entries["juminhyo-removed"]["ko"].question


def test_utterances_of_one_intent_mean_the_same(tmp_path: Path) -> None:
    """Ways of saying an intent are paired across languages, never across intents."""
    for language, greeting, thanks in (("ja", "こんにちは", "ありがとう"), ("en", "hello", "thanks")):
        (tmp_path / language).mkdir()
        (tmp_path / language / "utterances.yaml").write_text(f"greeting: [{greeting}]\nthanks: [{thanks}]\n", encoding="utf-8")

    pairs = {(pair.text_a, pair.text_b) for pair in utterance_pairs(tmp_path, np.random.default_rng(0))}

    assert ("hello", "こんにちは") in pairs
    assert ("hello", "ありがとう") not in pairs


def test_texts_out_of_scope_stand_beside_entries_in_every_language_they_meet(tmp_path: Path) -> None:
    """Each is paired with itself as a text of its own language, of Japanese and of English; those held out are not."""
    (tmp_path / "vi").mkdir()
    (tmp_path / "vi" / "out_of_scope.yaml").write_text('- "hộ chiếu"\n- "xem phim gì hay"\n', encoding="utf-8")
    store = PairStore()

    store.add(outside_pairs(tmp_path, 0), "own", "outside", alone=True)

    assert {(bucket.lang_a, bucket.lang_b) for bucket in store.buckets} == {("vi", "vi"), ("ja", "vi"), ("en", "vi")}
    assert all(len(pairs) == 2 for pairs in store.buckets.values())
    assert {pair.text_a for pair in outside_pairs(tmp_path, 1)} == set()


@pytest.mark.parametrize(("kana", "letters"), [("じゅうみんひょう", "juuminhyou"), ("きっぷ", "kippu"), ("ごみ", "gomi"),
                                               ("カード", "kado"), ("しゃしん", "shashin"), ("PDF", "PDF")])
def test_kana_become_the_letters_people_type(kana: str, letters: str) -> None:
    """Romaji is Hepburn without long-vowel marks."""
    assert romaji(kana) == letters


def test_a_slip_changes_a_text_by_one_step() -> None:
    """A mistyped text differs and keeps its length within one."""
    rng = np.random.default_rng(1)

    slips = {mistyped("住民票がほしい", rng) for _ in range(20)}

    assert all(abs(len(slip) - 7) <= 1 for slip in slips)
    assert len(slips) > 3


def test_japanese_variants_keep_their_text_on_one_side() -> None:
    """Every variant is paired with the text it was made from."""
    pairs = list(variant_pairs(["住民票をとりたい"] * 12, np.random.default_rng(0), "g"))

    assert {"住民票をとりたい"} == {pair.text_a for pair in pairs}
    assert "じゅうみんひょうをとりたい" in {pair.text_b for pair in pairs}


def test_every_frame_has_a_place_for_the_term_in_every_language() -> None:
    """The frame table is complete: eleven languages, each pattern with one blank."""
    for frame, languages in read_frames().items():
        assert len(languages) == 11, frame
        assert all(pattern.count("{}") == 1 for patterns in languages.values() for pattern in patterns)


def test_batches_come_again_from_the_same_seed_and_number() -> None:
    """A resumed run sees the batches that it would have seen."""
    rows = np.arange(60).reshape(20, 3)
    dataset = Dataset(np.zeros(1, np.int32), np.zeros(1, np.int64), {Bucket("sentence", "en", "ja"): rows,
                                                                    Bucket("own", "ja", "ja"): rows})

    straight = [next(batches(dataset, 8, 0.3, 5, number)).tolist() for number in range(4)]
    resumed = batches(dataset, 8, 0.3, 5, 0)

    assert straight == [next(resumed).tolist() for _ in range(4)]


def test_no_text_loses_all_its_tokens() -> None:
    """Even with every token marked for dropping, one per text stays."""
    dataset = Dataset(np.arange(10, dtype=np.int32), np.array([0, 4, 5, 10]), {})

    ids, starts = gather(dataset, np.array([0, 1, 2]), 1.0, np.random.default_rng(0))

    assert len(ids) == 3
    assert starts.tolist() == [0, 1, 2]
