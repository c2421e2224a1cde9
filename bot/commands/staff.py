"""`madoguchi staff` and `madoguchi audit`: accounts and the log from the command line. No password is ever typed there."""

from pathlib import Path
from typing import Annotated

import typer

from bot.settings import Settings

staff_app = typer.Typer(no_args_is_help=True, help="Staff accounts of the console (docs/console.md).")
audit_app = typer.Typer(no_args_is_help=True, help="The audit log of the console.")
Login = Annotated[str, typer.Argument(help="The sign-in name")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text")]
City = Annotated[str, typer.Option("--city", help="The city's id; * for all cities")]
Departments = Annotated[list[str] | None, typer.Option("--department", help="Only this department (repeat for more)")]
Languages = Annotated[list[str] | None, typer.Option("--language", help="Only this language (repeat for more)")]
Role = Annotated[str, typer.Option("--role", help="editor, approver, officer, admin or auditor")]


@staff_app.command("add")
def add(
    login: Login,
    role: Role,
    name: Annotated[str, typer.Option("--name", help="The name that others see")] = "",
    city: City = "*",
    department: Departments = None,
    language: Languages = None,
    identity: Annotated[str, typer.Option("--identity", help="The key at the city's sign-in service")] = "",
    break_glass: Annotated[bool, typer.Option("--break-glass", help="An emergency account: one-time codes, loud log")] = False,
) -> None:
    """Make an account, and print a one-time link by which its owner sets a password."""
    from bot.commands.staff_accounts import Wanted, add_account

    wanted = Wanted(role, city, department, language)
    add_account(Settings(), login, name or login, wanted, identity=identity, break_glass=break_glass)


@staff_app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List all accounts with their roles."""
    from bot.commands.staff_accounts import list_accounts

    list_accounts(Settings(), as_json=as_json)


@staff_app.command("disable")
def disable(login: Login) -> None:
    """Disable an account; its sessions end at once."""
    from bot.commands.staff_accounts import set_active

    set_active(Settings(), login, active=False)


@staff_app.command("enable")
def enable(login: Login) -> None:
    """Let a disabled account sign in again."""
    from bot.commands.staff_accounts import set_active

    set_active(Settings(), login, active=True)


@staff_app.command("reset")
def reset(
    login: Login, codes: Annotated[bool, typer.Option("--codes", help="Also remove one-time codes and recovery codes")] = False
) -> None:
    """End all sessions, and print a one-time link by which the owner sets a new password."""
    from bot.commands.staff_accounts import reset_account

    reset_account(Settings(), login, codes=codes)


@staff_app.command("roles")
def roles(
    login: Login,
    add: Annotated[str, typer.Option("--add", help="A role to give")] = "",
    remove: Annotated[str, typer.Option("--remove", help="The id of a role to take away")] = "",
    city: City = "*",
    department: Departments = None,
    language: Languages = None,
) -> None:
    """Show the roles of an account with their ids; give one, or take one away."""
    from bot.commands.staff_accounts import Wanted, change_roles

    change_roles(Settings(), login, Wanted(add, city, department, language) if add else None, remove)


@audit_app.command("verify")
def verify(
    noted: Annotated[str, typer.Option("--noted", help="NUMBER:DIGEST of an earlier check; it must still be there")] = "",
    as_json: AsJson = False,
) -> None:
    """Check the whole chain; exit code 1, and the first line that is not as it was written, where one was changed."""
    from bot.commands.staff_accounts import verify_log

    raise typer.Exit(verify_log(Settings(), noted, as_json=as_json))


@audit_app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The CSV file to write")],
    city: Annotated[str, typer.Option("--city", help="Only this city")] = "",
) -> None:
    """Write the log as CSV, oldest line first."""
    from bot.commands.staff_accounts import export_log

    export_log(Settings(), file, city)
