"""The resident's side of a hand-off: how it stands, how its reply is to come (e-mail, link), and the page that leads back."""

import re
from pathlib import Path as FilePath
from typing import Annotated, Any

from cryptography.fernet import Fernet
from fastapi import APIRouter, FastAPI, Path, Request
from fastapi.responses import HTMLResponse

from bot.answers import contact
from bot.desk.canned import read_seeds
from bot.desk.clockwork import Clockwork
from bot.desk.notices import Notices
from bot.desk.post import Post
from bot.handler import Handler
from bot.keys import kept_key
from bot.messages import BotError, Conversation
from bot.settings import Settings
from bot.storage.canned import seed_canned
from bot.storage.conversations import load_conversation
from bot.storage.links import make_link, take_link
from bot.storage.tickets import ticket_with_number, waiting_before
from connectors.policy import content_policy
from connectors.web.api import ERRORS, Shell, public_address
from connectors.web.pages import show_page
from connectors.web.schemas import EmailIn, HandoffOut, Id, ReturnLinkOut, ReturnOut

router = APIRouter(tags=["web"], responses=ERRORS)
pages = APIRouter(include_in_schema=False)
_TALK = "/api/v1/{city}/conversations/{conversation}/handoff"
_ADDRESS = re.compile(r"^[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,6}[A-Za-z]{2,24}$")
_Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,64}$")]
_SECRET_PAGE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@router.get(_TALK)
async def handoff_state(city: str, conversation: Id, handler: Shell) -> HandoffOut:
    """Say how a hand-off stands: waiting or with staff, the department, the promise, how many wait before; empty with the bot."""
    talk = await _talk(handler, city, conversation)
    if talk.ticket is None:
        return HandoffOut()
    number = talk.ticket

    def read(connection: Any) -> tuple[Any, int]:
        ticket = ticket_with_number(connection, city, number)
        return ticket, waiting_before(connection, ticket) if ticket else 0

    ticket, before = await handler.database.read(read)
    asked = handler.service.greeting(handler.service.release(city), talk.language or "ja", handler.clock())
    return HandoffOut(
        state=ticket.state, ticket=ticket.number, department=contact(asked, ticket.department).department, before=before,
        promised_at=ticket.promised_at.isoformat() if ticket.promised_at else None, email=ticket.sealed_email is not None,
    )  # fmt: skip


@router.put(f"{_TALK}/email", status_code=204)
async def leave_email(city: str, conversation: Id, body: EmailIn, handler: Shell, request: Request) -> None:
    """Leave an address to which news of a reply goes. It is kept encrypted and forgotten when the ticket closes (P-02)."""
    talk = await _talk(handler, city, conversation)
    if not _ADDRESS.match(body.email):
        raise BotError("email", "This is not an e-mail address.", "Write it as name@example.jp.", 422)
    if not _sends_mail(request.app.state.settings):
        raise BotError("no_mail", "This service cannot send e-mail.", "Keep the return link instead.", 409)
    await handler.desk.set_email(city, talk, box(request.app.state.settings).encrypt(body.email.encode()).decode())


@router.delete(f"{_TALK}/email", status_code=204)
async def forget_email(city: str, conversation: Id, handler: Shell) -> None:
    """Forget the address."""
    await handler.desk.set_email(city, await _talk(handler, city, conversation), None)


@router.post(f"{_TALK}/link", status_code=201)
async def return_link(city: str, conversation: Id, handler: Shell, request: Request) -> ReturnLinkOut:
    """Make a link that leads back to this conversation once, on any device; only its hash is kept."""
    talk = await _talk(handler, city, conversation)
    rules = handler.service.release(city).knowledge.city.desk
    if rules is None or talk.ticket is None:
        raise BotError("no_ticket", "There is no open ticket in this conversation.", "Ask for a person first.", 409)
    now, made = handler.clock(), []
    await handler.database.write(lambda c: made.append(make_link(c, city, conversation, now, rules.link_hours)))
    return ReturnLinkOut(url=f"{public_address(request)}/{city}/return/{made[-1]}", hours=rules.link_hours)


@pages.get("/{city}/receive")
async def receive_page(city: str, request: Request, handler: Shell) -> HTMLResponse:
    """Let the resident choose how the reply is to come: a link to note down, or news by e-mail where there is a mail server."""
    rules = handler.service.release(city).knowledge.city.desk
    if rules is None:
        raise BotError("no_desk", "Staff of this city do not answer in the chat.", "Call the city hall.", 404)
    mail = _sends_mail(request.app.state.settings)
    mode = "frame" if request.query_params.get("frame") == "1" else "page"
    page = show_page("receive.html", city, request, handler, mail=mail, hours=rules.link_hours, mode=mode)
    if mode == "frame":  # it needs what the chat in the same frame keeps
        page.headers["Content-Security-Policy"] = content_policy(handler.service.release(city).knowledge.city.sites)
    return page


@pages.get("/{city}/return/{token}")
async def return_page(city: str, token: _Token, request: Request, handler: Shell) -> HTMLResponse:
    """Show one button. Looking at the page uses nothing up: programs that look at links before people do would."""
    page = show_page("return.html", city, request, handler, token=token)
    page.headers.update(_SECRET_PAGE)
    return page


@pages.post("/{city}/return/{token}")
async def go_back(city: str, token: _Token, handler: Shell) -> ReturnOut:
    """Use the link up and return its conversation."""
    handler.service.release(city)
    now, taken = handler.clock(), []
    await handler.database.write(lambda connection: taken.append(take_link(connection, city, token, now)))
    if taken[-1] is None:
        raise BotError("link_gone", "This link was used, has run out, or never was.", "Ask again from the beginning.", 410)
    return ReturnOut(conversation=taken[-1])


async def _talk(handler: Handler, city: str, id_: str) -> Conversation:
    handler.service.release(city)
    found = await handler.database.read(lambda connection: load_conversation(connection, city, id_))
    if found is None:
        raise BotError("unknown_conversation", "There is no such conversation; it may have ended.", "Begin a new one.", 404)
    return found


def box(settings: Settings) -> Fernet:
    """Return what seals residents' addresses; its key lies in a file of its owner."""
    path = settings.var_dir / "keys" / "desk" if not settings.desk_key_file else FilePath(settings.desk_key_file)
    return Fernet(kept_key(path))


def notices(app: FastAPI) -> Notices:
    """Return what tells staff and residents by mail and webhook, as the settings say."""
    settings: Settings = app.state.settings
    handler: Handler = app.state.handler
    post = Post(settings.smtp_url.get_secret_value(), settings.mail_from) if _sends_mail(settings) else None
    hooks = {place: url.get_secret_value() for place, url in settings.desk_webhooks.items()}
    base = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    return Notices(handler.desk, base, box(settings), post, settings.desk_mail_to, hooks)


async def work(app: FastAPI) -> None:
    """Run the desk's clockwork where any city has a desk."""
    handler: Handler = app.state.handler
    seeds = [seed for city in handler.service.releases for seed in read_seeds(app.state.settings.files, city)]
    now = handler.clock()
    await handler.database.write(lambda connection: seed_canned(connection, seeds, now))
    if any(release.knowledge.city.desk for release in handler.service.releases.values()):
        await Clockwork(handler.desk, notices(app)).run()


def _sends_mail(settings: Settings) -> bool:
    return bool(settings.smtp_url.get_secret_value() and settings.mail_from)
