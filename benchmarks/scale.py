"""`python benchmarks/scale.py`: how search grows with the number of entries, on texts put together from the real ones.

Every synthetic entry has a question, two phrasings and an answer in each language, made of halves of real texts. Their words are
fewer than those of so many real entries, so the lists to go through are longer than in truth. Times are those of one
core, so that others on the machine disturb less. With INDEX_URL set the index in that database is measured, by the clock.
"""

import argparse
import json
import multiprocessing
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.settings import Settings
from bot.storage.search_index import index_in_database
from faq.held_out import read_held_out
from faq.languages import load_languages
from faq.loader import load_knowledge
from faq.search.encoder import Encoder, load_encoder
from faq.search.finder import Finder
from faq.search.index import SearchIndex
from faq.search.index_file import open_index
from faq.search.ranker import load_rankers, ranker_for
from faq.search.threads import one_thread_per_question
from faq.search.units import Unit

# A city of the plan: its own entries, and those that all cities share.
OWN, SHARED = 1_000, 300
out = Console(highlight=False)
Figures = dict[str, Any]


def main() -> None:
    """Measure every size in processes of its own, so that the memory of one is not another's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[5_000, 20_000, 100_000])
    parser.add_argument("--languages", nargs="+", default=["ja"])
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    found = []
    for entries in arguments.entries:
        with tempfile.TemporaryDirectory() as folder:
            made = (entries, tuple(arguments.languages), arguments.questions, Path(folder))
            built = _apart(_built, *made)
            found.append({"entries": entries, **built, **_apart(_asked, *made)})
    _print(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def _apart(work: Any, *values: Any) -> Figures:
    """Run one step in a process of its own and return its figures."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        figures: Figures = pool.apply(work, values)
    return figures


def _built(entries: int, languages: Sequence[str], _questions: int, folder: Path) -> Figures:
    started = time.perf_counter()
    _opened(folder, entries, languages, _encoder())
    seconds = round(time.perf_counter() - started)
    size = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    return {"texts": 4 * entries * len(languages), "build (s)": seconds, "file (MB)": size // 1_000_000}


def _asked(entries: int, languages: Sequence[str], questions: int, folder: Path) -> Figures:
    one_thread_per_question()
    settings, encoder = Settings(), _encoder()
    known = load_languages(settings.files)
    index = _opened(folder, entries, languages, encoder)
    ranker = ranker_for(load_rankers(settings.files.nlu_data / "ranker.json"), meaning=True, bare=False)
    held_out = [q for q in read_held_out(settings.files, known).entries if q.language in languages]
    texts = [(q.text, (known[q.language].search_group,)) for q in random.Random(3).choices(held_out, k=questions)]
    city = index.mask([f"entry:{number}" for number in (*range(SHARED), *range(entries - OWN, entries))])
    figures: Figures = {}
    for name, allowed in (("all", None), ("one city", city)):
        figures |= _timed(Finder(index, ranker, allowed), texts, name)
    own, mapped = _memory()
    return {**figures, "memory, own (MB)": own, "memory, of files (MB)": mapped}


def _timed(finder: Finder, texts: Sequence[tuple[str, tuple[str, ...]]], name: str) -> Figures:
    clock: Callable[[], float] = time.perf_counter if Settings().index_url else time.thread_time
    for text, groups in texts[:20]:
        finder.find(f"{text} 1", groups)
    seconds = []
    for number, (text, groups) in enumerate(texts):
        started = clock()
        finder.find(f"{text} {number % 10}", groups)  # never to the letter what was asked before
        seconds.append(clock() - started)
    p50, p99 = np.percentile(seconds, [50, 99]) * 1000
    return {f"{name}: p50, p99 (ms)": f"{p50:.2f}, {p99:.2f}"}


def _opened(folder: Path, entries: int, languages: Sequence[str], encoder: Encoder) -> SearchIndex:
    opened = index_in_database(Settings().index_url) or partial(open_index, folder)
    return opened("scale", list(synthetic(entries, languages)), load_languages(Settings().files), encoder)


def _encoder() -> Encoder:
    encoder = load_encoder(Settings().nlu_data_dir / "model")
    if encoder is None:
        raise SystemExit("there is no model in nlu_data/model: `madoguchi train model`")
    return encoder


def synthetic(entries: int, languages: Sequence[str]) -> Iterator[Unit]:
    """Yield the texts of so many entries, the same every time."""
    chance = random.Random(7)
    knowledge = load_knowledge(Settings().files, [])
    asked: dict[str, list[str]] = {language: [] for language in languages}
    answers: dict[str, list[str]] = {language: [] for language in languages}
    for entry in knowledge.nationwide.values():
        for language, text in entry.asked():
            if language in asked:
                asked[language].append(text)
        for language in languages:
            if language in entry.texts:
                answers[language].append(entry.texts[language].answer)
    for number in range(entries):
        for language in languages:
            for _ in range(3):
                yield Unit(f"entry:{number}", language, "asked", _crossed(*chance.sample(asked[language], 2)))
            yield Unit(f"entry:{number}", language, "answer", _crossed(*chance.sample(answers[language], 2)))


def _crossed(first: str, second: str) -> str:
    """Put the first half of one text and the second half of another together."""
    space = " " if " " in first else ""
    parts, others = (first.split(), second.split()) if space else (list(first), list(second))
    return space.join([*parts[: (len(parts) + 1) // 2], *others[len(others) // 2 :]])


def _memory() -> tuple[int, int]:
    """Return the memory of this process in MB: what it alone holds, and what it maps of files, which processes share."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    own, mapped = (re.search(rf"{name}:\s+(\d+)", status) for name in ("RssAnon", "RssFile"))
    return int(own[1]) // 1024 if own else 0, int(mapped[1]) // 1024 if mapped else 0


def _print(found: Sequence[Figures]) -> None:
    table = Table(*found[0])
    for figures in found:
        table.add_row(*map(str, figures.values()))
    out.print(table)


if __name__ == "__main__":
    main()
