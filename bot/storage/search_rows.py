"""How an index lies in the tables of a database: one row for each term and block of keys, one for each vector."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq.search.index import Index
from faq.search.postings import Floats, Postings

# Keys in a block: a city's own thousand lie in two or three, and a list of a term in one block is some kilobytes at most.
BLOCK = 512
PARTS = ("whole", "words", "grams")
TABLES = """
CREATE TABLE {schema}.about (name text PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE {schema}.parts (
    grp text, part smallint, unknown_idf double precision, PRIMARY KEY (grp, part));
CREATE TABLE {schema}.terms (grp text, part smallint, term bigint, idf double precision, PRIMARY KEY (grp, part, term));
CREATE TABLE {schema}.postings (grp text, part smallint, term bigint, block integer,
    keys bytea, documents bytea, weights bytea, PRIMARY KEY (grp, part, term, block));
CREATE TABLE {schema}.exact (code bigint, grp text, key integer, PRIMARY KEY (code, grp, key));
CREATE TABLE {schema}.vectors (grp text, kind text, block integer, key integer, vector vector({dimensions}));
CREATE INDEX ON {schema}.vectors (grp, block)
"""
VECTORS = "vectors (grp, kind, block, key, vector)"
Rows = Iterator[tuple[Any, ...]]


def copied(index: Index) -> Iterator[tuple[str, Rows]]:
    """Yield each table with its columns, and the rows to write into it."""
    yield "parts (grp, part, unknown_idf)", _parts(index)
    for name, group in index.groups.items():
        asked = group.keys[group.asked_keys]
        for number, part in enumerate(PARTS):
            postings: Postings = getattr(group, part)
            yield "terms (grp, part, term, idf)", _terms(name, number, postings)
            rows = _postings(name, number, postings, group.keys if part == "whole" else asked)
            yield "postings (grp, part, term, block, keys, documents, weights)", rows
        codes, keys = group.exact.codes.view(np.int64).tolist(), group.exact.rows.tolist()
        yield "exact (code, grp, key)", ((code, name, key) for code, key in zip(codes, keys, strict=True))
        if group.asked_vectors is not None and group.answer_vectors is not None:
            yield VECTORS, _written_vectors(name, "asked", asked.tolist(), group.asked_vectors.floats())
            yield VECTORS, _written_vectors(name, "answer", group.keys.tolist(), group.answer_vectors.floats())


def _parts(index: Index) -> Rows:
    for name, group in index.groups.items():
        for number, part in enumerate(PARTS):
            postings: Postings = getattr(group, part)
            yield name, number, postings.unknown_idf


def _terms(group: str, part: int, postings: Postings) -> Rows:
    held = np.flatnonzero(np.diff(postings.starts))
    pairs = zip(postings.terms[held].view(np.int64).tolist(), postings.idf[held].tolist(), strict=True)
    return ((group, part, term, idf) for term, idf in pairs)


def _postings(group: str, part: int, postings: Postings, keys: NDArray[np.int64]) -> Rows:
    """Cut the list of each term where its keys pass into another block."""
    if not len(postings.documents):
        return
    numbers = np.repeat(np.arange(len(postings.terms)), np.diff(postings.starts))
    documents, weights = postings.held(np.arange(len(postings.terms)))
    documents, held = documents.astype(np.int32), keys[documents].astype(np.int32)
    blocks = held // BLOCK
    cuts = np.flatnonzero(np.diff(numbers) | np.diff(blocks)) + 1
    starts, ends = [0, *cuts.tolist()], [*cuts.tolist(), len(held)]
    terms = postings.terms.view(np.int64)
    for start, end in zip(starts, ends, strict=True):
        lists = (held[start:end], documents[start:end], weights[start:end])
        yield group, part, int(terms[numbers[start]]), int(blocks[start]), *(part_.tobytes() for part_ in lists)


def _written_vectors(group: str, kind: str, keys: Sequence[int], vectors: Floats) -> Rows:
    for key, vector in zip(keys, vectors, strict=True):
        yield group, kind, key // BLOCK, key, f"[{','.join(f'{value:.8g}' for value in vector.tolist())}]"
