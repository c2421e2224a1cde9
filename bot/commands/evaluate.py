"""`madoguchi evaluate`: accuracy on any corpus with labelled questions, and on any table of garbage items."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.nlu.vocabulary import load_out_of_scope, load_vocabulary
from bot.service import open_encoder
from bot.settings import Settings
from faq.comparison import compare
from faq.evaluation import (
    Find,
    Run,
    find_entries,
    find_items,
    garbage_report,
    question_rows,
    report,
    run_questions,
    save_run,
)
from faq.evaluation_files import LabelledQuestion, read_corpus, read_items, read_questions
from faq.garbage.finder import ItemFinder
from faq.languages import load_languages
from faq.release import INTENT
from faq.search.finder import Finder
from faq.search.index import build_index
from faq.search.ranker import load_rankers, ranker_for
from faq.search.threads import one_thread_per_question
from faq.search.tuning import Corpus, cross_validated
from faq.search.units import named_units

evaluate_app = typer.Typer(invoke_without_command=True, help="Measure accuracy on labelled questions.")
_err = Console(stderr=True)
_out = Console(highlight=False)
Queries = Annotated[Path | None, typer.Option(help="Questions as JSON Lines: {query, language, relevant: {id: grade}}")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")]
SaveRun = Annotated[Path | None, typer.Option(help="Write the ranking: question id, key, rank, score")]
Model = Annotated[str | None, typer.Option(help="Another embedding model: a folder or a hub id; `none`: words only")]
Misses = Annotated[int, typer.Option(help="Also list so many questions whose first hit is wrong")]


@evaluate_app.callback()
def evaluate(
    context: typer.Context,
    corpus: Annotated[
        Path | None, typer.Option(help="Entries as JSON Lines: {id, language, question, answer, phrasings?}")
    ] = None,
    queries: Queries = None,
    as_json: AsJson = False,
    save: Annotated[Path | None, typer.Option("--save-run", help="Write the ranking: question id, key, rank, score")] = None,
    model: Model = None,
    precision: Annotated[float, typer.Option(help="Precision wanted of given answers")] = 0.85,
    misses: Misses = 0,
    cross_validate: Annotated[
        int, typer.Option(help="Learn from the labels of all parts but the one asked, in so many parts; 0: learn nothing")
    ] = 0,
    save_figures: Annotated[Path | None, typer.Option(help="Write all figures and one row a question, for `compare`")] = None,
) -> None:
    """Measure the search on a corpus: nDCG, recall, success, calibration, coverage and precision of answers."""
    if context.invoked_subcommand:
        return
    if corpus is None or queries is None:
        raise typer.BadParameter("Give --corpus and --queries.")
    settings = _settings(model)
    languages = load_languages(settings.files)
    encoder = open_encoder(settings)
    outside = named_units({f"{INTENT}outside": load_out_of_scope(settings.files, languages)})
    units = [*read_corpus(corpus, languages), *outside]
    index = build_index(units, languages, encoder)
    rankers = load_rankers(settings.files.nlu_data / "ranker.json")
    ranker = ranker_for(rankers, meaning=encoder is not None, bare=index.is_bare)
    finder = Finder(index, ranker)
    questions = read_questions(queries, languages)
    if cross_validate:
        run = _cross_validated(Corpus(units, languages, encoder, ranker), questions, cross_validate)
    else:
        run = _run(questions, find_entries(finder, languages))
    figures = report(run, ranker.threshold(precision))
    if save_figures:
        rows = question_rows(run, ranker.threshold(precision))
        save_figures.write_text(json.dumps({**figures, "questions": rows}, ensure_ascii=False, indent=1), encoding="utf-8")
    _finish(run, figures, save, misses, as_json=as_json)


@evaluate_app.command("compare")
def compare_figures(
    before: Annotated[Path, typer.Argument(help="Figures of one configuration, written with --save-figures")],
    after: Annotated[Path, typer.Argument(help="Figures of the other, of the same questions")],
    as_json: AsJson = False,
) -> None:
    """Compare two configurations over the same questions: differences with bootstrap bounds."""
    try:
        rows = [json.loads(path.read_text(encoding="utf-8"))["questions"] for path in (before, after)]
        differences = compare(*rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{before} and {after} cannot be compared ({error!r}); write both with --save-figures"
        raise typer.BadParameter(message) from error
    if as_json:
        _out.print_json(json.dumps(differences))
        return
    table = Table("figure", "difference", "95 % bounds", title=f"{differences.pop('questions')} questions", title_justify="left")
    for name, found in differences.items():
        table.add_row(name, f"{found['mean']:+.4f}", f"{found['low']:+.4f} to {found['high']:+.4f}")
    _out.print(table)


@evaluate_app.command()
def garbage(
    items: Annotated[Path, typer.Option(help="CSV with id, name, category and optional reading, name_en, …")],
    queries: Annotated[Path, typer.Option(help="Questions as JSON Lines: {query, language, items: [id, …]}")],
    as_json: AsJson = False,
    save: Annotated[Path | None, typer.Option("--save-run", help="Write the ranking: question id, key, rank, score")] = None,
    model: Model = None,
    misses: Misses = 0,
) -> None:
    """Measure the look-up of garbage items."""
    settings = _settings(model)
    languages = load_languages(settings.files)
    encoder = open_encoder(settings)
    rankers = load_rankers(settings.files.nlu_data / "ranker.json")
    units, categories = read_items(items, languages)
    finder = Finder(build_index(units, languages, encoder), rankers["items-meaning" if encoder else "items-words"])
    asking = load_vocabulary(settings.files, languages).asking
    run = _run(read_questions(queries, languages, "items"), find_items(ItemFinder(finder, asking), languages))
    _finish(run, garbage_report(run, categories), save, misses, as_json=as_json)


def _settings(model: str | None) -> Settings:
    one_thread_per_question()
    settings = Settings()
    return settings.model_copy(update={"embedding_model": model}) if model else settings


def _run(questions: Sequence[LabelledQuestion], find: Find) -> Run:
    with Progress(console=_err, transient=True) as progress:
        task = progress.add_task("questions", total=len(questions))
        return run_questions(questions, find, lambda: progress.advance(task))


def _cross_validated(corpus: Corpus, questions: Sequence[LabelledQuestion], folds: int) -> Run:
    started = time.perf_counter()
    with Progress(console=_err, transient=True) as progress:
        task = progress.add_task("parts", total=folds)
        hits = cross_validated(corpus, questions, folds, step=lambda done, _all: progress.update(task, completed=done))
    return Run(questions, hits, time.perf_counter() - started)


def _finish(run: Run, figures: dict[str, Any], save: Path | None, misses: int, *, as_json: bool) -> None:
    if save:
        save_run(run, save)
    if as_json:
        _out.print_json(json.dumps(figures))
    else:
        _print_table(figures)
    shown = 0
    for question, hits in zip(run.questions, run.hits, strict=True):
        if shown < misses and question.relevant and (not hits or hits[0].key not in question.relevant):
            shown += 1
            found = ", ".join(f"{hit.key} {hit.probability:.2f}" for hit in hits[:3])
            _err.print(f"{question.language}  {question.text}  →  {found}  (right: {', '.join(question.relevant)})", markup=False)


def _print_table(figures: dict[str, Any]) -> None:
    rows = {"all": figures["overall"], **figures["languages"]}
    table = Table("language", *figures["overall"])
    for name, values in rows.items():
        table.add_row(name, *(f"{value:.3f}" if isinstance(value, float) else str(value) for value in values.values()))
    _out.print(table)
    for name, value in figures.items():
        if not isinstance(value, dict):
            _out.print(f"{name}: {value}")
