"""What a tapped button sends back: a choice's value with the release it came from, marked so that nobody can forge it (L-33)."""

from connectors.line.keys import Keys

_SEPARATOR = "|"
# What the dialogue answers with "this choice is not there any more".
OUTDATED = "say:outdated"


def seal_choice(keys: Keys, city: str, value: str, version: str) -> str:
    """Return the data of a button. `version` is the release that offered it."""
    return _SEPARATOR.join((value, version, _mark(keys, city, value, version)))


def open_choice(keys: Keys, city: str, data: str) -> str:
    """Return the value of a button's data; a forged, foreign or damaged one gives the value that says the menu has changed.

    A value of an older release is still looked up: the dialogue answers it, or says that it has gone.
    """
    parts = data.split(_SEPARATOR)
    if len(parts) != 3 or parts[2] != _mark(keys, city, parts[0], parts[1]):
        return OUTDATED
    return parts[0]


def _mark(keys: Keys, city: str, value: str, version: str) -> str:
    return keys.mark(_SEPARATOR.join((city, value, version)))
