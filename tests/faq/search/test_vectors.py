"""Vectors in eight bits: what they are multiplied to is what the whole numbers would have given, nearly."""

import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from faq.search.vectors import TextVectors


@pytest.fixture(scope="module")
def vectors() -> NDArray[np.float32]:
    """Vectors of length 1 in every direction, and one of length 0."""
    found = np.random.default_rng(5).normal(size=(3_000, 128)).astype(np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    found[17] = 0.0
    return found


def one(vectors: NDArray[np.float32], row: int) -> TextVectors:
    """Return one of the vectors, as a question."""
    return TextVectors.of(vectors[row : row + 1])


def test_products_are_right_to_a_hundredth(vectors: NDArray[np.float32]) -> None:
    """Rounded or not, the likeness of a question to each text is the same but for .005 at most and .001 as a rule."""
    wrong = TextVectors.of(vectors).products(one(vectors, 3)) - vectors @ vectors[3]

    assert np.abs(wrong).max() < 0.005
    assert wrong.std() < 0.001
    assert np.abs(TextVectors.of(vectors).floats() - vectors).max() < 0.003
    assert TextVectors.of(vectors).products(one(vectors, 3))[3] == pytest.approx(1.0, abs=1e-5)


def test_only_the_parts_asked_for_are_looked_at(vectors: NDArray[np.float32]) -> None:
    """They come one behind another, as in the whole."""
    rounded, parts = TextVectors.of(vectors), np.array([[2, 5], [1_000, 1_200]])
    found, whole = rounded.products(one(vectors, 3), parts), rounded.products(one(vectors, 3))

    assert np.array_equal(found, np.concatenate([whole[2:5], whole[1_000:1_200]]))
    assert len(rounded.products(one(vectors, 3), parts[:0])) == 0


def test_nothing_is_like_nothing(vectors: NDArray[np.float32]) -> None:
    """A vector of length 0, on either side, gives 0, and an index without texts an empty answer."""
    assert TextVectors.of(vectors).products(one(vectors, 3))[17] == 0.0
    assert not TextVectors.of(vectors).products(one(vectors, 17)).any()
    assert len(TextVectors.of(vectors[:0]).products(one(vectors, 3))) == 0


def test_asking_for_years_wears_nothing_out(vectors: NDArray[np.float32]) -> None:
    """The interpreter's own None is not used up with the questions (it was, by the library's way to write into a given array)."""
    rounded, before = TextVectors.of(vectors[:10]), sys.getrefcount(None)
    for _ in range(2_000):
        rounded.products(one(vectors, 3))

    assert sys.getrefcount(None) > before - 1_000
