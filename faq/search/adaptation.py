"""Moves token vectors of the shipped model towards a city's labelled questions, in seconds and without torch."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from faq.search.encoder import StaticEncoder, Vectors

# Chosen by five-fold cross-validation on a real city's labels (docs/search.md §8): half or twice of each found as much.
STEPS, BATCH, RATE, SCALE, DROPPED = 100, 256, 2.0, 12.0, 0.1
Numbers = NDArray[np.int64]
Step = Callable[[int, int], None]


@dataclass(frozen=True)
class Lesson:
    """Two texts that should mean the same, and the key they are about: those of one key are not held apart."""

    asked: str
    told: str
    key: str


@dataclass(frozen=True)
class Adaptation:
    """What was learned: `tokens` (t,), ascending, are numbers of pieces, `changes` (t, dim) are added to their vectors."""

    tokens: NDArray[np.int32]
    changes: Vectors


@dataclass(frozen=True)
class AdaptedEncoder:
    """A static model with what a city's labels changed in it."""

    whole: StaticEncoder
    adaptation: Adaptation
    _places: NDArray[np.int32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = np.full(self.whole.pieces, -1, dtype=np.int32)
        places[self.adaptation.tokens] = np.arange(len(self.adaptation.tokens))
        object.__setattr__(self, "_places", places)

    @property
    def name(self) -> str:
        """The name of the shipped model with a digest of what was changed."""
        found = hashlib.blake2b(self.adaptation.tokens.tobytes() + self.adaptation.changes.tobytes(), digest_size=8)
        return f"{self.whole.name}+{found.hexdigest()}"

    @property
    def dim(self) -> int:
        """The number of columns of every vector."""
        return self.whole.dim

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (texts, dim) with rows of length 1; a text without any known token gives a zero row."""
        result = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            numbers = self.whole.numbers(text)
            places = self._places[numbers]
            result[row] = self.whole.vectors(numbers).sum(axis=0) + self.adaptation.changes[places[places >= 0]].sum(axis=0)
        result /= np.maximum(np.linalg.norm(result, axis=1, keepdims=True), 1e-9)
        return result


def adapt(encoder: StaticEncoder, lessons: Sequence[Lesson], seed: int = 7, step: Step = lambda _done, _all: None) -> Adaptation:
    """Return what brings the two sides of each lesson together and other keys apart (symmetric InfoNCE, Adagrad).

    The same lessons and seed give the same result on one machine. `step` is told (done, all).
    """
    texts = _Texts.of(encoder, lessons)
    start = encoder.vectors(texts.tokens)
    vectors, seen = start.copy(), np.full(len(start), 1e-6, dtype=np.float32)
    chance = np.random.default_rng(seed)
    for number in range(STEPS):
        batch = chance.permutation(len(lessons))[:BATCH]
        touched, gradient = _gradient(vectors, texts.drawn(batch, chance), texts.keys[batch])
        seen[touched] += (gradient**2).mean(axis=1)
        vectors[touched] -= RATE * (1 - number / STEPS) * gradient / np.sqrt(seen[touched])[:, None]
        step(number + 1, STEPS)
    return Adaptation(np.array(texts.tokens, dtype=np.int32), (vectors - start).astype(np.float32))


@dataclass(frozen=True)
class _Texts:
    """The lessons as places in `tokens` (the pieces they hold, ascending), both sides, and the number of each one's key."""

    tokens: list[int]
    sides: tuple[list[Numbers], list[Numbers]]
    keys: Numbers

    @classmethod
    def of(cls, encoder: StaticEncoder, lessons: Sequence[Lesson]) -> "_Texts":
        cut = [
            [encoder.numbers(text) or [0] for text in texts] for texts in zip(*((x.asked, x.told) for x in lessons), strict=True)
        ]
        tokens = sorted({number for side in cut for numbers in side for number in numbers})
        asked, told = ([np.searchsorted(tokens, numbers) for numbers in side] for side in cut)
        return cls(tokens, (asked, told), np.unique([lesson.key for lesson in lessons], return_inverse=True)[1])

    def drawn(self, batch: Numbers, chance: np.random.Generator) -> tuple[list[Numbers], list[Numbers]]:
        """Return the two sides of a batch with some pieces of each text dropped, never all of them."""
        asked, told = ([_thinned(side[number], chance) for number in batch] for side in self.sides)
        return asked, told


def _thinned(places: Numbers, chance: np.random.Generator) -> Numbers:
    kept = chance.random(len(places)) >= DROPPED
    return places[kept] if kept.any() else places


def _gradient(vectors: Vectors, sides: tuple[list[Numbers], list[Numbers]], keys: Numbers) -> tuple[Numbers, Vectors]:
    """Return which rows of `vectors` the batch touches, ascending, and the gradient of the loss there."""
    (asked, asked_lengths), (told, told_lengths) = (_means(vectors, side) for side in sides)
    scores = np.asarray(SCALE * (asked @ told.T), dtype=np.float32)
    scores[(keys[:, None] == keys) & ~np.eye(len(keys), dtype=np.bool_)] = -np.inf
    slope = np.asarray((_softmax(scores, 1) + _softmax(scores, 0)) / 2, dtype=np.float32)
    slope[np.diag_indices(len(keys))] -= 1.0
    slope *= np.float32(SCALE / len(keys))
    places_asked, gradients_asked = _spread(sides[0], asked, asked_lengths, slope @ told)
    places_told, gradients_told = _spread(sides[1], told, told_lengths, slope.T @ asked)
    places, gradients = np.concatenate([places_asked, places_told]), np.concatenate([gradients_asked, gradients_told])
    touched, inverse = np.unique(places, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    return touched, np.add.reduceat(gradients[order], np.searchsorted(inverse[order], np.arange(len(touched))), axis=0)


def _means(vectors: Vectors, side: Sequence[Numbers]) -> tuple[Vectors, Vectors]:
    """Return the mean vector of each text, of length 1, and the lengths before."""
    means = np.stack([vectors[places].mean(axis=0) for places in side])
    lengths = np.linalg.norm(means, axis=1, keepdims=True) + 1e-9
    return means / lengths, lengths


def _softmax(scores: Vectors, axis: int) -> Vectors:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    shares: Vectors = powers / powers.sum(axis=axis, keepdims=True)
    return shares


def _spread(side: Sequence[Numbers], means: Vectors, lengths: Vectors, slope: Vectors) -> tuple[Numbers, Vectors]:
    """Return the places of all pieces of a side, and the gradient that each gets from the mean of its text."""
    counts = np.array([len(places) for places in side])
    inner = (slope - means * (slope * means).sum(axis=1, keepdims=True)) / lengths
    return np.concatenate(list(side)), np.repeat(inner / counts[:, None], counts, axis=0)
