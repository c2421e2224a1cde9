"""Turns texts into vectors whose cosine says how alike they are in meaning, with the shipped model or another one."""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from faq.search.mapped import map_arrays
from faq.search.pieces import pieces_of

Vectors = NDArray[np.float32]
STATIC_FOLDER = "0_StaticEmbedding"
_WHAT_TO_DO = "Train one with `madoguchi train model`, restore nlu_data/model/, or set EMBEDDING_MODEL to another model."
_log = logging.getLogger(__name__)


class EncoderError(Exception):
    """A model that is there but cannot be used; the message says what was found, where, what was expected, what to do."""


class Encoder(Protocol):
    """What the search needs of a model: its name (stored with every index), its width, and vectors of texts."""

    @property
    def name(self) -> str:
        """Changes whenever the vectors would: an index made under another name has to be built again."""
        ...

    @property
    def dim(self) -> int:
        """The number of columns of every vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (texts, dim) with rows of length 1; a text without any known token gives a zero row."""
        ...


class Tokenizer(Protocol):
    """What an encoder needs of a tokenizer: how many pieces it has, and the numbers of those in a text."""

    def __len__(self) -> int:
        """The number of pieces."""
        ...

    def numbers(self, text: str) -> list[int]:
        """The numbers of the pieces of a text, in its order."""
        ...


class StaticEncoder:
    """The shipped kind of model: the mean of token vectors, read without torch. Processes share the table of vectors.

    Takes a sentence-transformers directory whose first module is a StaticEmbedding, with `embedding.weight` of any float
    type, or with eight-bit `embeddings` and a factor per token in `weights`. Safe to use from several threads.
    """

    def __init__(self, path: Path) -> None:
        """Loads the model directory; raises `EncoderError` when it holds something else or is damaged."""
        folder = _static_folder(path)
        self._tokenizer = _read_tokenizer(folder / "tokenizer.json")
        self._rows, self._factors = _read_vectors(folder / "model.safetensors")
        if (pieces := len(self._tokenizer)) != len(self._rows):
            raise EncoderError(f"{folder}: the tokenizer has {pieces} pieces but the weights {len(self._rows)} rows; expected "
                               f"the same number. The two files are of different models. {_WHAT_TO_DO}")
        self.dim = int(self._rows.shape[1])
        self.name = f"static:{path.name}:{_fingerprint(folder / 'model.safetensors')}"

    @property
    def pieces(self) -> int:
        """How many pieces the model knows."""
        return len(self._rows)

    def numbers(self, text: str) -> list[int]:
        """The numbers of the pieces of a text, in its order."""
        return self._tokenizer.numbers(text)

    def vectors(self, numbers: Sequence[int]) -> Vectors:
        """The vectors of pieces, shape (numbers, dim)."""
        found: Vectors = self._factors[numbers][:, None] * self._rows[numbers].astype(np.float32, copy=False)
        return found

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (texts, dim) with rows of length 1; a text without any known token gives a zero row."""
        result = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            if ids := self._tokenizer.numbers(text):
                result[row] = self._factors[ids] @ self._rows[ids].astype(np.float32, copy=False)
        lengths = np.linalg.norm(result, axis=1, keepdims=True)
        result /= np.maximum(lengths, 1e-9)
        return result


def encode_passages(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """Vectors of stored texts, shape (texts, dim): for models that tell questions from texts, otherwise as `encode`."""
    vectors: Vectors = getattr(encoder, "encode_passages", encoder.encode)(texts)
    return vectors


def load_encoder(model: str | Path, *, cache: Path | None = None, query_prefix: str = "", passage_prefix: str = "",
                 batch: int = 32, device: str | None = None) -> Encoder | None:
    """The encoder for a model directory or a hub model's name; None with a warning when the directory is not there.

    A `Path` is a directory; a text is one too unless it looks like `owner/name` and no folder `owner` is here.

    A directory with a static model is read without torch. Anything else goes through sentence-transformers, with prefixes,
    batch size and device as given and vectors kept under `cache`. Raises `EncoderError` for a broken or foreign model.
    """
    path = Path(model)
    if path.is_dir() and any(path.iterdir()):
        if _is_static(path):
            return StaticEncoder(path)
    elif isinstance(model, Path) or not _may_be_on_a_hub(model):
        _log.warning("No embedding model at %s: searching by words only. %s", path, _WHAT_TO_DO)
        return None
    from faq.search.hub_encoder import HubEncoder  # only cities that configure a hub model have its packages

    return HubEncoder(str(model), query_prefix=query_prefix, passage_prefix=passage_prefix, batch=batch, device=device,
                      cache=cache)


def _may_be_on_a_hub(name: str) -> bool:
    owner, _, rest = name.partition("/")
    return bool(rest) and "/" not in rest and not Path(owner).exists()


def _is_static(path: Path) -> bool:
    modules = path / "modules.json"
    if not modules.is_file():
        raise EncoderError(f"{path}: has no modules.json. Expected a sentence-transformers model directory. {_WHAT_TO_DO}")
    try:
        first = json.loads(modules.read_text(encoding="utf-8"))[0]["type"]
    except (ValueError, LookupError, TypeError) as error:
        raise EncoderError(f"{modules}: is not a list of modules ({error}). Expected what sentence-transformers writes. "
                           f"{_WHAT_TO_DO}") from error
    return str(first).endswith("StaticEmbedding")


def _static_folder(path: Path) -> Path:
    if not _is_static(path):
        raise EncoderError(f"{path}: is not a static model. Expected a StaticEmbedding as its first module; other models "
                           f"need the [models] extra: pip install 'madoguchi[models]'.")
    first = json.loads((path / "modules.json").read_text(encoding="utf-8"))[0]
    return path / str(first.get("path", STATIC_FOLDER))


def _read_tokenizer(path: Path) -> Tokenizer:
    try:
        return pieces_of(json.loads(path.read_text(encoding="utf-8"))) or _LibraryTokenizer(path)
    except Exception as error:  # the library raises bare Exception for every mistake
        raise EncoderError(f"{path}: no tokenizer could be read ({error}). Expected a tokenizers JSON file. "
                           f"{_WHAT_TO_DO}") from error


class _LibraryTokenizer:
    """Any tokenizer file, carried out by the library that such files belong to."""

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer as LibraryTokenizer  # needs much memory, and the shipped model does without

        self._tokenizer = LibraryTokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def __len__(self) -> int:
        return int(self._tokenizer.get_vocab_size())

    def numbers(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)


def _read_vectors(path: Path) -> tuple[NDArray[np.float32] | NDArray[np.int8], Vectors]:
    try:
        arrays = map_arrays(path)
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path}: no weights could be read ({error}). Expected a safetensors file. {_WHAT_TO_DO}") from error
    rows = arrays.get("embeddings", arrays.get("embedding.weight"))
    if rows is None or rows.ndim != 2 or not len(rows):
        raise EncoderError(f"{path}: holds {sorted(arrays)}. Expected a table `embeddings` or `embedding.weight` of token "
                           f"vectors. {_WHAT_TO_DO}")
    factors = arrays.get("weights", np.ones(len(rows)))
    kept = rows if rows.dtype == np.int8 else rows.astype(np.float32)
    return kept, factors.astype(np.float32)


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()
