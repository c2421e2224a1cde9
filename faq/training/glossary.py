"""Grows the glossary into questions: each term in question frames of every language, alone and two together."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from faq.training.content import MASTER, read_names
from faq.training.pairs import Pair

GLOSSARY_COLUMNS = {"ja": "ja", "reading": "ja", "en": "en", "zh-Hans": "zh-Hans", "zh-Hant": "zh-Hant", "ko": "ko",
                    "pt-BR": "pt-BR", "vi": "vi", "tl": "tl", "es": "es", "ne": "ne", "id": "id"}
LEXICON_COLUMNS = {"name_ja": "ja", "reading": "ja"} | {
    f"name_{language}": language for language in GLOSSARY_COLUMNS if language not in {"ja", "reading"}}
SAME_FRAME = 0.6
TWO_TERMS = 0.15

Frames = dict[str, dict[str, list[str]]]
"""Frame id → language → patterns with `{}` where the term stands."""


def read_frames(path: Path | None = None) -> Frames:
    """The question frames: a CSV with one frame a row, one language a column, patterns separated by `|`."""
    path = path or Path(__file__).with_name("frames.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        return {row.pop("frame"): {language: cell.split("|") for language, cell in row.items() if cell}
                for row in csv.DictReader(stream)}


def framed_pairs(glossary: list[Path], frames: Frames, copies: int, rng: np.random.Generator) -> Iterator[Pair]:
    """`copies` framed questions per term and language against a framed Japanese (or English) name of the same row.

    Both sides mostly take the same frame; the rest teaches that polite endings carry little of the meaning.
    """
    rows = [names for path in glossary for names in read_names(path, GLOSSARY_COLUMNS) if MASTER in names]
    for index, names in enumerate(rows):
        for language, texts in names.items():
            for text in texts:
                for _ in range(copies):
                    other = rows[int(rng.integers(len(rows)))] if rng.random() < TWO_TERMS else None
                    yield _framed(names, other, language, text, frames, rng, f"glossary:{index}")


def _framed(names: dict[str, list[str]], other: dict[str, list[str]] | None, language: str, text: str, frames: Frames,
            rng: np.random.Generator, group: str) -> Pair:
    target = "en" if rng.random() < 0.15 and "en" in names else MASTER
    goal = str(rng.choice(names[target]))
    if other is not None and language in other and target in other:
        text, goal = f"{text} {rng.choice(other[language])}", f"{goal} {rng.choice(other[target])}"
        group = ""
    frame, second = (str(rng.choice(list(frames))) for _ in range(2))
    if rng.random() < SAME_FRAME:
        second = frame
    return Pair(language, _in_frame(frames, frame, language, text, rng), target,
                _in_frame(frames, second, target, goal, rng), group)


def _in_frame(frames: Frames, frame: str, language: str, text: str, rng: np.random.Generator) -> str:
    patterns = frames[frame].get(language, ["{}"])
    return str(rng.choice(patterns)).replace("{}", text)
