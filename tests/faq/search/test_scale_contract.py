"""Every index behind the door of the search gives the same features: in this process, from its file, in PostgreSQL."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Engine, create_engine, text

from bot.messages import BotError
from bot.storage.search_index import index_in_database, open_pg_index
from faq.data_files import DataFiles
from faq.languages import load_languages
from faq.loader import load_knowledge
from faq.release import all_units
from faq.search.encoder import Encoder
from faq.search.finder import Finder
from faq.search.index import FEATURES, Question, SearchIndex, build_index
from faq.search.index_file import open_index
from faq.search.ranker import load_rankers
from faq.search.units import Unit

FILES = DataFiles()
LANGUAGES = load_languages(FILES)
QUESTIONS = [
    ("住民票ほしい", ("ja",)), ("じゅうみんひょう", ("ja",)), ("犬をかっています", ("ja",)), ("juminhyo", ("ja",)),
    ("how do I register my dog", ("en",)), ("住民票", ("en",)), ("mất thẻ cư trú", ("vi",)), ("印鉴登记", ("zh",)),
    ("nothing of this is known zzzz", ("en",)), ("", ("ja",)), ("hikkoshi", ("en", "tl")),
]  # fmt: skip


class LetterEncoder:
    """A model made of nothing but letters: the same text has the same vector, texts with the same letters like ones."""

    def __init__(self, dim: int = 100) -> None:
        """Takes the width; from more than 128 directions some are left out when an index is built."""
        self.name, self.dim = f"letters-{dim}", dim

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts, shape (texts, dim)."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text_ in enumerate(texts):
            for letter in text_:
                vectors[row, int.from_bytes(hashlib.blake2b(letter.encode()).digest()[:4]) % self.dim] += 1.0
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, lengths, out=vectors, where=lengths > 0)


Opener = Callable[[Sequence[Unit], Encoder | None], SearchIndex]


@pytest.fixture(scope="session")
def vector_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A real PostgreSQL with pgvector of our own."""
    pgserver = pytest.importorskip(
        "pgserver", reason="SKIPPED FOR WANT OF PostgreSQL WITH pgvector: pip install pgserver==0.1.4 brings both"
    )
    # A socket's path may be 107 letters long, and pytest's folders are longer.
    folder = Path("/tmp") / f"madoguchi-{tmp_path_factory.mktemp('pgvector').parent.name}"
    server = pgserver.get_server(folder, cleanup_mode="delete")
    engine = create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
    yield engine
    engine.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def units() -> list[Unit]:
    """The shared content of the product with three phrasings an entry and language: some thousand texts in twelve languages."""
    asked: Counter[tuple[str, str]] = Counter()
    found = []
    for unit in all_units(load_knowledge(FILES, ["hoshimi"]), {"greeting": {"ja": ("こんにちは",)}}):
        asked[unit.key, unit.language] += unit.kind == "asked"
        if unit.kind == "answer" or asked[unit.key, unit.language] <= 4:
            found.append(unit)
    return found


@pytest.fixture(params=["file", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Every way to hold an index but the plain one in this process."""
    if request.param == "file":
        return lambda units, encoder: open_index(tmp_path, "test", units, LANGUAGES, encoder)
    engine = request.getfixturevalue("vector_engine")
    return lambda units, encoder: open_pg_index(engine, "test", units, LANGUAGES, encoder)


@pytest.mark.parametrize("encoder", [LetterEncoder(), None], ids=["meaning", "words"])
def test_every_index_gives_the_same_features(other: Opener, units: list[Unit], encoder: Encoder | None) -> None:
    """Whatever holds the texts, a question has the same features, for all keys and for those of one city."""
    plain, index = build_index(units, LANGUAGES, encoder), other(units, encoder)
    city = plain.mask(plain.keys[30:60] + plain.keys[-20:])

    assert (tuple(index.keys), index.is_bare) == (plain.keys, plain.is_bare)
    for asked, groups in QUESTIONS:
        for allowed in (None, city):
            wanted = plain.features(Question(asked, groups))
            found = index.features(Question(asked, groups), allowed)
            rows = np.arange(len(plain.keys)) if allowed is None else np.flatnonzero(allowed)
            table = found.table if found.rows is not None else found.table[rows]
            assert np.allclose(table, wanted.table[rows], atol=2e-6), asked
            assert (found.known, found.length) == (pytest.approx(wanted.known, abs=1e-6), wanted.length)


def test_every_index_finds_the_same(other: Opener, units: list[Unit]) -> None:
    """The finder gives the same hits with the same probabilities, filtered by city."""
    encoder = LetterEncoder()
    ranker = load_rankers(FILES.nlu_data / "ranker.json")["meaning"]
    plain, index = build_index(units, LANGUAGES, encoder), other(units, encoder)
    city = plain.mask([key for key in plain.keys if "dog" in key or "moving" in key or key.startswith("intent:")])

    for asked, groups in QUESTIONS:
        if not plain.features(Question(asked, groups)).known:
            continue  # nothing speaks for one key more than for another, and ties have no order
        for allowed in (None, city):
            wanted = Finder(plain, ranker, allowed).find(asked, groups, 3)
            found = Finder(index, ranker, allowed).find(asked, groups, 3)
            assert [hit.probability for hit in found] == pytest.approx([hit.probability for hit in wanted], abs=1e-4), asked


def test_every_index_keeps_the_directions_that_its_vectors_were_narrowed_to(other: Opener, units: list[Unit]) -> None:
    """Questions must be narrowed as the stored texts were, also by a process that did not build the index."""
    built, again = (other(units, LetterEncoder(160)) for _ in range(2))

    assert built.encoder is not None
    assert again.encoder is not None
    assert again.encoder.dim == 128
    assert np.allclose(built.encoder.encode(["犬"]), again.encoder.encode(["犬"]), atol=1e-7)
    found = again.features(Question(units[0].text, ("ja",))).table[again.rows[units[0].key]]
    assert found[FEATURES.index("own")] == pytest.approx(1.0, abs=1e-4)


def test_a_name_is_known_to_the_letter_in_every_index(other: Opener, units: list[Unit]) -> None:
    """Whole names are looked up without regard to width, case and kana, in every language at once."""
    plain, index = build_index(units, LANGUAGES, None), other(units, None)
    name = next(unit.text for unit in units if unit.language == "en" and unit.kind == "asked")

    assert index.asked_exactly(name.upper()) == plain.asked_exactly(name) != frozenset()
    assert index.asked_exactly("no such text at all") == frozenset()


def test_a_database_keeps_the_two_newest_indexes(vector_engine: Engine) -> None:
    """An index is stored once, and older ones go when content changes twice."""
    for answer in ("one", "two", "three", "three"):
        open_pg_index(vector_engine, "kept", [Unit("entry:a", "en", "asked", answer)], LANGUAGES, None)

    with vector_engine.connect() as connection:
        found = connection.scalar(text("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'search\\_kept\\_%'"))
    assert found == 2


def test_a_database_without_pgvector_is_refused_with_what_to_do(postgres_url: str) -> None:
    """The person who starts the service reads what is missing."""
    with pytest.raises(BotError) as caught:
        open_pg_index(create_engine(postgres_url), "none", [Unit("entry:a", "en", "asked", "a")], LANGUAGES, None)

    assert "pgvector" in caught.value.hint


def test_no_address_means_no_database() -> None:
    """Where INDEX_URL is empty the index lies in a file."""
    assert index_in_database("") is None


@pytest.mark.parametrize("url", ["nonsense", "nonsense://a/b"])
def test_a_wrong_address_is_named(url: str) -> None:
    """The person who set it reads which setting is wrong and what it should look like."""
    with pytest.raises(BotError) as caught:
        index_in_database(url)

    assert "INDEX_URL" in caught.value.message
    assert "postgresql+psycopg://" in caught.value.hint
