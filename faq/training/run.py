"""One training run from data to model directory: gather, cut, learn, reduce, export, write the card."""

import json
import time

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from faq.training.card import write_card
from faq.training.config import ModelReport, Progress, TrainingConfig
from faq.training.dataset import Dataset, prepare
from faq.training.export import export_model
from faq.training.gathering import gather_pairs
from faq.training.loop import learn_vectors
from faq.training.pairs import PairStore
from faq.training.vocabulary import balanced_sample, learn_tokenizer, save_tokenizer

OWN_TEXTS = frozenset({"own", "own-word"})


def train_model(config: TrainingConfig, progress: Progress) -> ModelReport:
    """Trains, exports into `config.out` and returns what was made.

    With `resume`, prepared arrays in `config.work` are used again and learning continues from the last checkpoint.
    Raises `TrainingError` when data or torch are missing.
    """
    started = time.monotonic()
    tokenizer, dataset, counts = _prepared(config, progress)
    vectors = learn_vectors(dataset, tokenizer.get_vocab_size(), config, progress)
    np.save(config.work / "vectors.npy", vectors)
    return finish_model(vectors, tokenizer, dataset, counts, config, time.monotonic() - started)


def finish_model(vectors: NDArray[np.float32], tokenizer: Tokenizer, dataset: Dataset, counts: dict[str, int],
                 config: TrainingConfig, seconds: float) -> ModelReport:
    """Reduces and exports learned vectors and writes the model card."""
    size = export_model(vectors, tokenizer, config.out)
    report = ModelReport(config.out, len(vectors), vectors.shape[1], size, config.steps, seconds, counts)
    write_card(report, config)
    return report


def _prepared(config: TrainingConfig, progress: Progress) -> tuple[Tokenizer, Dataset, dict[str, int]]:
    kept = config.work / "tokenizer.json"
    if config.resume and kept.exists() and (config.work / "counts.json").exists():
        counts = json.loads((config.work / "counts.json").read_text(encoding="utf-8"))
        return Tokenizer.from_file(str(kept)), Dataset.load(config.work), counts
    store = gather_pairs(config, progress)
    tokenizer = _tokenizer(store, config, progress)
    dataset = prepare(store, tokenizer, progress)
    config.work.mkdir(parents=True, exist_ok=True)
    save_tokenizer(tokenizer, kept)
    dataset.save(config.work)
    (config.work / "counts.json").write_text(json.dumps(store.counts, ensure_ascii=False), encoding="utf-8")
    return tokenizer, dataset, store.counts


def _tokenizer(store: PairStore, config: TrainingConfig, progress: Progress) -> Tokenizer:
    texts: dict[str, dict[str, None]] = {}
    own: list[str] = []
    for bucket, pairs in store.buckets.items():
        for pair in pairs:
            texts.setdefault(pair.lang_a, {})[pair.text_a] = None
            texts.setdefault(pair.lang_b, {})[pair.text_b] = None
            own += [pair.text_a, pair.text_b] if bucket.kind in OWN_TEXTS else []
    sample = balanced_sample({language: list(items) for language, items in texts.items()},
                             config.sentences_for_vocabulary, np.random.default_rng(config.seed))
    progress.start("learn the subword vocabulary", 1)
    tokenizer = learn_tokenizer(sample + own, config.vocabulary)
    progress.advance()
    progress.finish()
    return tokenizer
