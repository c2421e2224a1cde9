"""Where the keys of one city lie in a group that holds many: side by side, so a question looks at a few stretches alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.search.texts_of_keys import TextsOfKeys

# So many keys that nobody asked for cost less than another stretch.
_GAP = 64
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Stretches:
    """The parts of a group that are looked at. `keys` and `texts` are (parts, 2): first and after last; None is all of them.

    `asked_texts` says which key of the parts each of their asked texts belongs to. `chosen` are the places of the city's keys
    among those of the parts, and `rows` the rows that these have in the table of features.
    """

    keys: Places | None
    texts: Places | None
    asked_texts: TextsOfKeys
    chosen: Places | slice
    rows: Places


def whole(keys: Places, asked_keys: Places) -> Stretches:
    """Return all of a group whose `keys` are rows of the index, and whose asked texts belong to `asked_keys` of them."""
    return Stretches(None, None, TextsOfKeys(asked_keys), slice(None), keys)


def stretches(keys: Places, asked_keys: Places, rows: Places) -> Stretches:
    """Return the parts of a group that hold the `rows` of one city, ascending, and few others."""
    places = np.flatnonzero(np.isin(keys, rows))
    breaks = np.flatnonzero(np.diff(places) > _GAP)
    firsts, lasts = places[np.append(0, breaks + 1)[: len(places)]], places[np.append(breaks, -1)[: len(places)]]
    parts = np.stack([firsts, lasts + 1], axis=1)
    texts = asked_keys.searchsorted(parts)
    within = np.concatenate([np.zeros(0, dtype=np.int64), *(np.arange(start, end) for start, end in parts.tolist())])
    belongs = np.concatenate([np.zeros(0, dtype=np.int64), *(asked_keys[start:end] for start, end in texts.tolist())])
    return Stretches(
        parts, texts, TextsOfKeys(within.searchsorted(belongs)), within.searchsorted(places), rows.searchsorted(keys[places])
    )
