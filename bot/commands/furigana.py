"""`madoguchi furigana`: how a text is read, as a writer of やさしい日本語 wants to see it."""

from typing import Annotated

import typer
from rich.console import Console

_out = Console(highlight=False, soft_wrap=True)


def furigana(
    text: Annotated[str, typer.Argument(help="Japanese text")],
    html: Annotated[bool, typer.Option("--html", help="Print HTML with <ruby>")] = False,
) -> None:
    """Print how a Japanese text is read: in brackets, or over its kanji in HTML."""
    from faq.furigana import ruby, ruby_html

    plain = "".join(f"{surface}（{reading}）" if reading else surface for surface, reading in ruby(text))
    _out.print(ruby_html(text) if html else plain, markup=False, emoji=False)
