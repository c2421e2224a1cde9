"""The search index in PostgreSQL with pgvector, for more texts than one process holds; the same features by the same door.

An index is built as in a process and then stored in a schema of its own, in blocks of neighbouring keys. A city's keys lie in few
blocks, so a question reads only those. What is read is weighed exactly: nothing is approximated.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from bot.messages import BotError
from bot.storage.search_rows import BLOCK, PARTS, TABLES, copied
from faq.languages import Languages
from faq.release import OpenIndex
from faq.search.analysis import Codes, analyse, text_code
from faq.search.encoder import Encoder
from faq.search.group_index import SHARPNESS
from faq.search.index import (
    FEATURES,
    Features,
    Index,
    Question,
    build_index,
    counts_as_question,
    meant,
    readings,
    searched_by_meaning,
    to_the_letter,
)
from faq.search.index_file import units_digest
from faq.search.packing import packed_strings, unpacked_strings
from faq.search.postings import Floats
from faq.search.projection import NarrowEncoder
from faq.search.spelling import Speller
from faq.search.units import Unit
from faq.search.vectors import TextVectors
from faq.text import fold

# Indexes of a name that stay, so that processes which still search the one before are not cut off.
_KEPT = 2
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class PgIndex:
    """An index in a schema of a database. In this process are only its keys and a few numbers.

    `parts` says for each field (by number) of each group what a term that no document holds counts in a question.
    """

    engine: Engine
    schema: str
    keys: tuple[str, ...]
    rows: Mapping[str, int]
    parts: Mapping[tuple[str, int], float]
    encoder: Encoder | None
    is_bare: bool
    speller: Speller | None = None

    def features(self, question: Question, allowed: NDArray[np.bool_] | None = None) -> Features:
        """Return the features of the keys allowed (all when None), whose row numbers are in `rows`."""
        rows = np.arange(len(self.keys)) if allowed is None else np.flatnonzero(allowed)
        found = _Found(rows, np.zeros((len(FEATURES), len(rows)), dtype=np.float32))
        known, length = 0.0, 0
        with self.engine.connect() as connection:
            asked = readings(question, {group for group, _ in self.parts}, self.speller)
            for group, reading in asked:
                known_here, length_here = self._lexical(connection, found, group, reading)
                if counts_as_question(length_here, length) and known_here >= known:
                    known, length = known_here, length_here
            for group, typed in to_the_letter(question, asked):
                found.raise_("exact", np.array(self._exact(connection, typed, (group,)), dtype=np.int64), None)
            if self.encoder:
                for vector in self.encoder.encode(meant(question, asked)):
                    self._meaning(connection, found, vector, question.groups)
        return Features(found.table.T, known, length, rows)

    def mask(self, keys: Sequence[str]) -> NDArray[np.bool_]:
        """Return which rows these keys are, shape (keys,)."""
        mask = np.zeros(len(self.keys), dtype=np.bool_)
        mask[[self.rows[key] for key in keys]] = True
        return mask

    def asked_exactly(self, text: str) -> frozenset[int]:
        """Return the rows asked in any language by exactly this text, but for width, case, kana and punctuation."""
        with self.engine.connect() as connection:
            return frozenset(self._exact(connection, text, tuple({group for group, _ in self.parts})))

    def _exact(self, connection: Connection, question: str, groups: Sequence[str]) -> list[int]:
        code = _signed(np.array([text_code(fold(question))], dtype=np.uint64))[0]
        query = text(f"SELECT key FROM {self.schema}.exact WHERE code = :code AND grp = ANY(:groups)")  # noqa: S608 - our own name
        return list(connection.scalars(query, {"code": code, "groups": list(groups)}))

    def _lexical(self, connection: Connection, found: "_Found", group: str, reading: str) -> tuple[float, int]:
        terms = analyse(reading, group)
        words, grams = np.unique(terms.words), np.unique(terms.grams)
        query = text(f"""
            SELECT t.part, t.term, t.idf, p.keys, p.documents, p.weights
            FROM {self.schema}.terms t LEFT JOIN {self.schema}.postings p
            ON p.grp = t.grp AND p.part = t.part AND p.term = t.term AND p.block = ANY(:blocks)
            WHERE t.grp = :grp AND (t.part < 2 AND t.term = ANY(:words) OR t.part = 2 AND t.term = ANY(:grams))
        """)  # noqa: S608 - the schema's name is our own
        values = {"grp": group, "words": _signed(words), "grams": _signed(grams), "blocks": found.blocks}
        lists = [tuple(row) for row in connection.execute(query, values)]
        known = 0.0
        for number, name in enumerate(PARTS):
            asked = len(grams if name == "grams" else words)
            share = self._weighed(found, (group, number), [row[1:] for row in lists if row[0] == number], asked)
            known = share if name == "words" else known
        return known, len(terms.words)

    def _weighed(self, found: "_Found", part: tuple[str, int], lists: Sequence[tuple[Any, ...]], asked: int) -> float:
        """Raise one field by its lists (term, idf, keys, documents, weights); return the share of the question that is known."""
        idf = {term: value for term, value, *_ in lists}
        unknown = self.parts[part] * (asked - len(idf))
        total = sum(idf.values()) + unknown
        held = [row[2:] for row in lists if row[2] is not None]
        if held and total:
            keys, documents, weights = (
                np.frombuffer(b"".join(column), dtype=kind)
                for column, kind in zip(zip(*held, strict=True), (np.int32, np.int32, np.float32), strict=True)
            )
            _, first, places = np.unique(documents, return_index=True, return_inverse=True)
            scores = np.bincount(places, weights) / total
            found.raise_(PARTS[part[1]], keys[first].astype(np.int64), scores.astype(np.float32))
        return (total - unknown) / total if total else 0.0

    def _meaning(self, connection: Connection, found: "_Found", vector: Floats, groups: Sequence[str]) -> None:
        query = text(f"""
            SELECT grp, kind, key, max(likeness), ln(sum(exp(:sharpness * likeness))) / :sharpness
            FROM (SELECT grp, kind, key, -(vector <#> CAST(:vector AS vector)) AS likeness FROM {self.schema}.vectors
                  WHERE grp = ANY(:groups) AND block = ANY(:blocks)) AS texts
            GROUP BY grp, kind, key
        """)  # noqa: S608 - the schema's name is our own
        rounded = TextVectors.of(vector[None]).floats()[0]  # as every index rounds it: all give the same features
        searched = list(searched_by_meaning(groups))
        values = {"vector": _written(rounded), "groups": searched, "blocks": found.blocks, "sharpness": SHARPNESS}
        has_own = np.zeros(len(found.rows), dtype=np.bool_)
        for (group, kind), (keys, best, crowd) in _by_kind(connection.execute(query, values)).items():
            found.raise_("any" if kind == "asked" else "answer", keys, best)
            if kind == "asked":
                found.raise_("crowd", keys, crowd)
            if kind == "asked" and group in groups:
                found.raise_("own", keys, best)
                has_own[found.places(keys)[0]] = True
        np.copyto(found.column("cross"), found.column("any"), where=~has_own)


@dataclass(frozen=True)
class _Found:
    """The features of the keys asked for, while they are gathered. `rows` (n,) ascending, `table` (features, n)."""

    rows: Rows
    table: Floats

    @property
    def blocks(self) -> list[int]:
        found: list[int] = np.unique(self.rows // BLOCK).tolist()
        return found

    def column(self, name: str) -> Floats:
        found: Floats = self.table[FEATURES.index(name)]
        return found

    def places(self, keys: Rows) -> tuple[Rows, NDArray[np.bool_]]:
        """Return the places in `rows` of those keys that are there, and which these are."""
        places = self.rows.searchsorted(keys)
        places[places == len(self.rows)] = 0
        there = self.rows[places] == keys if len(self.rows) else np.zeros(len(keys), dtype=np.bool_)
        return places[there], there

    def raise_(self, name: str, keys: Rows, scores: Floats | None) -> None:
        """Raise a feature of some keys to these scores, 1 without any."""
        places, there = self.places(keys)
        np.maximum.at(self.column(name), places, 1.0 if scores is None else scores[there])


def _by_kind(rows: Any) -> dict[tuple[str, str], tuple[Rows, Floats, Floats]]:
    """Return (keys, best likeness, likeness to all) of each group and kind."""
    lists: dict[tuple[str, str], list[tuple[int, float, float]]] = {}
    for group, kind, *row in rows:
        lists.setdefault((group, kind), []).append(tuple(row))
    found = {}
    for name, texts in lists.items():
        keys, best, crowd = zip(*texts, strict=True)
        found[name] = np.array(keys, dtype=np.int64), np.array(best, dtype=np.float32), np.array(crowd, dtype=np.float32)
    return found


def _signed(codes: Codes) -> list[int]:
    """Return codes as the signed numbers that a database has."""
    found: list[int] = codes.view(np.int64).tolist()
    return found


def _written(vector: Floats) -> str:
    return f"[{','.join(f'{value:.8g}' for value in vector.tolist())}]"


def index_in_database(url: str) -> OpenIndex | None:
    """Return what opens an index in the database of this address; None where the address is empty.

    Raises BotError where the address is wrong.
    """
    if not url:
        return None
    try:
        engine = create_engine(make_url(url), pool_pre_ping=True, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        hint = "Write postgresql+psycopg://name:password@host/database, and install the extra [postgres]."
        raise BotError("index_unavailable", f"INDEX_URL cannot be used: {error}", hint, 503) from error
    return partial(open_pg_index, engine)


def open_pg_index(
    engine: Engine, name: str, units: Sequence[Unit], languages: Languages, encoder: Encoder | None
) -> PgIndex:
    """Return the index of these units: from the database where the same was built before, else built and stored there.

    Building needs the memory of the whole index once. Raises BotError where the database has no pgvector.
    """
    schema = f"search_{name}_{units_digest(units, encoder)}"
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('madoguchi search'))"))
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
            if connection.scalar(text("SELECT to_regclass(:about)"), {"about": f"{schema}.about"}) is None:
                _store(connection, schema, build_index(units, languages, encoder))
                _drop_older(connection, name, schema)
    except DBAPIError as error:
        hint = "INDEX_URL needs PostgreSQL with the extension pgvector, and a role that may create schemas."
        message = f"The search index cannot be kept in the database: {error.orig}"
        raise BotError("index_unavailable", message, hint, 503) from error
    return _opened(engine, schema, encoder)


def _store(connection: Connection, schema: str, index: Index) -> None:
    dimensions = index.encoder.dim if index.encoder else 1
    for statement in TABLES.format(schema=schema, dimensions=dimensions).split(";"):
        connection.execute(text(statement))
    about = {"keys": packed_strings(index.keys).tobytes(), "bare": b"1" if index.is_bare else b""}
    if isinstance(index.encoder, NarrowEncoder):
        about["directions"] = index.encoder.matrix.tobytes()
    if index.speller:
        about["spelling"] = save(index.speller.packed())
    rows = ((name, value) for name, value in about.items())
    _copy(connection, f"{schema}.about (name, value)", rows)
    for table, values in copied(index):
        _copy(connection, f"{schema}.{table}", values)
    connection.execute(text(f"ANALYZE {schema}.postings, {schema}.vectors, {schema}.terms"))


def _copy(connection: Connection, table: str, rows: Iterator[tuple[Any, ...]]) -> None:
    """Write rows the fast way, which only the driver itself knows."""
    driver: Any = connection.connection.dbapi_connection
    with closing(driver.cursor()) as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _drop_older(connection: Connection, name: str, newest: str) -> None:
    """Drop the indexes of this name but for the newest ones, by the numbers that the database gave them."""
    query = text("SELECT nspname FROM pg_namespace WHERE nspname LIKE :name AND nspname <> :newest ORDER BY oid DESC")
    older = connection.scalars(query, {"name": f"search\\_{name}\\_%", "newest": newest}).all()
    for schema in older[_KEPT - 1 :]:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))


def _opened(engine: Engine, schema: str, encoder: Encoder | None) -> PgIndex:
    with engine.connect() as connection:
        about = {name: bytes(value) for name, value in connection.execute(text(f"SELECT name, value FROM {schema}.about"))}  # noqa: S608
        parts = connection.execute(text(f"SELECT grp, part, unknown_idf FROM {schema}.parts")).all()  # noqa: S608
    keys = tuple(unpacked_strings(np.frombuffer(about["keys"], dtype=np.uint8)))
    if encoder and "directions" in about:
        encoder = NarrowEncoder(encoder, np.frombuffer(about["directions"], dtype=np.float32).reshape(encoder.dim, -1))
    rows = {key: row for row, key in enumerate(keys)}
    found = {(group, part): unknown_idf for group, part, unknown_idf in parts}
    speller = Speller.unpacked(load(about["spelling"])) if "spelling" in about else None
    return PgIndex(engine, schema, keys, rows, found, encoder, bool(about["bare"]), speller)
