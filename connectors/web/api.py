"""The API of the web channel: messages, feedback, suggestions (design §4)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import JSONResponse

from bot.handler import Handler
from bot.messages import JST, BotError, Message, Turn
from bot.privacy import mask
from bot.storage.conversations import load_conversation
from bot.storage.feedback import save_feedback
from bot.storage.replies import reply_to_json
from bot.storage.turns import turn_with_id, turns_after
from connectors.web.schemas import ErrorOut, FeedbackIn, Id, MessageIn, SuggestionOut, TurnOut
from connectors.web.suggestions import suggestions

ERRORS: dict[int | str, dict[str, Any]] = {code: {"model": ErrorOut} for code in (400, 404, 422, 503)}
router = APIRouter(prefix="/api/v1/{city}", tags=["web"], responses=ERRORS)


async def handler_of(request: Request) -> Handler:
    """Return the handler of this application (a coroutine: FastAPI would send a plain function to a thread)."""
    handler: Handler = request.app.state.handler
    return handler


def public_address(request: Request) -> str:
    """Return where browsers reach this service, without a slash at the end: the setting, else as it was asked."""
    return (request.app.state.settings.public_url or str(request.base_url)).rstrip("/")


Shell = Annotated[Handler, Depends(handler_of)]


def turn_to_json(turn: Turn) -> dict[str, Any]:
    """Return a turn as the API gives it."""
    content = {"conversation": turn.conversation, "turn": turn.id, "at": turn.at.astimezone(JST).isoformat(timespec="seconds")}
    content |= {"text": turn.masked_text} | ({"client_id": turn.client_id} if turn.client_id else {})
    return {**content, "reply": reply_to_json(turn.reply)}


@router.post("/messages", response_model=TurnOut)
async def send_message(city: str, body: MessageIn, handler: Shell) -> Response:
    """Send a message and get the city's reply.

    The turn is stored before the reply leaves. `client_id` makes it idempotent: the same id gives the same turn.
    """
    message = Message(city, body.text, "web", body.conversation, body.language, body.client_id)
    return JSONResponse(turn_to_json(await handler.handle(message)))


@router.get("/conversations/{conversation}/turns")
async def list_turns(city: str, conversation: Id, handler: Shell, after: Id = "") -> list[TurnOut]:
    """Return the turns of a conversation after one of them: the polling twin of the event stream."""
    await require_conversation(handler, city, conversation)
    turns = await handler.database.read(lambda connection: turns_after(connection, city, conversation, after))
    return [TurnOut.model_validate(turn_to_json(turn)) for turn in turns]


async def require_conversation(handler: Handler, city: str, conversation: str) -> None:
    """Raise BotError where the city is not served or has no such conversation."""
    handler.service.release(city)
    if await handler.database.read(lambda connection: load_conversation(connection, city, conversation)) is None:
        raise BotError("unknown_conversation", "There is no such conversation; it may have ended.", "Begin a new one.", 404)


@router.delete("/conversations/{conversation}", status_code=204)
async def end_and_erase(city: str, conversation: Id, handler: Shell) -> None:
    """End a conversation and erase all its turns."""
    handler.service.release(city)
    await handler.desk.erase(city, conversation)


@router.post("/feedback", status_code=204)
async def give_feedback(city: str, body: FeedbackIn, handler: Shell) -> None:
    """Say whether an answer solved the problem, with an optional reason (masked before it is stored)."""
    handler.service.release(city)
    if await handler.database.read(lambda connection: turn_with_id(connection, city, body.turn)) is None:
        raise BotError("unknown_turn", "There is no such turn.", "Use `turn` of a reply.", 404)
    reason, _ = mask(body.reason)
    now = handler.clock()
    await handler.database.write(
        lambda connection: save_feedback(connection, body.turn, solved=body.solved, reason=reason, now=now)
    )


@router.get("/suggest")
async def suggest(
    city: str, handler: Shell, q: Annotated[str, Query(max_length=100)], language: str | None = None
) -> list[SuggestionOut]:
    """Return up to 5 published questions close to what is being typed; nothing is stored (W-14)."""
    service = handler.service
    found = suggestions(service.release(city), q, service.languages.resolve(language) or "ja", handler.clock().date())
    return [SuggestionOut(label=label, value=value) for label, value in found]
