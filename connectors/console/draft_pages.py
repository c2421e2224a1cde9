"""From an officer's reply to a draft of the FAQ, in one step; what waits here the curation room takes up."""

from dataclasses import dataclass

from fastapi import Request, Response

from bot.handoff import Ticket
from bot.storage.draft_suggestions import (
    DraftSuggestion,
    add_draft,
    draft_of_turn,
    draft_with_id,
    list_drafts,
    set_draft_state,
)
from bot.storage.ids import new_turn_id
from connectors.console.gate import console_router, current_staff, record, require
from connectors.console.inbox import labels
from connectors.console.pages import page, redirect
from connectors.console.permissions import Permission, Where, allows
from connectors.console.refusals import Refusal
from connectors.console.sessions import handler_of
from connectors.console.ticket import talk_of_ticket
from connectors.console.ticket_access import NOBODYS, ticket_for
from connectors.console.ticket_help import asked_of, nearest

router = console_router()
# From here on an entry is called a duplicate, below it only near.
_SAME, _NEAR, _SHOWN = 0.5, 0.05, 4


@dataclass(frozen=True)
class Near:
    """An entry that is like a draft: its question, how likely it answers the same (0–1), and whether it is called the same."""

    entry: str
    title: str
    probability: float

    @property
    def is_same(self) -> bool:
        """Whether it is likely the very same matter."""
        return self.probability >= _SAME


@router.get("/{city}/drafts")
async def drafts_page(request: Request, city: str) -> Response:
    """List the drafts that wait."""
    person = current_staff(request)
    rows = await handler_of(request).database.read(lambda connection: list_drafts(connection, city))
    seen = [row for row in rows if allows(person, Permission.FAQ_READ, _place(row))]
    shown = [(row, allows(person, Permission.FAQ_EDIT, _place(row))) for row in seen]
    return page(request, "drafts.html", rows=shown, **labels(request, city))


@router.get("/{city}/drafts/new")
async def draft_new_page(request: Request, city: str) -> Response:
    """Show a draft made of a reply of staff (`ticket`, `turn`), with the entries that are like it."""
    number, turn = request.query_params.get("ticket", ""), request.query_params.get("turn", "")
    ticket = await ticket_for(request, city, number, Permission.DESK_ANSWER)
    talk = await talk_of_ticket(request, ticket)
    reply = next((one for one in talk.said if one.turn == turn and one.who == "staff"), None)
    if reply is None:
        raise Refusal(404, "nothing")
    typed = {
        "question": talk.question_before(turn) or ticket.question,
        "answer": reply.blocks[0].text if reply.blocks else "",  # the officer's own words, nothing of a machine
        "turn": turn, "language": reply.blocks[0].language if reply.blocks else ticket.language,
    }  # fmt: skip
    there = await handler_of(request).database.read(lambda connection: draft_of_turn(connection, city, turn))
    return _form(request, ticket, typed, there=there is not None)


@router.post("/{city}/drafts/new")
async def draft_new(request: Request, city: str) -> Response:
    """Keep a draft."""
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip() for name in ("question", "answer", "turn", "language")}
    ticket = await ticket_for(request, city, str(form.get("ticket", "")), Permission.DESK_ANSWER)
    errors = {name: f"draft.no-{name}" for name in ("question", "answer") if not typed[name] or len(typed[name]) > 4000}
    if typed["language"] not in labels(request, city)["tongues"]:
        errors["language"] = "canned.no-language"
    if errors:
        return _form(request, ticket, typed, 422, errors)
    near, person, now = _near(request, ticket, typed["question"]), current_staff(request), handler_of(request).clock()
    draft = DraftSuggestion(
        new_turn_id(now), city, ticket.number, typed["turn"][:32], ticket.department, typed["language"], typed["question"],
        typed["answer"], near[0].entry if near else "", person.id, person.name, now,
    )  # fmt: skip
    await record(request, "draft-made", lambda connection: add_draft(connection, draft), city=city, target=ticket.number)
    return redirect(f"/console/{city}/tickets/{ticket.number}", "draft-made")


@router.post("/{city}/drafts/{draft}/drop")
async def draft_drop(request: Request, city: str, draft: str) -> Response:
    """Put a draft aside."""
    found = await handler_of(request).database.read(lambda connection: draft_with_id(connection, city, draft))
    if found is None:
        raise Refusal(404, "nothing")
    require(request, Permission.FAQ_EDIT, _place(found))
    await record(
        request, "draft-dropped", lambda connection: set_draft_state(connection, city, draft, "dropped"), city=city, target=draft
    )
    return redirect(f"/console/{city}/drafts", "draft-dropped")


def _form(
    request: Request, ticket: Ticket, typed: dict[str, str], status: int = 200, errors: dict[str, str] | None = None,
    *, there: bool = False,
) -> Response:  # fmt: skip
    near = _near(request, ticket, typed["question"])
    shown = {"ticket": ticket, "form": typed, "near": near, "errors": errors or {}, "there": there}
    values = labels(request, ticket.city) | shown
    return page(request, "draft-new.html", status, **values)


def _near(request: Request, ticket: Ticket, question: str) -> list[Near]:
    handler = handler_of(request)
    asked = asked_of(handler.service, ticket, handler.clock())
    found = [(entry, chance) for entry, chance in nearest(asked, question) if chance >= _NEAR][:_SHOWN]
    texts = [(entry, asked.release.languages.choose(entry.texts, asked.language), chance) for entry, chance in found]
    return [Near(entry.id, text[1].question if text else entry.id, chance) for entry, text, chance in texts]


def _place(draft: DraftSuggestion) -> Where:
    return Where(draft.city, None if draft.department == NOBODYS else draft.department, draft.language)
