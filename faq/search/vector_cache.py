"""Keeps the vectors of texts on disk by a hash of their content, since large models are slow and texts rarely change."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
_KEY_BYTES = 16


class VectorCache:
    """One file per model: keys (n, 16) bytes and vectors (n, dim) in half precision, replaced as a whole when it grows."""

    def __init__(self, folder: Path, model: str, dim: int) -> None:
        """Opens the model's file in the folder; one that is damaged or of another width is started anew."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{hashlib.blake2b(model.encode(), digest_size=8).hexdigest()}.npz"
        self._dim = dim
        self._rows = self._read()

    def __len__(self) -> int:
        """The number of texts kept."""
        return len(self._rows)

    def fetch(self, texts: Sequence[str], encode: Callable[[list[str]], Vectors]) -> Vectors:
        """Vectors of shape (texts, dim); `encode` is called once, with the distinct texts that are not kept yet."""
        keys = [hashlib.blake2b(text.encode(), digest_size=_KEY_BYTES).digest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        if missing:
            vectors = encode(list(missing.values()))
            self._rows.update(zip(missing, vectors.astype(np.float16), strict=True))
            self._write()
        if not keys:
            return np.zeros((0, self._dim), dtype=np.float32)
        return np.stack([self._rows[key] for key in keys]).astype(np.float32)

    def _read(self) -> dict[bytes, NDArray[np.float16]]:
        try:
            with np.load(self._path) as arrays:
                keys, vectors = arrays["keys"], arrays["vectors"]
        except (OSError, ValueError, KeyError):
            return {}
        if vectors.shape != (len(keys), self._dim):
            return {}
        return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}

    def _write(self) -> None:
        keys = np.frombuffer(b"".join(self._rows), dtype=np.uint8).reshape(-1, _KEY_BYTES)
        part = self._path.with_suffix(".part.npz")
        np.savez(part, keys=keys, vectors=np.stack(list(self._rows.values())))
        part.replace(self._path)
