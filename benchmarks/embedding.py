"""Measures an embedding model: real Japanese questions alone and fused with BM25, sentence similarity, translation, our FAQ.

Run `python benchmarks/embedding.py nlu_data/model --data DIR [--hold-out 3]`; DIR is the folder of docs/model.md. Every
figure is printed once, as a table and with --json as one object. The fusion weight is fixed here, not tuned per run.
"""

import argparse
import csv
import gzip
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from faq.japanese import analyse_japanese
from faq.search.encoder import Encoder, load_encoder
from faq.training.content import MASTER, is_held_out, read_entries

Scores = NDArray[np.float32]
DENSE_WEIGHTS = (0.3, 0.4, 0.5)
ANSWER_WEIGHT = 0.5
JSTS_TRAINING_ROWS = 12451


def main() -> None:
    """Prints every figure of one model."""
    arguments = _arguments()
    encoder = load_encoder(arguments.model)
    if encoder is None:
        raise SystemExit(f"{arguments.model}: no model there")
    figures: dict[str, object] = {"model": encoder.name, "dim": encoder.dim}
    figures |= localgov(encoder, arguments.data / "localgovfaq_dev")
    figures["jsts"] = jsts(encoder, arguments.data / "jglue/jsts.tsv.gz")
    figures["tatoeba"] = tatoeba(encoder, arguments.data / "tatoeba_laser/tatoeba_laser.tsv.gz")
    figures["tests"] = held_out_tests(encoder, arguments.content, arguments.nlu_data)
    if arguments.hold_out:
        figures["own (held out)"] = own_entries(encoder, arguments.content, arguments.hold_out)
    print(json.dumps(figures, ensure_ascii=False) if arguments.json else _table(figures))


def localgov(encoder: Encoder, folder: Path) -> dict[str, object]:
    """Dense, BM25 and fused figures on the development half of localgovFAQ."""
    corpus, queries = _lines(folder / "corpus.jsonl"), _lines(folder / "queries.jsonl")
    ids = [row["id"] for row in corpus]
    asked = encoder.encode([row["query"] for row in queries])
    question = asked @ encoder.encode([row["question"] for row in corpus]).T
    answer = asked @ encoder.encode([row["answer"][:400] for row in corpus]).T
    dense = question + ANSWER_WEIGHT * answer
    lexical = bm25([_words(f"{row['question']} {row['answer']}") for row in corpus], [_words(row["query"]) for row in queries])
    relevant = [{ids.index(i): grade for i, grade in row["relevant"].items()} for row in queries]
    figures: dict[str, object] = {"dense question": ranking(question, relevant), "dense": ranking(dense, relevant),
                                  "bm25": ranking(lexical, relevant)}
    for weight in DENSE_WEIGHTS:
        fused = weight * _standard(dense) + (1 - weight) * _standard(lexical)
        figures[f"fused {weight}"] = ranking(fused, relevant)
    return figures


def bm25(documents: list[list[str]], queries: list[list[str]], k1: float = 1.5, b: float = 0.6) -> Scores:
    """Okapi BM25 scores, shape (queries, documents)."""
    counts = [Counter(words) for words in documents]
    found = Counter(word for count in counts for word in count)
    lengths = np.array([len(words) for words in documents])
    norm = k1 * (1 - b + b * lengths / lengths.mean())
    scores = np.zeros((len(queries), len(documents)), dtype=np.float32)
    columns = {word: np.array([count.get(word, 0) for count in counts]) for word in {w for q in queries for w in q} & set(found)}
    for row, words in enumerate(queries):
        for word in set(words) & set(columns):
            idf = np.log(1 + (len(documents) - found[word] + 0.5) / (found[word] + 0.5))
            scores[row] += idf * columns[word] * (k1 + 1) / (columns[word] + norm)
    return scores


def ranking(scores: Scores, relevant: Sequence[dict[int, int]]) -> dict[str, float]:
    """nDCG@10, recall@10, MRR@10 and success@1/@5 of scores (queries, documents), in percent."""
    found = {"ndcg@10": 0.0, "recall@10": 0.0, "mrr@10": 0.0, "success@1": 0.0, "success@5": 0.0}
    for row, wanted in zip(scores, relevant, strict=True):
        top = np.argsort(-row, kind="stable")[:10]
        grades = np.array([wanted.get(int(index), 0) for index in top])
        discount = 1 / np.log2(np.arange(2, 12))
        ideal = sorted(wanted.values(), reverse=True)[:10]
        found["ndcg@10"] += float(grades @ discount / (np.array(ideal) @ discount[: len(ideal)]))
        found["recall@10"] += float((grades > 0).sum() / len(wanted))
        hits = np.flatnonzero(grades > 0)
        found["mrr@10"] += 1 / (1 + int(hits[0])) if len(hits) else 0.0
        found["success@1"] += float(len(hits) > 0 and hits[0] == 0)
        found["success@5"] += float(len(hits) > 0 and hits[0] < 5)
    return {name: round(100 * total / len(relevant), 1) for name, total in found.items()}


def jsts(encoder: Encoder, path: Path) -> float:
    """Spearman × 100 of cosine against human scores on the JSTS rows that training leaves out."""
    rows = list(_tsv(path))[JSTS_TRAINING_ROWS:]
    cosine = (encoder.encode([r["text_a"] for r in rows]) * encoder.encode([r["text_b"] for r in rows])).sum(1)
    return spearman(cosine, np.array([float(r["score"]) for r in rows]))


def spearman(one: NDArray[np.floating], two: NDArray[np.floating]) -> float:
    """Rank correlation × 100, ties sharing their mean rank."""
    return round(100 * float(np.corrcoef(_ranks(one), _ranks(two))[0, 1]), 1)


def _ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: NDArray[np.float64] = (last - (counts - 1) / 2)[inverse]
    return shared


def tatoeba(encoder: Encoder, path: Path) -> dict[str, float]:
    """Accuracy@1 of finding the translation among 1,000, mean of both directions, per language."""
    pairs: dict[str, list[tuple[str, str]]] = {}
    for row in _tsv(path):
        pairs.setdefault(row["lang_b"], []).append((row["text_a"], row["text_b"]))
    return {language: _matching(*(encoder.encode(side) for side in zip(*texts, strict=True)))
            for language, texts in pairs.items()}


def _matching(one: Scores, two: Scores) -> float:
    scores = one @ two.T
    hits = [(scores.argmax(axis) == np.arange(len(scores))).mean() for axis in (0, 1)]
    return round(100 * float(np.mean(hits)), 1)


def held_out_tests(encoder: Encoder, content: Path, nlu_data: Path) -> dict[str, dict[str, float]]:
    """The questions of `nlu_data/<language>/tests.yaml` (never trained on) against the Japanese question and answer alone."""
    names, score = _japanese_side(encoder, content)
    figures = {}
    for path in sorted(nlu_data.glob("*/tests.yaml")):
        rows = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("entries") or []
        known = [(row["query"], [names.index(i) for i in row["entry"] if i in names]) for row in rows]
        known = [(query, wanted) for query, wanted in known if wanted]
        if known:
            figures[path.parent.name] = _found(score([query for query, _ in known]), [wanted for _, wanted in known])
    return figures


def _japanese_side(encoder: Encoder, content: Path) -> tuple[list[str], Callable[[list[str]], Scores]]:
    entries = {entry: told[MASTER] for entry, told in read_entries(content).items() if MASTER in told}
    question = encoder.encode([told.question for told in entries.values()])
    answer = encoder.encode([told.answer[:400] for told in entries.values()])

    def score(asked: list[str]) -> Scores:
        vectors = encoder.encode(asked)
        scores: Scores = vectors @ question.T + ANSWER_WEIGHT * (vectors @ answer.T)
        return scores

    return list(entries), score


def own_entries(encoder: Encoder, content: Path, hold_out: int) -> dict[str, dict[str, float]]:
    """Our phrasings of the entries that training with `hold_out` left out, against the Japanese side of all entries.

    Japanese phrasings are searched against the question and answer alone, so they too have to be understood.
    """
    entries = read_entries(content)
    names, score = _japanese_side(encoder, content)
    figures = {}
    for language in sorted({language for told in entries.values() for language in told}):
        rows = [(text, index) for index, name in enumerate(names) if is_held_out(name, hold_out)
                if (told := entries[name].get(language))
                for text in (told.phrasings if language == MASTER else told.asked)]
        if rows:
            figures[language] = _found(score([text for text, _ in rows]), [[index] for _, index in rows])
    return figures


def _found(scores: Scores, wanted: list[list[int]]) -> dict[str, float]:
    rank = np.array([int((row > row[right].max()).sum()) for row, right in zip(scores, wanted, strict=True)])
    return {"n": len(wanted), "success@1": round(100 * float((rank < 1).mean()), 1),
            "success@5": round(100 * float((rank < 5).mean()), 1)}


def _words(text: str) -> list[str]:
    return list(analyse_japanese(text).words)


def _standard(scores: Scores) -> Scores:
    top: Scores = np.sort(scores, axis=1)[:, -10:].mean(1, keepdims=True)
    middle = np.median(scores, axis=1, keepdims=True)
    standard: Scores = (scores - middle) / np.maximum(top - middle, 1e-6)
    return standard


def _lines(path: Path) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _tsv(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


def _table(figures: dict[str, object]) -> str:
    return "\n".join(f"{name:16} {value}" for name, value in figures.items())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", nargs="?", default="nlu_data/model")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--content", type=Path, default=Path("faq"))
    parser.add_argument("--nlu-data", type=Path, default=Path("nlu_data"))
    parser.add_argument("--hold-out", type=int, default=0, help="also measure the entries that training with it left out")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
