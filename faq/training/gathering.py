"""Brings all training pairs together: public sources, our entries, the lexicon, the glossary, and ways of typing them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from faq.training.config import Progress, TrainingConfig
from faq.training.content import (
    add_titles,
    answer_pairs,
    entry_pairs,
    lexicon_pairs,
    outside_pairs,
    read_entries,
    utterance_pairs,
    without_phrasings,
)
from faq.training.glossary import GLOSSARY_COLUMNS, LEXICON_COLUMNS, framed_pairs, read_frames
from faq.training.pairs import Bucket, Pair, PairStore, measured_texts, read_source
from faq.training.sources import shipping
from faq.training.variants import romaji, variant_pairs

FRAMED_COPIES = 3
PUBLIC_VARIANTS = 60_000


def gather_pairs(config: TrainingConfig, progress: Progress) -> PairStore:
    """All pairs of a run, de-duplicated and without the texts that figures are measured on."""
    store = PairStore(measured_texts(config.data))
    rng = np.random.default_rng(config.seed)
    _add_own(store, config, rng)
    sources = shipping()
    progress.start("read public data", len(sources))
    for source in sources:
        store.add(read_source(source, config.data), source.kind, source.file)
        progress.advance(1, source.file)
    progress.finish()
    store.add(variant_pairs(_sample(store, rng), rng), "sentence", "Japanese ways of typing")
    readings = store.buckets.get(Bucket("lexical", "ja", "ja"), [])
    store.add([Pair("ja", p.text_a, "ja", romaji(p.text_b)) for p in readings if len(p.text_b) > 3][::3], "lexical", "romaji")
    return store


def _add_own(store: PairStore, config: TrainingConfig, rng: np.random.Generator) -> None:
    entries = without_phrasings(read_entries(config.content), config.hold_out_phrasings)
    add_titles(entries)
    store.add(utterance_pairs(config.nlu_data, rng), "own", "own utterances")
    store.add(outside_pairs(config.nlu_data, config.hold_out_phrasings), "own", "own texts out of scope", alone=True)
    store.add(entry_pairs(entries, config.hold_out, rng), "own", "own entries")
    store.add(answer_pairs(entries, config.hold_out), "own-answer", "own answers")
    asked = [Pair("ja", p.text_a, "ja", p.text_b, p.group) for p in store.buckets.get(Bucket("own", "ja", "ja"), [])]
    for pair in asked:
        store.add((v._replace(group=pair.group) for v in variant_pairs([pair.text_a], rng)), "own", "own ways of typing")
    glossary = sorted((config.nlu_data / "glossary").glob("*.csv"))
    lexicon = sorted((config.content / "nationwide" / "garbage").glob("*.csv"))
    _add_words(store, glossary, lexicon, rng)


def _add_words(store: PairStore, glossary: list[Path], lexicon: list[Path], rng: np.random.Generator) -> None:
    store.add(lexicon_pairs(lexicon, LEXICON_COLUMNS), "own-word", "garbage lexicon")
    store.add(lexicon_pairs(glossary, GLOSSARY_COLUMNS), "own-word", "glossary")
    if glossary:
        store.add(framed_pairs(glossary, read_frames(), FRAMED_COPIES, rng), "own-framed", "glossary in questions")


def _sample(store: PairStore, rng: np.random.Generator) -> Iterable[str]:
    pairs = store.buckets.get(Bucket("sentence", "en", "ja"), [])
    chosen = rng.permutation(len(pairs))[:PUBLIC_VARIANTS]
    return (pairs[index].text_b for index in chosen)
