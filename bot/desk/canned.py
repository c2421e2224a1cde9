"""Canned replies as an officer uses them: the variables filled in; what cannot be filled is an error that names it."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from bot.answers import Request, contact
from bot.handoff import Ticket
from bot.messages import BotError
from bot.storage.canned import CannedReply
from bot.system_texts import placeholders
from faq.data_files import DataFiles
from faq.yaml_file import Row, read_yaml

VARIABLES = ("city", "department", "phone", "hours", "ticket")


class _SeedRow(Row):
    title: str
    text: str
    department: str = ""


_SEEDS: TypeAdapter[dict[str, dict[str, _SeedRow]]] = TypeAdapter(dict[str, dict[str, _SeedRow]])


def render(canned: CannedReply, request: Request, ticket: Ticket) -> str:
    """Return the text with its variables filled, in the request's language. Raises BotError for a variable that is none."""
    check(canned.text)
    who = contact(request, ticket.department)
    city = request.release.knowledge.city.name_in(request.language, request.release.languages)
    values: Mapping[str, str] = {
        "city": city, "department": who.department, "phone": who.phone, "hours": who.hours, "ticket": ticket.number,
    }  # fmt: skip
    return canned.text.format(**values)


def check(text: str) -> None:
    """Raise BotError where a text has a brace without partner or a variable that nobody fills."""
    try:
        unknown = placeholders(text) - set(VARIABLES)
    except ValueError as error:
        message = f"波かっこの対応が正しくありません：{error}"
        raise BotError("canned", message, "{department} のように書いてください。", 422) from error
    if unknown:
        known = "、".join(f"{{{name}}}" for name in VARIABLES)
        raise BotError("canned", f"使えない差し込み {{{min(unknown)}}} があります。", f"使えるもの：{known}", 422)


def read_seeds(files: DataFiles, city: str) -> list[CannedReply]:
    """Read a city's first canned replies, `cities/<city>/canned.yaml`; none without the file. Raises ContentError where wrong."""
    path = files.cities / city / "canned.yaml"
    if not path.exists():
        return []
    rows: dict[str, dict[str, _SeedRow]] = read_yaml(path, _SEEDS)
    return [
        CannedReply(city, id_, language, row.department, row.title, row.text)
        for id_, texts in rows.items()
        for language, row in texts.items()
    ]
