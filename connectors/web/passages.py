"""Texts as pages show them: lines that begin with a hyphen become lists, addresses become links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

LINK = re.compile(r"https?://[^\s<>\"'()（）「」、。，：；]+")


@dataclass(frozen=True)
class Piece:
    """A part of a line; `link` tells whether it is an address."""

    text: str
    link: bool


@dataclass(frozen=True)
class Passage:
    """Lines that belong together: the items of a list, or lines of running text. Each line is a row of pieces."""

    listed: bool
    lines: tuple[tuple[Piece, ...], ...]


def passages(text: str) -> list[Passage]:
    """Return a text cut into lists and other lines; lines without anything are left out."""
    lines = [line for line in text.split("\n") if line.strip()]
    runs = groupby(lines, key=lambda line: line.startswith("- "))
    return [Passage(listed, tuple(tuple(_pieces(line.removeprefix("- "))) for line in run)) for listed, run in runs]


def _pieces(line: str) -> Iterator[Piece]:
    end = 0
    for found in LINK.finditer(line):
        if found.start() > end:
            yield Piece(line[end : found.start()], link=False)
        yield Piece(found[0], link=True)
        end = found.end()
    if end < len(line):
        yield Piece(line[end:], link=False)
