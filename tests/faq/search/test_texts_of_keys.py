"""The best and the sum of the texts of each key, whichever way is quicker."""

import numpy as np
import pytest

from faq.search.texts_of_keys import TextsOfKeys


@pytest.mark.parametrize("counts", [[1, 1, 1], [3, 1, 2, 5], [40, 1, 60], [7], []], ids=str)
def test_each_key_gets_its_own_texts(counts: list[int]) -> None:
    """With few texts to a key and with many, each is compared with its own alone."""
    keys = np.repeat(np.arange(len(counts)), counts)
    scores = np.random.default_rng(2).normal(size=len(keys)).astype(np.float32)
    texts = TextsOfKeys(keys)

    own = [scores[keys == key] for key in range(len(counts))]
    assert texts.best(scores).tolist() == [found.max() for found in own]
    assert texts.total(scores) == pytest.approx(np.array([found.sum() for found in own]), abs=1e-5)
