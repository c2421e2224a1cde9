"""Writes the model card: what the model is, what it was trained on under which licences, and how to make it again."""

import json
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from faq.training.config import ModelReport, TrainingConfig
from faq.training.sources import SOURCES, Source, shipping

LANGUAGES = ("ja", "en", "zh", "ko", "pt", "vi", "tl", "es", "ne", "id")
_FIGURES = "figures.json"
_OWN = ("this project", "Madoguchi contributors")
_MADE_HERE = {"Japanese ways of typing": ("CC BY-SA 4.0", "made from Tanaka and Tatoeba sentences with Sudachi"),
              "romaji": ("CC BY-SA 4.0", "made from JMdict readings")}
_INTRODUCTION = """# Madoguchi static embedding

Sentence vectors for questions to Japanese city halls, in Japanese and the languages residents speak. A text is the mean
of its token vectors, so a question costs microseconds and no GPU. `SentenceTransformer(path)` loads it (6.2 or newer);
the product reads it with numpy alone.
""".splitlines()
_RESULTS = """## Results

By `benchmarks/embedding.py`, in percent. localgovFAQ is the development half of a real city's FAQ. Figures under
`own (held out)` are of a shorter run (8,000 steps) that left out every third of our entries: how a new topic fares.
""".splitlines()
_LIMITS = """## Limits

The model compares texts and knows nothing else. It is weak where words are missing from the glossary, for negation and
for numbers; a lexical search belongs beside it.
""".splitlines()


def write_card(report: ModelReport, config: TrainingConfig) -> Path:
    """Writes `README.md` into the model directory; figures come from `figures.json` beside it where that was measured."""
    figures = config.out / _FIGURES
    measured = json.loads(figures.read_text(encoding="utf-8")) if figures.exists() else {}
    path = config.out / "README.md"
    path.write_text("\n".join(_lines(report, config, measured)) + "\n", encoding="utf-8")
    return path


def _lines(report: ModelReport, config: TrainingConfig, measured: dict[str, object]) -> Iterable[str]:
    yield from ("---", f"language: [{', '.join(LANGUAGES)}]", "library_name: sentence-transformers", "license: cc-by-sa-4.0",
                "pipeline_tag: sentence-similarity", "tags: [static-embedding, city-hall, faq]", "---", "")
    yield from (*_INTRODUCTION, "")
    yield from ("| property | value |", "|---|---|", f"| vocabulary | {report.vocabulary:,} unigram pieces |",
                f"| dimensions | {report.dim}, vectors of length 1, compared by cosine |",
                "| weights | 8 bit with one factor per token |", f"| size | {report.size / 1e6:.1f} MB |",
                f"| trained | {report.steps:,} steps of {config.batch} pairs, seed {config.seed} |", "")
    yield from _results(measured)
    made_with = ", ".join(_versions(("torch", "tokenizers", "sudachipy", "sudachidict-small")))
    yield from ("## Training", "", "```", command(config), "```", "",
                f"Made with {made_with}. `docs/model.md` says where the data go.", "")
    yield from _data(report.pairs)
    yield from _LIMITS


def command(config: TrainingConfig) -> str:
    """The command line that repeats the run."""
    return (f"madoguchi train model --data DATA --out {config.out} --steps {config.steps} --vocabulary "
            f"{config.vocabulary} --dim {config.dim} --seed {config.seed}")


def _results(measured: dict[str, object]) -> Iterable[str]:
    if measured:
        yield from (*_RESULTS, "")
        yield from ("| measure | value |", "|---|---|")
        yield from (f"| {name} | {_cell(value)} |" for name, value in measured.items())
        yield ""


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(f"{name} {_cell(inner)}" for name, inner in value.items())
    return str(value)


def _data(pairs: dict[str, int]) -> Iterable[str]:
    yield from ("## Data, licences and credits", "", "| source | pairs | licence | credit |", "|---|---|---|---|")
    public = {source.file: source for source in shipping()}
    for name, count in pairs.items():
        source = public.get(name)
        licence, credit = (source.licence, source.credit) if source else _MADE_HERE.get(name, _OWN)
        yield f"| {name} | {count:,} | {licence} | {credit} |"
    yield from ("", "Known and left out: " + "; ".join(_left_out(source) for source in SOURCES if not source.ships) + ".", "",
                "Share-alike sources are among them, so the weights are offered under CC BY-SA 4.0, with the credits above.", "")


def _left_out(source: Source) -> str:
    return f"{source.file.split('/')[0]} ({source.reason})"


def _versions(packages: tuple[str, ...]) -> Iterable[str]:
    yield f"Python {sys.version_info.major}.{sys.version_info.minor}"
    for package in packages:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            continue
