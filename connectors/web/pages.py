"""The pages residents see: the city's page, the full-page chat, and the FAQ that needs no JavaScript."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.answers import Request as Asked
from bot.answers import answer, contact
from bot.messages import BotError
from connectors.web.api import Shell
from connectors.web.suggestions import examples, suggestions
from faq.languages import JAPANESE, Language

HERE = Path(__file__).parent
router = APIRouter(include_in_schema=False)
_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
)
_CHAT_TEXTS = (
    "placeholder", "send", "resident", "bot", "language", "log", "thinking", "still", "offline", "retry", "solved",
    "not-solved", "helpful", "department", "phone", "confirmed-on", "restart", "erased", "menu", "faq", "personal-data",
)  # fmt: skip


@lru_cache
def asset(name: str) -> str:
    """Return the address of a static file with the digest of its content, so that it can be cached for ever."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@router.get("/")
async def home(request: Request, handler: Shell) -> RedirectResponse:
    """Go to the page of the default city."""
    wanted = request.app.state.settings.default_city
    city = wanted if wanted in handler.service.releases else next(iter(handler.service.releases))
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/{city}{query}", status_code=307)


@router.get("/api/docs")
async def docs() -> HTMLResponse:
    """Describe the API for people; the same as `/openapi.json`, without a script from elsewhere."""
    return HTMLResponse(_templates.get_template("docs.html").render(asset=asset))


@router.get("/{city}")
async def city_page(city: str, request: Request, handler: Shell) -> HTMLResponse:
    """Show the city's page with the ways to ask."""
    asked, language = _asked(city, request, handler)
    shown = examples(asked.release, language.code, asked.now.date())
    return _page("home.html", city, request, handler, examples=shown)


@router.get("/{city}/chat")
async def chat_page(city: str, request: Request, handler: Shell) -> HTMLResponse:
    """Show the full-page chat."""
    return _page("chat.html", city, request, handler, query=request.query_params.get("q", "")[:200])


@router.get("/{city}/notice")
async def notice_page(city: str, request: Request, handler: Shell) -> HTMLResponse:
    """Say who runs the guide, what it keeps, and what not to write (P-00)."""
    return _page("notice.html", city, request, handler)


@router.get("/{city}/faq")
async def faq_page(city: str, request: Request, handler: Shell, q: str = "", topic: str = "") -> HTMLResponse:
    """List the city's questions by topic, or those close to a search."""
    asked, language = _asked(city, request, handler)
    found = suggestions(asked.release, q[:200], language.code, limit=10) if q.strip() else []
    topics = _topics(asked) if not q.strip() else []
    shown = [one for one in topics if one["id"] == topic] or topics
    return _page("faq.html", city, request, handler, query=q[:200], found=found, topics=shown, all_topics=not topic)


@router.get("/{city}/faq/{entry}")
async def entry_page(city: str, entry: str, request: Request, handler: Shell) -> HTMLResponse:
    """Show one question with its answer."""
    asked, _ = _asked(city, request, handler)
    found = asked.release.knowledge.entries.get(entry)
    if found is None:
        raise BotError("unknown_entry", f"There is no question {entry!r}.", f"See /{city}/faq for all of them.", 404)
    tongue, text = asked.release.languages.choose(found.texts, asked.language) or (JAPANESE, found.texts[JAPANESE])
    return _page("entry.html", city, request, handler, question=text.question, tongue=tongue, reply=answer(asked, found))


def _asked(city: str, request: Request, handler: Shell) -> tuple[Asked, Language]:
    service = handler.service
    code = service.languages.resolve(request.query_params.get("lang")) or _browser_language(request, handler)
    asked = service.greeting(service.release(city), code, handler.clock())
    return asked, service.languages[code]


def _browser_language(request: Request, handler: Shell) -> str:
    for part in request.headers.get("accept-language", "")[:200].split(","):
        if code := handler.service.languages.resolve(part.split(";")[0]):
            return code
    return JAPANESE


def _page(template: str, city: str, request: Request, handler: Shell, **values: Any) -> HTMLResponse:
    asked, language = _asked(city, request, handler)
    values |= {
        "asset": asset, "city": asked.release.knowledge.city, "contact": contact(asked, "general"), "language": language,
        "languages": handler.service.languages, "say": asked.say, "path": request.url.path, "texts": chat_texts(asked),
        "label": lambda kind, id_: asked.texts.label(kind, id_, asked.language),
    }  # fmt: skip
    return HTMLResponse(_templates.get_template(template).render(**values))


def chat_texts(asked: Asked) -> str:
    """Return the texts of the chat page as JSON, safe to stand inside a page."""
    texts = {name: asked.say(f"chat.{name}") for name in _CHAT_TEXTS}
    texts["welcome"] = asked.say("welcome")
    if asked.release.knowledge.city.fictional:
        texts["welcome"] += " " + asked.say("welcome.fictional")
    if not asked.release.knowledge.city.phone:
        texts["offline"] = asked.say("chat.offline-no-phone")
    texts["notice"] = asked.say("notice.privacy")
    texts["about"] = asked.say("notice.title")
    return json.dumps(texts, ensure_ascii=False).replace("<", "\\u003c")


def _topics(asked: Asked) -> list[dict[str, Any]]:
    """Return the topics that have questions, in menu order, with (question, entry id) of each."""
    rows = []
    for topic in asked.release.topics.menu_of:
        entries = asked.release.knowledge.by_topic.get(topic, [])
        texts = [(entry.id, asked.release.languages.choose(entry.texts, asked.language)) for entry in entries]
        questions = [(found[1].question, id_, found[0]) for id_, found in texts if found]
        if questions:
            rows.append({"id": topic, "label": asked.texts.label("topic", topic, asked.language), "questions": questions})
    return rows
