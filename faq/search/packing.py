"""Texts as bytes, so that they lie in the same file as the arrays of an index."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed_strings(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Pack texts into bytes: none of them holds the separator, which normalisation removes."""
    return np.frombuffer(("\x1e".join(texts) + "\x1e").encode() if texts else b"\x1e", dtype=np.uint8)


def unpacked_strings(packed: NDArray[Any]) -> list[str]:
    """Return the texts that `packed_strings` packed."""
    text = packed.tobytes().decode()
    return text[:-1].split("\x1e") if len(text) > 1 else []
