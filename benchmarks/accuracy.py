"""`make evaluate`: accuracy on the held-out questions, on phrasings left out, across languages, and on a real city's FAQ."""

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.commands.check_tables import print_confusable
from bot.nlu.vocabulary import load_vocabulary
from bot.search_checks import SearchPlan, search_findings
from bot.service import assemble, open_encoder
from bot.settings import Settings
from faq.comparison import compare
from faq.evaluation import Run, find_entries, find_items, question_rows, report, run_questions
from faq.evaluation_files import LabelledQuestion, read_corpus, read_questions
from faq.figures import coverage_svg, reliability_svg
from faq.held_out import FRESH, HeldOut, read_held_out
from faq.languages import Languages
from faq.loader import load_knowledge
from faq.metrics import RANKING, coverage_curve, decision_figures, reliability
from faq.release import ENTRY, Release, all_units, build_shelf
from faq.search.encoder import Encoder
from faq.search.finder import Finder
from faq.search.fitting import FittingPlan, left_out
from faq.search.index import build_index
from faq.search.ranker import Ranker, load_rankers, ranker_for
from faq.search.threads import one_thread_per_question
from faq.search.tuning import Corpus, cross_validated
from faq.variants import missed_pairs, read_fresh, read_pairs

REAL_CITY = Path(__file__).parent.parent.parent / "shared" / "data" / "localgovfaq_dev"
out = Console(highlight=False, width=140)


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="", help="another embedding model: a folder, a hub id, or `none`")
    parser.add_argument("--city", default="hoshimi")
    parser.add_argument("--misses", action="store_true", help="list every held-out question whose first hit is wrong")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    parser.add_argument("--against", type=Path, help="compare with the figures in this file, written with --json before")
    parser.add_argument("--figures", type=Path, help="draw the decision into this folder (docs/figures)")
    arguments = parser.parse_args()
    one_thread_per_question()
    settings = Settings(embedding_model=arguments.model)
    figures = measure(settings, arguments.city, misses=arguments.misses, drawings=arguments.figures)
    if arguments.against:
        print_comparison(json.loads(arguments.against.read_text(encoding="utf-8")), figures)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


def measure(settings: Settings, city: str, *, misses: bool, drawings: Path | None = None) -> dict[str, Any]:
    """Measure everything and print it; return the figures by name."""
    knowledge = load_knowledge(settings.files)
    vocabulary = load_vocabulary(settings.files, knowledge.languages)
    encoder = open_encoder(settings)
    shelf = build_shelf(knowledge, vocabulary.utterances, encoder, settings.var_dir / "index")
    release = assemble(settings, shelf, vocabulary, lambda _city, _digest: 0).releases[city]
    ranker, languages = release.finder.ranker, knowledge.languages
    threshold = ranker.threshold(release.knowledge.city.precision_wanted)
    held_out = read_held_out(settings.files, languages)
    figures: dict[str, Any] = {}

    def show(name: str, run: Run, *, secret: bool = False) -> None:
        figures[name] = {**report(run, threshold), "rows": [] if secret else question_rows(run, threshold)}
        print_report(name, figures[name])
        if misses and not secret:
            print_misses(run)

    find = find_entries(release.finder, languages)
    decision = run_questions(in_and_out(held_out), find)
    show("Held-out questions about entries, with those out of scope", decision)
    if drawings:
        draw(drawings, decision, release.knowledge.city.precision_wanted)
    fresh = in_and_out(read_held_out(settings.files, languages, FRESH))
    show("Fresh questions, never looked at, with those out of scope", run_questions(fresh, find), secret=True)
    print_wanted(ranker, decision)
    figures["Variants"] = print_variants(release, settings.files.nlu_data / "variants", misses=misses)
    show("Held-out questions about garbage", run_questions(held_out.garbage, find_items(release.items, languages)))
    plan = FittingPlan(list(all_units(knowledge, {})), languages, encoder)
    show("Phrasings left out of the index (one in four)", phrasings_left_out(plan, ranker))
    rankers = load_rankers(settings.files.nlu_data / "ranker.json")
    bare = ranker_for(rankers, meaning=encoder is not None, bare=True)
    show("Held-out questions in other languages, entries in Japanese only", japanese_only(plan, bare, held_out.entries))
    for name, asked in REAL_CITY_RUNS.items() if (REAL_CITY / "corpus.jsonl").exists() else ():
        show(name, asked(languages, encoder, bare))
    findings = search_findings(SearchPlan(knowledge, vocabulary.utterances, encoder, rankers))
    figures["Confusable entries"] = findings.as_json()["confusable"]
    print_confusable(findings, out, most=15)
    return figures


def in_and_out(held_out: HeldOut) -> list[LabelledQuestion]:
    """Return the questions that entries answer and those that nothing answers, on which a decision is measured."""
    return [*held_out.entries, *held_out.outside]


def phrasings_left_out(plan: FittingPlan, ranker: Ranker) -> Run:
    """Ask phrasings of an index that lacks them."""
    units, left = left_out(plan, fold=0)
    finder = Finder(build_index(units, plan.languages, plan.encoder), ranker)
    return run_questions(sample(left), find_entries(finder, plan.languages))


def japanese_only(plan: FittingPlan, bare: Ranker, questions: Sequence[LabelledQuestion]) -> Run:
    """Ask questions in other languages of an index of Japanese texts alone."""
    japanese = [unit for unit in plan.units if unit.language in plan.languages.in_group("ja")]
    finder = Finder(build_index(japanese, plan.languages, plan.encoder), bare)
    foreign = [question for question in questions if not question.language.startswith("ja")]
    return run_questions(foreign, find_entries(finder, plan.languages))


def real_city(languages: Languages, encoder: Encoder | None, bare: Ranker) -> Run:
    """Ask the real city's questions of its own FAQ."""
    finder = Finder(build_index(read_corpus(REAL_CITY / "corpus.jsonl", languages), languages, encoder), bare)
    return run_questions(read_questions(REAL_CITY / "queries.jsonl", languages), find_entries(finder, languages))


def real_city_labelled(languages: Languages, encoder: Encoder | None, bare: Ranker) -> Run:
    """Ask the real city's questions, each with the labels of four of five parts learned, its own not among them."""
    questions = read_questions(REAL_CITY / "queries.jsonl", languages)
    corpus = Corpus(read_corpus(REAL_CITY / "corpus.jsonl", languages), languages, encoder, bare)
    return Run(questions, cross_validated(corpus, questions), 0.0)


def print_wanted(ranker: Ranker, run: Run) -> None:
    """Print what becomes of the decision on held-out questions for each precision that a city may want."""
    table = Table("wanted", "threshold", "coverage", "right", "false answers out of scope", title="As much as a city wants")
    for wanted in (0.85, 0.9, 0.95):
        found = decision_figures(run.ranked(), ranker.threshold(wanted))
        table.add_row(f"{wanted}", *(f"{found[name]:.3f}" for name in ("threshold", "coverage", "precision", "false_answers")))
    out.print(table)


REAL_CITY_RUNS = {
    "A real city's 1,786 FAQ, crowd-written questions": real_city,
    "The same, learning from the labels of the other parts (5)": real_city_labelled,
}


def draw(folder: Path, run: Run, wanted: float) -> None:
    """Write the reliability diagram and the curve of coverage and precision."""
    folder.mkdir(parents=True, exist_ok=True)
    ranked = run.ranked()
    diagram = reliability_svg("How honest probabilities are", reliability(ranked))
    (folder / "reliability.svg").write_text(diagram, encoding="utf-8")
    curve = coverage_svg("Answers given and how many are right", coverage_curve(ranked), wanted)
    (folder / "coverage.svg").write_text(curve, encoding="utf-8")


def print_variants(release: Release, folder: Path, *, misses: bool) -> dict[str, float]:
    """Print and return the share of pairs that hold, for each way of writing and for pairs kept apart (docs/search.md)."""

    def first_entry(text: str) -> str:
        hits = release.own_first(release.finder.find(text, ["ja"], top=15))
        return next((hit.key.removeprefix(ENTRY).split("@")[0] for hit in hits if hit.key.startswith(ENTRY)), "")

    pairs = read_pairs(folder)
    missed = missed_pairs(pairs, first_entry)
    asked, failed = Counter(pair.way for pair in pairs), Counter(pair.way for pair, _, _ in missed)
    shares = {way: round(1 - failed[way] / count, 4) for way, count in asked.items()}
    out.print("Pairs of one question written in two ways, and of two matters kept apart")
    out.print("  ".join(f"{way} {share:.3f} ({asked[way]})" for way, share in shares.items()), "\n")
    fresh = read_fresh(folder)
    shares["fresh"] = round(1 - len(missed_pairs(fresh, first_entry)) / len(fresh), 4)
    out.print(f"  and of {len(fresh)} pairs never tuned on: {shares['fresh']:.3f}\n")
    for pair, one, other in missed if misses else ():
        out.print(f"  {pair.way}  {pair.first} → {one}  {pair.second} → {other}", markup=False)
    return shares


def print_comparison(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Print the paired differences of every table that both evaluations have."""
    for name in [name for name in after if name in before and after[name].get("rows") and before[name].get("rows")]:
        found = compare(before[name]["rows"], after[name]["rows"])
        out.print(f"[bold]{name}[/]: {found.pop('questions')} questions")
        for figure, change in found.items():
            out.print(f"  {figure} {change['mean']:+.4f} ({change['low']:+.4f} to {change['high']:+.4f})")


def sample(left: Sequence[object], most: int = 4000) -> list[LabelledQuestion]:
    """Return questions from left-out phrasings, the same ones every time."""
    chosen = random.Random(1).sample(list(left), min(most, len(left)))
    return [LabelledQuestion(str(n), q.text, q.language, {q.key: 1.0}) for n, q in enumerate(chosen)]  # type: ignore[attr-defined]


def print_report(name: str, figures: object) -> None:
    """Print one table."""
    assert isinstance(figures, dict)
    table = Table("language", *RANKING, "questions", title=name, title_justify="left")
    for code, row in {"all": figures["overall"], **figures["languages"]}.items():
        table.add_row(code, *(f"{row[metric]:.3f}" for metric in RANKING), str(row["queries"]))
    bounds = (f"±{(found['high'] - found['low']) / 2:.3f}" for found in figures["intervals"].values())
    table.add_row("95 % bounds of all", *bounds, "", style="dim")
    out.print(table)
    rest = {key: value for key, value in figures.items() if not isinstance(value, dict | list)}
    out.print("  ".join(f"{key} {value}" for key, value in rest.items()), "\n")


def print_misses(run: Run) -> None:
    """List the questions whose first hit is wrong."""
    for question, hits in zip(run.questions, run.hits, strict=True):
        if question.relevant and (not hits or hits[0].key not in question.relevant):
            found = ", ".join(f"{hit.key} {hit.probability:.2f}" for hit in hits[:3])
            right = ", ".join(question.relevant)
            out.print(f"  {question.language}  {question.text}  →  {found}  (right: {right})", markup=False)


if __name__ == "__main__":
    main()
