"""A city's labels move the shipped model's words, repeatably, and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from faq.data_files import DataFiles
from faq.search.adaptation import Adaptation, AdaptedEncoder, Lesson, adapt
from faq.search.encoder import StaticEncoder

LESSONS = [
    Lesson("ほしぴょん券をもらいたい", "住民票の写しの取り方は？", "copy"),
    Lesson("ほしぴょん券ください", "住民票の写しの取り方は？", "copy"),
    Lesson("あおぞらバス", "図書館の本を予約できますか？", "library"), Lesson("もりのカード", "印鑑登録をするには？", "seal"),
    Lesson("きんのたね", "固定資産税の納め方は？", "tax"), Lesson("まちかど便", "粗大ごみの出し方は？", "bulky"),
    Lesson("こもれび帳", "母子健康手帳をもらうには？", "mother"), Lesson("なないろ券", "高齢者のバス乗車証は？", "bus"),
]  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> StaticEncoder:
    """The model of the product."""
    return StaticEncoder(Path(DataFiles().nlu_data) / "model")


@pytest.fixture(scope="module")
def taught(shipped: StaticEncoder) -> AdaptedEncoder:
    """The same, after eight labels."""
    return AdaptedEncoder(shipped, adapt(shipped, LESSONS))


def alike(encoder: StaticEncoder | AdaptedEncoder, one: str, other: str) -> float:
    """Return the cosine of two texts."""
    first, second = encoder.encode([one, other])
    return float(first @ second)


def test_what_a_label_says_is_alike_becomes_alike(shipped: StaticEncoder, taught: AdaptedEncoder) -> None:
    """A nickname comes near its own entry in words that no label had, and nearer to it than to any other."""
    asked, own, other = "ほしぴょん券ほしい", "住民票の写しはどこで取れる", "図書館の本を借りる"
    assert alike(taught, asked, own) > alike(shipped, asked, own) + 0.1
    assert alike(taught, asked, own) > alike(taught, asked, other) + 0.2


def test_what_no_label_speaks_of_stays_as_it_was(shipped: StaticEncoder, taught: AdaptedEncoder) -> None:
    """A text without any piece of the labels has the very same vector."""
    text = "wildlife damage subsidy"
    assert not set(shipped.numbers(text)) & set(taught.adaptation.tokens.tolist())
    np.testing.assert_allclose(taught.encode([text]), shipped.encode([text]), atol=1e-6)


def test_an_adaptation_of_nothing_changes_nothing(shipped: StaticEncoder) -> None:
    """Both ways of encoding agree, an empty text included."""
    same = AdaptedEncoder(shipped, Adaptation(np.zeros(0, dtype=np.int32), np.zeros((0, shipped.dim), dtype=np.float32)))
    texts = ["住民票ほしい", "", "how do I register my dog"]
    np.testing.assert_allclose(same.encode(texts), shipped.encode(texts), atol=1e-6)


def test_the_same_labels_teach_the_same(shipped: StaticEncoder, taught: AdaptedEncoder) -> None:
    """The name says so, and differs from the shipped model's: an index of one is not taken for the other's."""
    assert AdaptedEncoder(shipped, adapt(shipped, LESSONS)).name == taught.name
    assert taught.name != shipped.name
