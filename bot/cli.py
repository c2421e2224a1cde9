"""The `madoguchi` command."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.commands.add import add_city, add_language
from bot.commands.evaluate import evaluate_app
from bot.commands.exchange import export_city, import_city
from bot.commands.furigana import furigana
from bot.commands.line import line_app
from bot.commands.staff import audit_app, staff_app
from bot.commands.train import train_app
from bot.messages import BotError
from bot.settings import Settings
from faq.errors import ContentError
from faq.search.encoder import EncoderError

# The tokenizer of the embedding model would start threads for a single question.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

app = typer.Typer(no_args_is_help=True, add_completion=False, help="窓口 — the multilingual FAQ chatbot of Japanese city halls.")
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

City = Annotated[str | None, typer.Option("--city", help="The city's id; default: DEFAULT_CITY")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text")]


def main() -> None:
    """Run the command; mistakes of the caller end with exit code 1 and one clear message."""
    try:
        app()
    except ContentError as error:
        for problem in error.problems:
            err.print(str(problem), style="red", markup=False)
        sys.exit(1)
    except EncoderError as error:
        err.print(str(error), style="red", markup=False)
        sys.exit(1)
    except BotError as error:
        err.print(f"{error.message} {error.hint}".strip(), style="red", markup=False)
        sys.exit(1)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: HOST")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default: PORT")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes; more than one needs Redis")] = 1,
    city: Annotated[list[str] | None, typer.Option("--city", help="Serve only these cities")] = None,
) -> None:
    """Serve everything on one port."""
    from bot.commands.serve import serve_all

    serve_all(Settings(), host, port, workers, city or [])


@app.command()
def ask(
    text: Annotated[str | None, typer.Argument(help="The question")] = None,
    city: City = None,
    lang: Annotated[str | None, typer.Option("--lang", help="The resident's language")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Questions as JSON Lines: {query, language}")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a question, or a file of them, and print what a resident would get."""
    from bot.commands.ask import ask_file, ask_one

    if (text is None) == (file is None):
        raise typer.BadParameter("Give a question, or --file with questions, and not both.")
    settings = Settings()
    chosen = city or settings.default_city
    if file is not None:
        ask_file(settings, chosen, lang, file)
    else:
        ask_one(settings, chosen, lang, text or "", out, as_json=as_json)


@app.command()
def check(
    city: Annotated[str | None, typer.Argument(help="Only this city (and what all share)")] = None,
    as_json: AsJson = False,
    search: Annotated[bool, typer.Option("--search", help="Also ask every phrasing of an index that lacks it")] = False,
) -> None:
    """Check all content and print every mistake with its file and line."""
    from bot.commands.check import check_content

    raise typer.Exit(check_content(Settings(), city, out, as_json=as_json, search=search))


@app.command()
def stats(
    city: Annotated[str | None, typer.Argument(help="Only this city")] = None,
    as_json: AsJson = False,
) -> None:
    """Count entries, phrasings, items and system texts per language and translation state."""
    from bot.commands.check import print_stats

    print_stats(Settings(), city, out, as_json=as_json)


app.command("import")(import_city)
app.command("export")(export_city)
app.command("add-city")(add_city)
app.command("add-language")(add_language)
app.command()(furigana)
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(train_app, name="train")
app.add_typer(line_app, name="line")
app.add_typer(staff_app, name="staff")
app.add_typer(audit_app, name="audit")
