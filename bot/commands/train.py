"""`madoguchi train`: fits what is learned from content: the ranker, and the embedding model."""


from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.commands.train_city import train_city
from bot.nlu.vocabulary import Vocabulary, load_vocabulary
from bot.service import open_encoder
from bot.settings import Settings
from faq.languages import JAPANESE
from faq.loader import Knowledge, load_knowledge
from faq.release import ENTRY, INTENT, all_units, item_units
from faq.search.decision import OUTSIDE, TOPIC
from faq.search.encoder import load_encoder
from faq.search.fitting import FittingPlan, Labelled, fit, fit_bare, fit_names
from faq.search.ranker import load_rankers, save_rankers
from faq.search.threads import one_thread_per_question
from faq.search.units import Unit, named_units

train_app = typer.Typer(no_args_is_help=True, help="Fit what is learned from content.")
train_app.command("city")(train_city)
_out = Console(highlight=False)
_TYPED_SEED = 5


@train_app.command("ranker")
def train_ranker(
    twin: Annotated[
        Path | None, typer.Option(help="A model trained with --hold-out N: the entries left out of it make honest questions")
    ] = None,
    hold_out: Annotated[int, typer.Option(help="The N that the twin was trained with")] = 3,
    hold_out_phrasings: Annotated[int, typer.Option(help="The --hold-out-phrasings that the twin was trained with")] = 0,
    folds: Annotated[int, typer.Option(help="Parts that the phrasings are left out in")] = 4,
    only: Annotated[list[str] | None, typer.Option(help="Fit only this ranker (meaning, bare-words, …); may be repeated")] = None,
) -> None:
    """Fit the rankers anew from all content, with the embedding model and with words only."""
    one_thread_per_question()
    settings = Settings()
    path = settings.nlu_data_dir / "ranker.json"
    knowledge = load_knowledge(settings.files)
    units = _Units.of(knowledge, load_vocabulary(settings.files, knowledge.languages))
    rankers = load_rankers(path)
    encoder = load_encoder(twin) if twin else open_encoder(settings)
    unseen = _left_out_of(hold_out, hold_out_phrasings) if twin else _any
    for kind, model, honest in (("meaning", encoder, unseen), ("words", None, _any)):
        if kind == "meaning" and model is None:
            continue
        entries = FittingPlan(units.entries, knowledge.languages, model, folds, unseen=honest, typed=_typed)
        items = FittingPlan(units.items, knowledge.languages, model, folds)
        for name, plan, how in ((kind, entries, fit), (f"bare-{kind}", entries, fit_bare), (f"items-{kind}", items, fit_names)):
            if only and name not in only:
                continue
            _out.print(f"[bold]{name}[/]: {len(plan.units)} texts")
            rankers[name] = how(plan, rankers[name], _say)
            save_rankers(path, rankers)
    _out.print(f"{path} is written.")


@train_app.command("model")
def train_model_command(
    data: Annotated[Path, typer.Option(help="The folder of public data, one sub-folder for each source (docs/model.md)")],
    out: Annotated[Path, typer.Option(help="Where the model goes")],
    work: Annotated[Path, typer.Option(help="Where prepared data and checkpoints lie")] = Path("var/training"),
    steps: Annotated[int, typer.Option(min=1)] = 16_000,
    vocabulary: Annotated[int, typer.Option(min=1000)] = 56_000,
    dim: Annotated[int, typer.Option(min=8)] = 384,
    seed: int = 13,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    hold_out: Annotated[int, typer.Option(help="Keep one entry in so many from training: a twin for `train ranker`")] = 0,
    hold_out_phrasings: Annotated[int, typer.Option(help="Keep one phrasing in so many from training, for the same")] = 0,
    resume: Annotated[bool, typer.Option(help="Go on from the last checkpoint")] = False,
) -> None:
    """Train the embedding model from public data and our own content (needs the [models] extra)."""
    from faq.training import TrainingConfig, train_model
    from faq.training.terminal import TerminalProgress

    settings = Settings()
    config = TrainingConfig(
        data=data, out=out, work=work, content=settings.faq_dir, nlu_data=settings.nlu_data_dir, vocabulary=vocabulary,
        dim=dim, steps=steps, seed=seed, device=device, resume=resume, hold_out=hold_out, hold_out_phrasings=hold_out_phrasings,
    )  # fmt: skip
    with TerminalProgress() as progress:
        report = train_model(config, progress)
    _out.print(f"{report.path}: {report.size / 1e6:.1f} MB after {report.seconds:.0f} s")


@dataclass(frozen=True)
class _Units:
    """The searchable texts of entries and intents, and of items. Topics are no rivals of entries: nothing is fitted on them."""

    entries: list[Unit]
    items: list[Unit]

    @classmethod
    def of(cls, knowledge: Knowledge, vocabulary: Vocabulary) -> "_Units":
        outside = {f"{INTENT}outside": vocabulary.utterances["outside"]}
        entries = [unit for unit in all_units(knowledge, vocabulary.utterances) if not unit.key.startswith(TOPIC)]
        return cls(entries, [*item_units(knowledge), *named_units(outside)])


def _any(_question: Labelled) -> bool:
    return True


def _left_out_of(hold_out: int, hold_out_phrasings: int) -> Callable[[Labelled], bool]:
    """Return whether a twin has not seen a question: an entry or phrasing left out of it, or no shared entry at all."""
    from faq.training.content import is_held_out, is_phrasing_held_out

    def is_unseen(question: Labelled) -> bool:
        entry = question.key.removeprefix(ENTRY)
        was_there = (question.key.startswith(ENTRY) and "@" not in entry) or question.key == OUTSIDE
        return not was_there or is_held_out(entry, hold_out) or is_phrasing_held_out(question.text, hold_out_phrasings)

    return is_unseen


def _typed(questions: Sequence[Labelled]) -> list[Labelled]:
    """Return some Japanese questions as residents type them: kana alone, keywords, romaji, a slip (J-02 … J-08)."""
    import numpy as np

    from faq.training.variants import variant_pairs

    chosen = [question for question in questions if question.language == JAPANESE and question.key.startswith(ENTRY)][::2]
    pairs = variant_pairs((question.text for question in chosen), np.random.default_rng(_TYPED_SEED))
    return [replace(question, text=pair.text_b) for question, pair in zip(chosen, pairs, strict=True) if pair.text_b.strip()]


def _say(what: str) -> None:
    _out.print(f"  {what} …", style="dim")
