"""A city's own wording takes the place of the shared one; a topic comes first or not at all. Neither is a rival of an entry."""

import pytest

from faq.data_files import DataFiles
from faq.languages import load_languages
from faq.search.finder import Finder
from faq.search.index import FEATURES, Index, build_index
from faq.search.ranker import Ranker
from faq.search.units import Unit

OWN, SHARED, OTHER = "entry:online@city", "entry:online", "entry:dog"
UNITS = [
    Unit(SHARED, "en", "asked", "apply online at night"), Unit(SHARED, "en", "asked", "online procedures"),
    Unit(OWN, "en", "asked", "apply online in this city"), Unit(OTHER, "en", "asked", "register my dog"),
]  # fmt: skip
WEIGHTS = Ranker(tuple(6.0 if name in ("whole", "words") else 0.0 for name in FEATURES), (1.0, 0.0, 0.0))


@pytest.fixture(scope="module")
def index() -> Index:
    """A shared entry, a city's own wording of it, and another one, searched by words."""
    return build_index(UNITS, load_languages(DataFiles()), None)


def test_an_own_entry_gets_what_speaks_for_the_shared_one(index: Index) -> None:
    """It stands first although the shared one is liker, surer than either was alone, and the shared one is not offered."""
    apart = {hit.key: hit.probability for hit in Finder(index, WEIGHTS).find("online at night", ["en"])}
    joined = Finder(index, WEIGHTS, stands_for={OWN: (SHARED,)}).find("online at night", ["en"])
    assert apart[SHARED] > apart[OWN]
    assert joined[0].key == OWN
    assert joined[0].probability > apart[SHARED]
    assert SHARED not in [hit.key for hit in joined]


def test_an_own_entry_that_is_not_likely_takes_nothing(index: Index) -> None:
    """What the city wrote about online matters does not answer for its dogs."""
    found = Finder(index, WEIGHTS, stands_for={OWN: (OTHER,)}).find("register my dog", ["en"])
    assert found[0].key == OTHER


def test_a_topic_comes_first_or_not_at_all_and_takes_nothing(index: Index) -> None:
    """Asked to the letter it leads; where an entry is certain it is not offered, and no entry is less sure for it."""
    topic = Unit("intent:topic-pets", "en", "asked", "dog")
    with_topic = Finder(build_index([*UNITS, topic], load_languages(DataFiles()), None), WEIGHTS)
    plain = {hit.key: hit.probability for hit in Finder(index, WEIGHTS).find("register my dog", ["en"])}
    found = with_topic.find("register my dog", ["en"])

    assert with_topic.find("Dog!", ["en"])[0].key == topic.key
    assert found[0].key == OTHER
    assert topic.key not in [hit.key for hit in found]
    assert found[0].probability == pytest.approx(plain[OTHER], abs=0.05)
