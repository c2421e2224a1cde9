"""`madoguchi train`: fits what is learned from content: the ranker, and the embedding model."""


from typing import Annotated

import typer
from rich.console import Console

from bot.nlu.vocabulary import Vocabulary, load_out_of_scope, load_vocabulary
from bot.service import open_encoder
from bot.settings import Settings
from faq.loader import Knowledge, load_knowledge
from faq.release import all_units, item_units
from faq.search.encoder import Encoder
from faq.search.fitting import FittingPlan, fit
from faq.search.ranker import load_rankers, save_rankers
from faq.search.threads import one_thread_per_question

train_app = typer.Typer(no_args_is_help=True, help="Fit what is learned from content.")
_out = Console(highlight=False)


@train_app.command("ranker")
def train_ranker(
    folds: Annotated[int, typer.Option(help="Parts that the phrasings are left out in")] = 4,
) -> None:
    """Fit the ranker anew from all content, with the embedding model and with words only."""
    one_thread_per_question()
    settings = Settings()
    path = settings.nlu_data_dir / "ranker.json"
    knowledge = load_knowledge(settings.files)
    vocabulary = load_vocabulary(settings.files, knowledge.languages)
    rankers = load_rankers(path)
    for kind, encoder in (("meaning", open_encoder(settings)), ("words", None)):
        if kind == "meaning" and encoder is None:
            continue
        for name, plan in _plans(settings, knowledge, vocabulary, encoder, folds, kind):
            _out.print(f"[bold]{name}[/]: {len(plan.units)} texts")
            rankers[name] = fit(plan, rankers[name], _say)
            save_rankers(path, rankers)
    _out.print(f"{path} is written.")


def _say(what: str) -> None:
    _out.print(f"  {what} …", style="dim")


def _plans(
    settings: Settings, knowledge: Knowledge, vocabulary: Vocabulary, encoder: Encoder | None, folds: int, kind: str
) -> list[tuple[str, FittingPlan]]:
    languages = knowledge.languages
    outside = load_out_of_scope(settings.files, languages)
    entries = list(all_units(knowledge, vocabulary.utterances))
    items = list(item_units(knowledge))
    return [
        (kind, FittingPlan(entries, outside, languages, encoder, folds)),
        (f"items-{kind}", FittingPlan(items, outside, languages, encoder, folds)),
    ]


