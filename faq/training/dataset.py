"""The prepared training set: every text once as tokens, every bucket as rows of text numbers, stored as plain arrays."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from faq.training.config import Progress
from faq.training.pairs import Bucket, PairStore
from faq.training.vocabulary import encode_all

Ints = NDArray[np.int64]
BUCKET_EXPONENT = 0.6
JAPANESE_FACTOR = 1.6
LEXICAL_FACTOR = 0.7


@dataclass(frozen=True)
class Dataset:
    """`tokens` (all tokens,) int32; `starts` (texts + 1,); per bucket rows (n, 3): text number, text number, group (-1 none)."""

    tokens: NDArray[np.int32]
    starts: Ints
    buckets: dict[Bucket, Ints]

    def save(self, folder: Path) -> None:
        """Writes the arrays and the bucket names into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        rows = {str(index): rows.astype(np.int32) for index, rows in enumerate(self.buckets.values())}
        arrays: dict[str, Any] = {"tokens": self.tokens, "starts": self.starts, **rows}
        np.savez(folder / "dataset.npz", **arrays)
        (folder / "buckets.json").write_text(json.dumps(list(self.buckets)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Dataset":
        """Reads what `save` wrote."""
        names = [Bucket(*name) for name in json.loads((folder / "buckets.json").read_text(encoding="utf-8"))]
        with np.load(folder / "dataset.npz") as arrays:
            buckets = {name: arrays[str(index)].astype(np.int64) for index, name in enumerate(names)}
            return cls(arrays["tokens"], arrays["starts"], buckets)


def prepare(store: PairStore, tokenizer: Tokenizer, progress: Progress) -> Dataset:
    """Numbers the texts of all pairs, cuts them into tokens once, and drops pairs with a side that has no token."""
    numbers: dict[str, int] = {}
    groups: dict[str, int] = {"": -1}
    buckets: dict[Bucket, Ints] = {}
    for bucket, pairs in store.buckets.items():
        rows = [(numbers.setdefault(pair.text_a, len(numbers)), numbers.setdefault(pair.text_b, len(numbers)),
                 groups.setdefault(pair.group, len(groups))) for pair in pairs]
        buckets[bucket] = np.array(rows, dtype=np.int64)
    tokens, starts = encode_all(tokenizer, list(numbers), progress)
    empty = np.diff(starts) == 0
    kept = {bucket: rows[~(empty[rows[:, 0]] | empty[rows[:, 1]])] for bucket, rows in buckets.items()}
    return Dataset(tokens, starts, {bucket: rows for bucket, rows in kept.items() if len(rows) > 1})


def bucket_shares(buckets: dict[Bucket, Ints], own_share: float) -> NDArray[np.float64]:
    """How often each bucket is drawn, summing to 1: size^0.6, more for Japanese, less for words; own content fixed together."""
    weights = np.array([len(rows) ** BUCKET_EXPONENT * (JAPANESE_FACTOR if "ja" in bucket[1:] else 1.0)
                        * (LEXICAL_FACTOR if bucket.kind == "lexical" else 1.0) for bucket, rows in buckets.items()])
    own = np.array([bucket.kind.startswith("own") for bucket in buckets])
    if own.any() and not own.all():
        weights[own] *= own_share / weights[own].sum()
        weights[~own] *= (1 - own_share) / weights[~own].sum()
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def batches(dataset: Dataset, size: int, own_share: float, seed: int, first: int) -> Iterator[Ints]:
    """Endless batches, each from one bucket so that negatives share its languages; batch number `first` comes first.

    Every batch depends on the seed and its number alone, so a resumed run sees the batches it would have seen.
    """
    rows = list(dataset.buckets.values())
    shares = bucket_shares(dataset.buckets, own_share)
    number = first
    while True:
        rng = np.random.default_rng((seed, number))
        chosen = rows[int(rng.choice(len(rows), p=shares))]
        yield chosen[rng.integers(0, len(chosen), size)] if len(chosen) > 4 * size else _sampled(chosen, size, rng)
        number += 1


def _sampled(rows: Ints, size: int, rng: np.random.Generator) -> Ints:
    sample: Ints = rows[rng.permutation(len(rows))[:size]]
    return sample


def gather(dataset: Dataset, texts: Ints, dropout: float, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Token ids of the texts end to end and where each starts, with tokens dropped at random but never all of a text."""
    starts, lengths = dataset.starts[texts], dataset.starts[texts + 1] - dataset.starts[texts]
    ends = np.cumsum(lengths)
    position = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
    ids = dataset.tokens[np.repeat(starts, lengths) + position].astype(np.int64)
    kept = rng.random(len(ids)) >= dropout
    kept[(ends - lengths) + (rng.random(len(lengths)) * lengths).astype(np.int64)] = True
    owner = np.repeat(np.arange(len(texts)), lengths)[kept]
    return ids[kept], np.searchsorted(owner, np.arange(len(texts)))
