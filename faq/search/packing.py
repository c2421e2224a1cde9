"""Texts, tries and lists as arrays, so that they lie in one file with the arrays of an index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from marisa_trie import Trie
from numpy.typing import NDArray


def packed_strings(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Pack texts into bytes: none of them holds the separator, which normalisation removes."""
    return np.frombuffer(("\x1e".join(texts) + "\x1e").encode() if texts else b"\x1e", dtype=np.uint8)


def unpacked_strings(packed: NDArray[Any]) -> list[str]:
    """Return the texts that `packed_strings` packed."""
    text = packed.tobytes().decode()
    return text[:-1].split("\x1e") if len(text) > 1 else []


def packed_trie(trie: Trie) -> NDArray[np.uint8]:
    """Pack a trie into bytes."""
    return np.frombuffer(trie.tobytes(), dtype=np.uint8)


def unpacked_trie(packed: NDArray[Any]) -> Trie:
    """Return the trie that `packed_trie` packed. Raises ValueError where it is damaged."""
    trie = Trie()
    try:
        trie.frombytes(packed.tobytes())
    except RuntimeError as error:  # what the library raises for every mistake
        raise ValueError(f"a trie is damaged ({error})") from error
    return trie


@dataclass(frozen=True)
class Lists:
    """Lists of numbers one behind another: `starts` (lists + 1,) says where each begins in `values`."""

    starts: NDArray[np.int32]
    values: NDArray[np.int32]

    @classmethod
    def joined(cls, lists: Iterable[Sequence[int]]) -> "Lists":
        """Return lists in the order given."""
        found = [np.array(numbers, dtype=np.int32) for numbers in lists]
        starts = np.concatenate([[0], np.cumsum([len(numbers) for numbers in found], dtype=np.int32)])
        return cls(starts.astype(np.int32), np.concatenate([np.zeros(0, dtype=np.int32), *found]))

    def span(self, number: int) -> slice:
        """Return where a list lies in `values`."""
        return slice(int(self.starts[number]), int(self.starts[number + 1]))

    def of(self, number: int) -> list[int]:
        """Return one list."""
        found: list[int] = self.values[self.span(number)].tolist()
        return found
