"""Reads arrays of a safetensors file where they lie: pages come when they are used, and processes share them."""

import json
import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
_TYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32, "I8": np.int8, "U8": np.uint8,
    "U16": np.uint16, "U64": np.uint64,
}  # fmt: skip


def map_arrays(path: Path) -> Arrays:
    """Return the arrays of a safetensors file, read-only, by name.

    The file may be replaced by another meanwhile, but not written over in place. Raises ValueError where it is damaged or of
    another kind, OSError where it cannot be read.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if not 2 <= size <= len(data) - 8:
        raise ValueError("it is cut off or no safetensors file")
    header: dict[str, Any] = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    try:
        return {name: _array(data, 8 + size, **about) for name, about in header.items()}
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"its table of arrays is damaged ({error})") from error


def _array(data: mmap.mmap, offset: int, *, dtype: str, shape: list[int], data_offsets: list[int]) -> NDArray[Any]:
    start, end = data_offsets
    kind = np.dtype(_TYPES[dtype])
    count = int(np.prod(shape, dtype=np.int64))
    if not 0 <= start <= end <= len(data) - offset or end - start != count * kind.itemsize:
        raise ValueError("it is cut off")
    return np.frombuffer(data, dtype=kind, count=count, offset=offset + start).reshape(shape)
