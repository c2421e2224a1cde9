"""Keeps a built index on disk and searches it there: one safetensors file, mapped into the memory of every process alike."""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq.languages import Languages
from faq.search.encoder import Encoder
from faq.search.exact import ExactTexts
from faq.search.group_index import GroupIndex
from faq.search.index import Index, build_index
from faq.search.kept import Packing, kept
from faq.search.mapped import Arrays
from faq.search.packing import packed_strings, unpacked_strings
from faq.search.postings import Postings
from faq.search.projection import NarrowEncoder
from faq.search.spelling import Speller
from faq.search.units import Unit
from faq.search.vectors import TextVectors

# Raise it whenever the way texts are cut or weighed changes: older files are then built anew.
FORMAT = "20"
_SPELLING = "spelling/"


def open_index(folder: Path, name: str, units: Sequence[Unit], languages: Languages, encoder: Encoder | None) -> Index:
    """Return the index of these units: from disk where the same was built before, else built and kept in `folder`."""
    packing = Packing(_pack, partial(_unpack, encoder=encoder))
    return kept(folder, name, units_digest(units, encoder), packing, lambda: build_index(units, languages, encoder))


def units_digest(units: Sequence[Unit], encoder: Encoder | None) -> str:
    """Return a digest of everything that an index depends on."""
    digest = hashlib.sha256(f"{FORMAT}:{encoder.name if encoder else 'words'}".encode())
    for unit in units:
        digest.update(f"{unit.key}\x1f{unit.language}\x1f{unit.kind}\x1f{unit.text}\x1e".encode())
    return digest.hexdigest()[:24]


def _pack(index: Index) -> Arrays:
    arrays: Arrays = {"keys": packed_strings(index.keys), "groups": packed_strings(list(index.groups))}
    if isinstance(index.encoder, NarrowEncoder):
        arrays["directions"] = index.encoder.matrix
    if index.speller:
        arrays |= {f"{_SPELLING}{name}": array for name, array in index.speller.packed().items()}
    for name, group in index.groups.items():
        arrays |= {f"{name}/keys": group.keys, f"{name}/asked_keys": group.asked_keys}
        arrays |= {f"{name}/word_terms": group.whole.terms, f"{name}/gram_terms": group.grams.terms}
        for part in ("whole", "words", "grams"):
            arrays |= _pack_postings(f"{name}/{part}", getattr(group, part))
        arrays |= {f"{name}/exact": group.exact.codes, f"{name}/exact_rows": group.exact.rows}
        if group.asked_vectors is not None and group.answer_vectors is not None:
            arrays |= _pack_vectors(f"{name}/asked", group.asked_vectors) | _pack_vectors(f"{name}/answer", group.answer_vectors)
    return arrays


def _pack_postings(name: str, postings: Postings) -> Arrays:
    return {
        f"{name}/starts": postings.starts, f"{name}/documents": postings.documents, f"{name}/counts": postings.counts,
        f"{name}/damping": postings.damping, f"{name}/idf": postings.idf,
        f"{name}/unknown_idf": np.array([postings.unknown_idf], dtype=np.float64),
    }  # fmt: skip


def _pack_vectors(name: str, vectors: TextVectors) -> Arrays:
    return {name: vectors.numbers, f"{name}/factors": vectors.factors}


def _unpack_vectors(name: str, arrays: Arrays) -> TextVectors | None:
    return TextVectors(arrays[name], arrays[f"{name}/factors"]) if name in arrays else None


def _unpack(arrays: Arrays, encoder: Encoder | None) -> Index:
    keys = tuple(unpacked_strings(arrays["keys"]))
    groups = {name: _unpack_group(name, arrays) for name in unpacked_strings(arrays["groups"])}
    narrow = NarrowEncoder(encoder, arrays["directions"]) if encoder and "directions" in arrays else encoder
    spelling = {name.removeprefix(_SPELLING): array for name, array in arrays.items() if name.startswith(_SPELLING)}
    speller = Speller.unpacked(spelling) if spelling else None
    return Index(keys, {key: row for row, key in enumerate(keys)}, groups, narrow, speller)


def _unpack_group(name: str, arrays: Arrays) -> GroupIndex:
    words, grams = arrays[f"{name}/word_terms"], arrays[f"{name}/gram_terms"]
    return GroupIndex(
        group=name,
        keys=arrays[f"{name}/keys"],
        asked_keys=arrays[f"{name}/asked_keys"],
        whole=_unpack_postings(f"{name}/whole", words, arrays),
        words=_unpack_postings(f"{name}/words", words, arrays),
        grams=_unpack_postings(f"{name}/grams", grams, arrays),
        exact=ExactTexts(arrays[f"{name}/exact"], arrays[f"{name}/exact_rows"]),
        asked_vectors=_unpack_vectors(f"{name}/asked", arrays),
        answer_vectors=_unpack_vectors(f"{name}/answer", arrays),
    )


def _unpack_postings(name: str, terms: NDArray[np.uint64], arrays: Arrays) -> Postings:
    return Postings(
        terms=terms,
        starts=arrays[f"{name}/starts"],
        documents=arrays[f"{name}/documents"],
        counts=arrays[f"{name}/counts"],
        damping=arrays[f"{name}/damping"],
        idf=arrays[f"{name}/idf"],
        unknown_idf=float(arrays[f"{name}/unknown_idf"][0]),
    )
