"""Keeps a built index on disk and searches it there: one safetensors file, mapped into the memory of every process alike."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from faq.languages import Languages
from faq.search.encoder import Encoder
from faq.search.exact import ExactTexts
from faq.search.group_index import GroupIndex
from faq.search.index import Index, build_index
from faq.search.mapped import Arrays, map_arrays
from faq.search.packing import packed_strings, unpacked_strings
from faq.search.postings import Postings
from faq.search.projection import NarrowEncoder
from faq.search.spelling import Speller
from faq.search.units import Unit

# Raise it whenever the way texts are cut or weighed changes: older files are then built anew.
FORMAT = "18"
# Indexes of the same kind kept side by side: one city asked by command, all cities served.
_KEPT = 4
_SPELLING = "spelling/"
_log = logging.getLogger(__name__)


def open_index(folder: Path, name: str, units: Sequence[Unit], languages: Languages, encoder: Encoder | None) -> Index:
    """Return the index of these units: from disk where the same was built before, else built and kept in `folder`."""
    path = folder / f"{name}-{units_digest(units, encoder)}.safetensors"
    if found := _mapped(path, encoder):
        return found
    index = build_index(units, languages, encoder)
    return (_mapped(path, encoder) or index) if _keep(path, name, index) else index


def _mapped(path: Path, encoder: Encoder | None) -> Index | None:
    if not path.exists():
        return None
    try:
        return _unpack(map_arrays(path), encoder)
    except (OSError, KeyError, ValueError) as error:
        _log.warning("%s cannot be read (%s); the index is built anew", path, error)
        return None


def _keep(path: Path, name: str, index: Index) -> bool:
    """Write the index under a name of its own first, so that a reader never sees half of it; older ones go."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = sorted(path.parent.glob(f"{name}-*.safetensors"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in kept[_KEPT - 1 :]:
            old.unlink(missing_ok=True)
        half = path.with_suffix(".half")
        save_file(_pack(index), half)
        half.replace(path)
    except OSError as error:
        _log.warning("the index cannot be kept in %s (%s); every start builds it anew", path.parent, error)
        return False
    return True


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
            arrays |= {f"{name}/asked": group.asked_vectors, f"{name}/answer": group.answer_vectors}
    return arrays


def _pack_postings(name: str, postings: Postings) -> Arrays:
    numbers = np.array([postings.size, postings.unknown_idf, postings.saturation], dtype=np.float64)
    return {
        f"{name}/starts": postings.starts, f"{name}/documents": postings.documents, f"{name}/weights": postings.weights,
        f"{name}/idf": postings.idf, f"{name}/numbers": numbers,
    }  # fmt: skip


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
        asked_vectors=arrays.get(f"{name}/asked"),
        answer_vectors=arrays.get(f"{name}/answer"),
    )


def _unpack_postings(name: str, terms: NDArray[np.uint64], arrays: Arrays) -> Postings:
    size, unknown_idf, saturation = arrays[f"{name}/numbers"].tolist()
    return Postings(
        terms=terms,
        starts=arrays[f"{name}/starts"],
        documents=arrays[f"{name}/documents"],
        weights=arrays[f"{name}/weights"],
        idf=arrays[f"{name}/idf"],
        size=int(size),
        unknown_idf=float(unknown_idf),
        saturation=float(saturation),
    )
