"""Keeps a built index on disk, so that a start costs a read: arrays and packed strings in one safetensors file."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from faq.languages import Languages
from faq.search.encoder import Encoder
from faq.search.group_index import GroupIndex
from faq.search.index import Index, build_index
from faq.search.postings import Postings
from faq.search.projection import NarrowEncoder
from faq.search.units import Unit

# Raise it whenever the way texts are cut or weighed changes: older files are then built anew.
FORMAT = "5"
# Indexes of the same kind kept side by side: one city asked by command, all cities served.
_KEPT = 4
Arrays = dict[str, NDArray[Any]]
_log = logging.getLogger(__name__)


def open_index(folder: Path, name: str, units: Sequence[Unit], languages: Languages, encoder: Encoder | None) -> Index:
    """Return the index of these units: from disk where the same was built before, else built and kept in `folder`."""
    path = folder / f"{name}-{units_digest(units, encoder)}.safetensors"
    if path.exists():
        try:
            return _unpack(load_file(path), encoder)
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            _log.warning("%s cannot be read (%s); the index is built anew", path, error)
    index = build_index(units, languages, encoder)
    _keep(path, name, index)
    return index


def _keep(path: Path, name: str, index: Index) -> None:
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


def units_digest(units: Sequence[Unit], encoder: Encoder | None) -> str:
    """Return a digest of everything that an index depends on."""
    digest = hashlib.sha256(f"{FORMAT}:{encoder.name if encoder else 'words'}".encode())
    for unit in units:
        digest.update(f"{unit.key}\x1f{unit.language}\x1f{unit.kind}\x1f{unit.text}\x1e".encode())
    return digest.hexdigest()[:24]


def _pack(index: Index) -> Arrays:
    arrays: Arrays = {"keys": _strings(index.keys), "groups": _strings(list(index.groups))}
    if isinstance(index.encoder, NarrowEncoder):
        arrays["directions"] = index.encoder.matrix
    for name, group in index.groups.items():
        arrays |= {f"{name}/keys": group.keys, f"{name}/asked_starts": group.asked_starts}
        for part in ("whole", "words", "grams"):
            arrays |= _pack_postings(f"{name}/{part}", getattr(group, part))
        arrays[f"{name}/exact"] = _strings(list(group.exact))
        arrays[f"{name}/exact_rows"] = np.array([row for rows in group.exact.values() for row in rows], dtype=np.int64)
        arrays[f"{name}/exact_counts"] = np.array([len(rows) for rows in group.exact.values()], dtype=np.int64)
        if group.asked_vectors is not None and group.answer_vectors is not None:
            arrays[f"{name}/asked"] = group.asked_vectors.astype(np.float16)
            arrays[f"{name}/answer"] = group.answer_vectors.astype(np.float16)
    return arrays


def _pack_postings(name: str, postings: Postings) -> Arrays:
    numbers = np.array([postings.size, postings.unknown_idf, postings.saturation], dtype=np.float64)
    terms = sorted(postings.vocabulary, key=postings.vocabulary.__getitem__)
    return {
        f"{name}/terms": _strings(terms), f"{name}/starts": postings.starts, f"{name}/documents": postings.documents,
        f"{name}/weights": postings.weights, f"{name}/idf": postings.idf, f"{name}/numbers": numbers,
    }  # fmt: skip


def _unpack(arrays: Arrays, encoder: Encoder | None) -> Index:
    keys = tuple(_texts(arrays["keys"]))
    groups = {name: _unpack_group(name, arrays) for name in _texts(arrays["groups"])}
    narrow = NarrowEncoder(encoder, arrays["directions"]) if encoder and "directions" in arrays else encoder
    return Index(keys, {key: row for row, key in enumerate(keys)}, groups, narrow)


def _unpack_group(name: str, arrays: Arrays) -> GroupIndex:
    def vectors(part: str) -> NDArray[np.float32] | None:
        found = arrays.get(f"{name}/{part}")
        return None if found is None else found.astype(np.float32)

    return GroupIndex(
        group=name,
        keys=arrays[f"{name}/keys"],
        asked_starts=arrays[f"{name}/asked_starts"],
        whole=_unpack_postings(f"{name}/whole", arrays),
        words=_unpack_postings(f"{name}/words", arrays),
        grams=_unpack_postings(f"{name}/grams", arrays),
        exact=_unpack_exact(name, arrays),
        asked_vectors=vectors("asked"),
        answer_vectors=vectors("answer"),
    )


def _unpack_exact(name: str, arrays: Arrays) -> Mapping[str, tuple[int, ...]]:
    ends = np.cumsum(arrays[f"{name}/exact_counts"])
    rows = arrays[f"{name}/exact_rows"].tolist()
    starts = [0, *ends.tolist()]
    return {text: tuple(rows[starts[n] : starts[n + 1]]) for n, text in enumerate(_texts(arrays[f"{name}/exact"]))}


def _unpack_postings(name: str, arrays: Arrays) -> Postings:
    size, unknown_idf, saturation = arrays[f"{name}/numbers"].tolist()
    return Postings(
        vocabulary={term: number for number, term in enumerate(_texts(arrays[f"{name}/terms"]))},
        starts=arrays[f"{name}/starts"],
        documents=arrays[f"{name}/documents"],
        weights=arrays[f"{name}/weights"],
        idf=arrays[f"{name}/idf"],
        size=int(size),
        unknown_idf=float(unknown_idf),
        saturation=float(saturation),
    )


def _strings(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Pack texts into bytes: none of them holds the separator, which normalisation removes."""
    return np.frombuffer(("\x1e".join(texts) + "\x1e").encode() if texts else b"\x1e", dtype=np.uint8)


def _texts(packed: NDArray[Any]) -> list[str]:
    text = packed.tobytes().decode()
    return text[:-1].split("\x1e") if len(text) > 1 else []
