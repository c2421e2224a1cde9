"""The texts of the console in Japanese and English: `texts/<language>*.yaml`, each key in one file only."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

LANGUAGES: Mapping[str, str] = {"ja": "日本語", "en": "English"}
_FOLDER = Path(__file__).parent / "texts"


@lru_cache
def texts(language: str) -> Mapping[str, str]:
    """Return all texts of a language. Raises ValueError where two files give the same key."""
    found: dict[str, str] = {}
    for path in sorted(_FOLDER.glob(f"{language}*.yaml")):
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
        if twice := found.keys() & rows.keys():
            raise ValueError(f"{path.name}: {', '.join(sorted(twice))}: given in another file already")
        found |= {key: str(value) for key, value in rows.items()}
    return found


def say(language: str, key: str, **values: object) -> str:
    """Return a text with its values filled in. Raises KeyError for a key that is not there."""
    text = texts(language)[key]
    return text.format(**values) if values else text


def chosen(*wished: str) -> str:
    """Return the first of the wishes that the console speaks; Japanese where it speaks none."""
    return next((code for wish in wished if (code := wish.strip()[:2].lower()) in LANGUAGES), "ja")
