"""The pages residents see: the city's page, the full-page chat, and the FAQ that needs no JavaScript."""

from datetime import date
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.answers import Request as Asked
from bot.answers import contact
from bot.handler import Handler
from connectors.policy import content_policy
from connectors.web.api import Shell
from connectors.web.assets import asset
from connectors.web.chat_texts import chat_setup
from connectors.web.passages import passages
from connectors.web.suggestions import examples
from faq.languages import JAPANESE, Language

HERE = Path(__file__).parent
router = APIRouter(include_in_schema=False)
_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
)
_templates.filters["passages"] = passages


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
    asked, language = asked_by(city, request, handler)
    shown = examples(asked.release, language.code, asked.now.date())
    menus = [(menu, asked.texts.label("menu", menu, asked.language), _topics(asked, menu)) for menu in asked.release.topics.menus]
    return show_page("home.html", city, request, handler, examples=shown, menus=menus, news=_news(asked))


@router.get("/{city}/chat")
async def chat_page(city: str, request: Request, handler: Shell) -> HTMLResponse:
    """Show the chat: on a page of its own, in the frame of a registered site (`frame=1`), or on a kiosk (`kiosk=1`)."""
    sites = handler.service.release(city).knowledge.city.sites
    asked_for = request.query_params
    mode = "kiosk" if asked_for.get("kiosk") == "1" else "frame" if asked_for.get("frame") == "1" else "page"
    page = show_page("chat.html", city, request, handler, query=asked_for.get("q", "")[:200], mode=mode)
    page.headers["Content-Security-Policy"] = content_policy(sites)
    return page


@router.get("/{city}/notice")
async def notice_page(city: str, request: Request, handler: Shell) -> HTMLResponse:
    """Say who runs the guide, what it keeps, and what not to write (P-00)."""
    return show_page("notice.html", city, request, handler)


def asked_by(city: str, request: Request, handler: Shell) -> tuple[Asked, Language]:
    """Return an empty request in the language of the address or of the browser. Raises BotError for an unknown city."""
    service = handler.service
    code = _wanted_language(request, handler)
    asked = service.greeting(service.release(city), code, handler.clock())
    return asked, service.languages[code]


def _wanted_language(request: Request, handler: Handler) -> str:
    """Return the language of the address, else the browser's first that is served, else Japanese."""
    if code := handler.service.languages.resolve(request.query_params.get("lang")):
        return code
    for part in request.headers.get("accept-language", "")[:200].split(","):
        if code := handler.service.languages.resolve(part.split(";")[0]):
            return code
    return JAPANESE


def show_page(template: str, city: str, request: Request, handler: Shell, **values: Any) -> HTMLResponse:
    """Return a page of a city in the language that is asked for; `values` go into the template beside what all pages have."""
    asked, language = asked_by(city, request, handler)
    values |= {
        "asset": asset, "city": asked.release.knowledge.city, "contact": contact(asked, "general"), "language": language,
        "languages": handler.service.languages, "say": asked.say, "path": request.url.path, "setup": lambda: chat_setup(asked),
        "label": lambda kind, id_: asked.texts.label(kind, id_, asked.language), "notice": _notice(asked),
        "nearest": lambda texts: (asked.release.languages.choose(texts, asked.language) or ("", ""))[1],
    }  # fmt: skip
    values.setdefault("mode", "page")
    return HTMLResponse(_templates.get_template(template).render(**values))


def lost_page(request: Request, status: int) -> HTMLResponse:
    """Return the page instead of what was not found or failed: the way to the city that the address names, or to all cities."""
    handler: Handler = request.app.state.handler
    service = handler.service
    language = service.languages[_wanted_language(request, handler)]
    cities = {id_: release.knowledge.city for id_, release in service.releases.items()}
    keys = ("lost.trouble", "lost.trouble-text") if status >= 500 else ("lost.title", "lost.text")
    title, text = (service.texts.say(key, language.code) for key in keys)
    values = {
        "asset": asset, "language": language, "title": title, "text": text, "cities": cities.values(),
        "city": cities.get(request.url.path.split("/")[1]), "say": lambda key: service.texts.say(key, language.code),
        "name": lambda city: city.name_in(language.code, service.languages),
    }  # fmt: skip
    return HTMLResponse(_templates.get_template("lost.html").render(**values), status)


def _notice(asked: Asked) -> tuple[str, str, str] | None:
    """Return what the city says at the top of every page today: its kind, its text, and the text's language."""
    notice = asked.release.knowledge.city.notice_on(asked.now.date())
    found = asked.release.languages.choose(notice.text, asked.language) if notice else None
    return (notice.kind, found[1], asked.release.languages[found[0]].html) if notice and found else None


def _topics(asked: Asked, menu: str) -> list[tuple[str, str]]:
    """Return (id, label) of the topics of a menu that have questions."""
    known = [topic for topic in asked.release.topics.in_menu(menu) if asked.release.knowledge.by_topic.get(topic)]
    return [(topic, asked.texts.label("topic", topic, asked.language)) for topic in known]


def _news(asked: Asked, limit: int = 5) -> list[tuple[str, str, date]]:
    """Return (entry, question, day) of what was confirmed last, often asked first, one of each topic."""
    today, language = asked.now.date(), asked.language
    known = [entry for entry in asked.release.knowledge.entries.values() if entry.in_force(today) and language in entry.texts]
    dated = [(entry.confirmed_on, entry) for entry in known if entry.confirmed_on]
    by_topic: dict[str, tuple[str, str, date]] = {}
    for day, entry in sorted(dated, key=lambda pair: (pair[0], pair[1].most_asked), reverse=True):
        by_topic.setdefault(entry.topic, (entry.id, entry.texts[language].question, day))
    return list(by_topic.values())[:limit]
