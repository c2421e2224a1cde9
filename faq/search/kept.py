"""What is made once from the texts and then lies in a file of arrays, mapped into the memory of every process alike."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from safetensors.numpy import save_file

from faq.search.mapped import Arrays, map_arrays

# Files of one name kept side by side: one city asked by command, all cities served.
_KEPT = 4
Made = TypeVar("Made")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Packing(Generic[Made]):
    """How something becomes arrays and again what it was. `unpack` raises KeyError or ValueError for damaged arrays."""

    pack: Callable[[Made], Arrays]
    unpack: Callable[[Arrays], Made]


def kept(folder: Path, name: str, digest: str, packing: Packing[Made], make: Callable[[], Made]) -> Made:
    """Return what was made under this digest: from disk where it was made before, else made now and kept in `folder`."""
    path = folder / f"{name}-{digest}.safetensors"
    if found := _mapped(path, packing):
        return found
    made = make()
    return (_mapped(path, packing) or made) if _keep(path, name, packing.pack(made)) else made


def _mapped(path: Path, packing: Packing[Made]) -> Made | None:
    if not path.exists():
        return None
    try:
        return packing.unpack(map_arrays(path))
    except (OSError, KeyError, ValueError) as error:
        _log.warning("%s cannot be read (%s); it is built anew", path, error)
        return None


def _keep(path: Path, name: str, arrays: Arrays) -> bool:
    """Write the arrays under a name of their own first, so that a reader never sees half of them; older ones go."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        older = sorted(path.parent.glob(f"{name}-*.safetensors"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in older[_KEPT - 1 :]:
            old.unlink(missing_ok=True)
        half = path.with_suffix(".half")
        save_file(arrays, half)
        half.replace(path)
    except OSError as error:
        _log.warning("%s cannot be kept in %s (%s); every start builds it anew", name, path.parent, error)
        return False
    return True
