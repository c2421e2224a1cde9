"""Runs any sentence-transformers model, from the hub or a directory, for cities that have the machine for one."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from faq.search.encoder import EncoderError, Vectors
from faq.search.vector_cache import VectorCache


class HubEncoder:
    """A sentence-transformers model with its own pooling; prefixes are put before questions and before stored texts.

    Needs the `[models]` extra. Vectors of stored texts are kept by content, so that a restart encodes only what changed.
    """

    def __init__(self, model: str, *, query_prefix: str = "", passage_prefix: str = "", batch: int = 32,
                 device: str | None = None, cache: Path | None = None) -> None:
        """Loads the model; raises `EncoderError` when the packages are missing or the model cannot be loaded."""
        self._model = _load(model, device)
        self.dim = int(self._model.get_embedding_dimension() or 0) or int(self._model.encode(["x"]).shape[1])
        settings = hashlib.blake2b(repr((query_prefix, passage_prefix, self.dim)).encode(), digest_size=4).hexdigest()
        self.name = f"hub:{model}:{settings}"
        self._query_prefix, self._passage_prefix, self._batch = query_prefix, passage_prefix, batch
        self._cache = VectorCache(cache, self.name, self.dim) if cache is not None else None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, shape (texts, dim), rows of length 1."""
        return self._run([self._query_prefix + text for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of stored texts, shape (texts, dim), rows of length 1; taken from the cache where they are there."""
        prefixed = [self._passage_prefix + text for text in texts]
        return self._run(prefixed) if self._cache is None else self._cache.fetch(prefixed, self._run)

    def _run(self, texts: list[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        vectors = self._model.encode(texts, batch_size=self._batch, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def _load(model: str, device: str | None) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise EncoderError(f"The embedding model {model} needs sentence-transformers, which is not installed. Expected the "
                           f"[models] extra: pip install 'madoguchi[models]', or leave EMBEDDING_MODEL unset.") from error
    try:
        return SentenceTransformer(model, device=device, local_files_only=Path(model).exists())
    except Exception as error:  # the library raises whatever its parts raise
        raise EncoderError(f"The embedding model {model} could not be loaded ({type(error).__name__}: {error}). Expected a "
                           f"sentence-transformers directory or a hub name this machine can reach. Check EMBEDDING_MODEL, "
                           f"or unset HF_HUB_OFFLINE to let it download once.") from error
