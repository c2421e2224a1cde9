"""`madoguchi train`: fits what is learned from content: the ranker, and the embedding model."""


from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.nlu.vocabulary import Vocabulary, load_vocabulary
from bot.service import open_encoder
from bot.settings import Settings
from faq.loader import Knowledge, load_knowledge
from faq.release import ENTRY, INTENT, all_units, item_units
from faq.search.encoder import load_encoder
from faq.search.fitting import FittingPlan, fit, fit_bare, fit_names
from faq.search.ranker import load_rankers, save_rankers
from faq.search.threads import one_thread_per_question
from faq.search.units import Unit, named_units

train_app = typer.Typer(no_args_is_help=True, help="Fit what is learned from content.")
_out = Console(highlight=False)


@train_app.command("ranker")
def train_ranker(
    twin: Annotated[
        Path | None, typer.Option(help="A model trained with --hold-out N: the entries left out of it make honest questions")
    ] = None,
    hold_out: Annotated[int, typer.Option(help="The N that the twin was trained with")] = 3,
    folds: Annotated[int, typer.Option(help="Parts that the phrasings are left out in")] = 4,
) -> None:
    """Fit the rankers anew from all content, with the embedding model and with words only."""
    one_thread_per_question()
    settings = Settings()
    path = settings.nlu_data_dir / "ranker.json"
    knowledge = load_knowledge(settings.files)
    units = _Units.of(knowledge, load_vocabulary(settings.files, knowledge.languages))
    rankers = load_rankers(path)
    encoder = load_encoder(twin) if twin else open_encoder(settings)
    unseen = _left_out_of(hold_out) if twin else _any_key
    for kind, model, honest in (("meaning", encoder, unseen), ("words", None, _any_key)):
        if kind == "meaning" and model is None:
            continue
        entries = FittingPlan(units.entries, knowledge.languages, model, folds, unseen=honest)
        items = FittingPlan(units.items, knowledge.languages, model, folds)
        for name, plan, how in ((kind, entries, fit), (f"bare-{kind}", entries, fit_bare), (f"items-{kind}", items, fit_names)):
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
    resume: Annotated[bool, typer.Option(help="Go on from the last checkpoint")] = False,
) -> None:
    """Train the embedding model from public data and our own content (needs the [models] extra)."""
    from faq.training import TrainingConfig, train_model
    from faq.training.terminal import TerminalProgress

    settings = Settings()
    config = TrainingConfig(
        data=data, out=out, work=work, content=settings.faq_dir, nlu_data=settings.nlu_data_dir, vocabulary=vocabulary,
        dim=dim, steps=steps, seed=seed, device=device, resume=resume, hold_out=hold_out,
    )  # fmt: skip
    with TerminalProgress() as progress:
        report = train_model(config, progress)
    _out.print(f"{report.path}: {report.size / 1e6:.1f} MB after {report.seconds:.0f} s")


@dataclass(frozen=True)
class _Units:
    """The searchable texts of entries and intents, and of items."""

    entries: list[Unit]
    items: list[Unit]

    @classmethod
    def of(cls, knowledge: Knowledge, vocabulary: Vocabulary) -> "_Units":
        outside = {f"{INTENT}outside": vocabulary.utterances["outside"]}
        return cls(list(all_units(knowledge, vocabulary.utterances)), [*item_units(knowledge), *named_units(outside)])


def _any_key(_key: str) -> bool:
    return True


def _left_out_of(hold_out: int) -> Callable[[str], bool]:
    """Return whether a twin model has not seen a key: entries left out of it, and everything that is no entry."""
    from faq.training.content import is_held_out

    return lambda key: not key.startswith(ENTRY) or is_held_out(key.removeprefix(ENTRY).split("@")[0], hold_out)


def _say(what: str) -> None:
    _out.print(f"  {what} …", style="dim")
