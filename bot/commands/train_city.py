"""`madoguchi train city`: a city learns from its labelled questions; what was learned is numbered and can be taken back."""

import hashlib
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.city_tuning import SEED, Tuned, city_units, labels_of, tune, whole_encoder
from bot.handler import now_in_japan
from bot.messages import BotError
from bot.nlu.vocabulary import Vocabulary, load_vocabulary
from bot.service import content_digest, open_encoder
from bot.settings import Settings
from faq.city_models import CityModels
from faq.evaluation_files import LabelledQuestion, read_questions
from faq.held_out import read_held_out
from faq.loader import load_knowledge
from faq.release import Shelf, build_shelf
from faq.search.threads import one_thread_per_question
from faq.search.tuning import Corpus

MODELS = "models"
_out, _err = Console(highlight=False), Console(stderr=True)


def train_city(
    city: Annotated[str, typer.Argument(help="The city's id")],
    labels: Annotated[
        Path | None, typer.Option(help="Labelled questions as JSON Lines: {query, language, relevant: {entry id: grade}}")
    ] = None,
    revert: Annotated[bool, typer.Option(help="Go back to what was in use before")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List what was learned")] = False,
    despite_gate: Annotated[bool, typer.Option(help="Keep the result even where the gate refuses it")] = False,
) -> None:
    """Learn from a city's labelled questions: they are found like phrasings, and probabilities are held against them."""
    settings = Settings()
    models = CityModels(settings.var_dir / MODELS, city)
    if revert:
        number = models.revert()
        _out.print(f"{city}: {f'model {number} is in use again' if number else 'the shipped ranker alone is in use'}.")
    elif listed or labels is None:
        _print_list(models)
    else:
        _learn(settings, models, labels, despite_gate=despite_gate)


def _learn(settings: Settings, models: CityModels, path: Path, *, despite_gate: bool) -> None:
    one_thread_per_question()
    knowledge = load_knowledge(settings.files, [models.city])
    if models.city not in knowledge.cities:
        raise BotError("unknown_city", f"There is no city {models.city!r} here.", f"Look into {settings.files.cities}", 404)
    vocabulary = load_vocabulary(settings.files, knowledge.languages)
    shelf = build_shelf(knowledge, vocabulary.utterances, open_encoder(settings), settings.var_dir / "index")
    labelled, tuned = _tuned(settings, shelf, vocabulary, models.city, path)
    _print_figures(tuned)
    if tuned.refusals and not despite_gate:
        raise BotError("gate", "The gate refuses it: " + "; ".join(tuned.refusals) + ".", "Nothing was changed.")
    number = models.add(labelled, tuned.ranker, _manifest(settings, shelf, path, tuned), tuned.adaptation)
    _out.print(f"{models.city}: model {number} is in {models.folder / models.city / str(number)}; the next start uses it.")


def _tuned(
    settings: Settings, shelf: Shelf, vocabulary: Vocabulary, city: str, path: Path
) -> tuple[list[LabelledQuestion], Tuned]:
    from faq.search.ranker import load_rankers

    languages = shelf.knowledge.languages
    rankers = load_rankers(settings.nlu_data_dir / "ranker.json")
    release = shelf.release(city, "training", rankers, vocabulary.asking)
    labelled = labels_of(release, read_questions(path, languages), path)
    corpus = Corpus(city_units(shelf, vocabulary.utterances, city), languages, whole_encoder(shelf), release.finder.ranker)
    with Progress(console=_err, transient=True) as progress:
        tasks: dict[str, Any] = {}

        def step(what: str, done: int, total: int) -> None:
            task = tasks.setdefault(what, progress.add_task(what, total=total))
            progress.update(task, completed=done)

        wanted = release.knowledge.city.precision_wanted
        return labelled, tune(corpus, labelled, read_held_out(settings.files, languages), wanted, step)


def _manifest(settings: Settings, shelf: Shelf, path: Path, tuned: Tuned) -> dict[str, Any]:
    encoder = whole_encoder(shelf)
    return {
        "made_at": now_in_japan().isoformat(timespec="seconds"), "seed": SEED,
        "labels_file": path.name, "labels_digest": hashlib.sha256(path.read_bytes()).hexdigest(),
        "content_digest": content_digest(settings.files), "encoder": encoder.name if encoder else None,
        "embedding_adapted": tuned.adaptation is not None,
        "figures": tuned.figures, "gate": {"passed": not tuned.refusals, "refusals": list(tuned.refusals)},
    }  # fmt: skip


def _print_figures(tuned: Tuned) -> None:
    table = Table("questions", "nDCG@10", "recall@10", "success@1", "success@5", "difference of nDCG@10 (95 %)")
    for name in ("labels", "protected"):
        change = tuned.figures[name]["ndcg@10"]
        for when in ("before", "after"):
            row = tuned.figures[name][when]
            figures = (f"{row[figure]:.3f}" for figure in ("ndcg@10", "recall@10", "success@1", "success@5"))
            difference = f"{change['mean']:+.4f} ({change['low']:+.4f} to {change['high']:+.4f})"
            table.add_row(f"{name}, {when}", *figures, difference if when == "after" else "")
    _out.print(table)


def _print_list(models: CityModels) -> None:
    numbers, current = models.numbers(), models.current()
    if not numbers:
        _out.print(f"{models.city} has learned nothing yet: give labelled questions with --labels FILE.jsonl")
    for number in numbers:
        manifest = models.manifest(number)
        change = manifest["figures"]["labels"]["ndcg@10"]["mean"]
        mark = "in use" if number == current else ""
        _out.print(f"{number}  {manifest['made_at']}  nDCG@10 of labels {change:+.3f}  {manifest['labels_file']}  {mark}")
