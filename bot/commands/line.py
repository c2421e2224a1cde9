"""`madoguchi line`: sets up a city's LINE channel, checks it, and draws its rich menus."""

from pathlib import Path
from typing import Annotated

import typer

from bot.settings import Settings

line_app = typer.Typer(no_args_is_help=True, help="Set up LINE: rich menus, webhook, checks (docs/line.md).")
City = Annotated[str, typer.Argument(help="The city's id")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the differences and change nothing")]
Webhook = Annotated[bool, typer.Option("--webhook", help="Also tell LINE where our webhook is (needs PUBLIC_URL), and test it")]
Folder = Annotated[Path, typer.Option("--out", help="The folder for the pictures")]
Cities = Annotated[list[str] | None, typer.Option("--city", help="Only these cities")]
Bell = Annotated[bool, typer.Option("--bell", hidden=True, help="Listen on standard input; end when it ends")]
Reminders = Annotated[bool, typer.Option(help="With the area of reminders")]


@line_app.command()
def setup(city: City, dry_run: DryRun = False, webhook: Webhook = False) -> None:
    """Create or update the rich menus of every language; run it twice and the second time changes nothing."""
    from bot.commands.line_setup import set_up_city

    set_up_city(Settings(), city, dry_run=dry_run, webhook=webhook)


@line_app.command()
def check(city: City) -> None:
    """Check the settings of a city's channel that LINE tells; exit code 1 where one is wrong."""
    from bot.commands.line_setup import check_city

    raise typer.Exit(0 if check_city(Settings(), city) else 1)


@line_app.command()
def work(cities: Cities = None, bell: Bell = False) -> None:
    """Answer what the serving processes took in, until stopped (LINE_WORK=elsewhere); needs Redis as they do."""
    from bot.commands.line_work import work_until_stopped

    work_until_stopped(Settings(), cities or [], bell=bell)


@line_app.command()
def menus(city: City, out: Folder, reminders: Reminders = True) -> None:
    """Draw the rich menus as PNG files, to look at them; LINE is not asked."""
    from bot.commands.line_setup import draw_menus

    draw_menus(Settings(), city, out, reminders=reminders)
