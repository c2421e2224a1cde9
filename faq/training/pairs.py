"""Reads the public sources into pairs of texts that mean the same, sorted into buckets of one kind and language pair."""

import csv
import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

from faq.training.config import TrainingError
from faq.training.sources import Source

MAX_CHARACTERS = 400
SCORE_THAT_MEANS_THE_SAME = 4.0
_SENTENCE_END = re.compile(r"(?<=[。！？!?])|■|●|○|◆|\n")


class Pair(NamedTuple):
    """Two texts that mean the same; `group` marks pairs that must not be each other's negatives ("" = none)."""

    lang_a: str
    text_a: str
    lang_b: str
    text_b: str
    group: str = ""


class Bucket(NamedTuple):
    """Where batches are drawn from: one kind of text and one language pair, in alphabetical order."""

    kind: str
    lang_a: str
    lang_b: str


@dataclass
class PairStore:
    """De-duplicated pairs by bucket, without the texts that figures are measured on."""

    forbidden: frozenset[str] = frozenset()
    buckets: dict[Bucket, list[Pair]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    def add(self, pairs: Iterable[Pair], kind: str, source: str, *, alone: bool = False) -> None:
        """Adds the pairs that are new, non-empty and not forbidden, and counts them under `source`.

        With `alone` a text may be its own partner: dropped tokens make the two sides differ.
        """
        for pair in pairs:
            if (clean := self._accepted(pair, kind, alone=alone)) is not None:
                self.buckets.setdefault(Bucket(kind, clean.lang_a, clean.lang_b), []).append(clean)
                self.counts[source] = self.counts.get(source, 0) + 1

    def _accepted(self, pair: Pair, kind: str, *, alone: bool) -> Pair | None:
        text_a, text_b = pair.text_a.strip()[:MAX_CHARACTERS], pair.text_b.strip()[:MAX_CHARACTERS]
        folded = (text_a.casefold(), text_b.casefold())
        if not text_a or not text_b or (folded[0] == folded[1] and not alone) or self.forbidden.intersection(folded):
            return None
        key = hash((kind == "own", *sorted(((pair.lang_a, folded[0]), (pair.lang_b, folded[1])))))
        if key in self._seen:
            return None
        self._seen.add(key)
        if pair.lang_a > pair.lang_b:
            return Pair(pair.lang_b, text_b, pair.lang_a, text_a, pair.group)
        return pair._replace(text_a=text_a, text_b=text_b)


def read_source(source: Source, data: Path) -> Iterator[Pair]:
    """The pairs of one source; raises `TrainingError` when its file is missing."""
    path = data / source.file
    if not path.exists():
        raise TrainingError(f"{path}: not found. Expected the public data described in docs/model.md. "
                            f"Place it there, or pass another --data folder.")
    with _open(path) as stream:
        yield from _READERS[source.shape](stream, source)


def measured_texts(data: Path) -> frozenset[str]:
    """Case-folded texts of the public test sets, so that no figure is measured on a sentence trained on."""
    texts: set[str] = set()
    for file, skip in (("tatoeba_laser/tatoeba_laser.tsv.gz", 0), ("jglue/jsts.tsv.gz", 12451),
                       ("stsb_multi/stsb_multi.tsv.gz", 5749), ("kor_nlu/korsts.tsv.gz", 5749)):
        if (path := data / file).exists():
            texts.update(_test_rows(path, skip))
    return frozenset(texts)


def _test_rows(path: Path, skip: int) -> Iterator[str]:
    seen: dict[str, int] = {}
    with _open(path) as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            language = row.get("lang", "")
            seen[language] = seen.get(language, 0) + 1
            if seen[language] > skip:
                yield row["text_a"].strip().casefold()
                yield row["text_b"].strip().casefold()


def _open(path: Path) -> IO[str]:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _rows(stream: IO[str]) -> Iterator[dict[str, str]]:
    return csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


def _translations(stream: IO[str], source: Source) -> Iterator[Pair]:
    for row in _rows(stream):
        yield Pair(row["lang_a"], row["text_a"], row["lang_b"], row["text_b"])


def _bare(stream: IO[str], source: Source) -> Iterator[Pair]:
    for line in stream:
        fields = line.rstrip("\n").split("\t")
        if len(fields) == 4 and "th" not in (fields[0], fields[2]):
            yield Pair(*fields)


def _scored(stream: IO[str], source: Source) -> Iterator[Pair]:
    seen: dict[str, int] = {}
    for row in _rows(stream):
        language = row["lang"]
        seen[language] = seen.get(language, 0) + 1
        if seen[language] <= (source.first_rows or 0) and float(row["score"]) >= SCORE_THAT_MEANS_THE_SAME:
            yield Pair(language, row["text_a"], language, row["text_b"])


def _labelled(stream: IO[str], source: Source) -> Iterator[Pair]:
    for row in _rows(stream):
        if row["label"] == "entailment":
            yield Pair(row["lang"], row["text_a"], row["lang"], row["text_b"])


def _passages(stream: IO[str], source: Source) -> Iterator[Pair]:
    for row in _rows(stream):
        yield Pair(row["lang"], row["question"], row["lang"], row["passage"], group=row["passage"][:60])


def _articles(stream: IO[str], source: Source) -> Iterator[Pair]:
    for line in stream:
        article = json.loads(line)
        parts = [part.strip() for part in _SENTENCE_END.split(article["body"]) if len(part.strip()) > 12]
        yield Pair("ja", article["title"], "ja", article["body"], group=article["id"])
        for first, second in zip([article["title"], *parts], parts, strict=False):
            yield Pair("ja", first, "ja", second, group=article["id"])


_READERS = {"translations": _translations, "bare": _bare, "scored": _scored, "labelled": _labelled, "passages": _passages,
            "articles": _articles}
