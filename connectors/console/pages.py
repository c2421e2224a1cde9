"""How the console's pages are made: templates, texts, the links that somebody may follow."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.storage.staff import Staff
from connectors.console.permissions import Permission, Where, allows
from connectors.console.sessions import handler_of
from connectors.console.texts import LANGUAGES, chosen, say, texts

HERE = Path(__file__).parent
_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True,
    undefined=StrictUndefined,
)  # fmt: skip


@dataclass(frozen=True)
class Link:
    """A link of the navigation. `key` is its text `nav.<key>`."""

    key: str
    permission: Permission
    address: str


# What the head of every page leads to, in this order; each shown to whoever has the permission in the city.
NAVIGATION: tuple[Link, ...] = (
    Link("inbox", Permission.DESK_READ, "/console/{city}/inbox"),
    Link("canned", Permission.FAQ_READ, "/console/{city}/canned"),
    Link("drafts", Permission.FAQ_READ, "/console/{city}/drafts"),
    Link("hours", Permission.HOURS_READ, "/console/{city}/hours"),
    Link("line", Permission.LINE_READ, "/console/{city}/line"),
    Link("staff", Permission.STAFF_READ, "/console/{city}/staff"),
    Link("audit", Permission.AUDIT_READ, "/console/{city}/audit"),
)


@lru_cache
def asset(name: str) -> str:
    """Return the address of a static file with the digest of its content, so that it can be cached for ever."""
    content = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()
    return f"/console/static/{name}?v={content[:12]}"


def language_of(request: Request) -> str:
    """Return the language of a page: what the address asks, else the account's, else the browser's."""
    asked = request.query_params.get("lang", "")
    person: Staff | None = getattr(request.state, "staff", None) or getattr(request.state, "waiting", None)
    own = person.language if person else ""
    accepted = [part.split(";")[0] for part in request.headers.get("accept-language", "")[:200].split(",")]
    return chosen(asked, own, *accepted)


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page. Templates get `t(key, **values)`, `staff` (or None), `csrf`, `city` (its id or ''), `nav`, `done`.

    `errors` maps a form's fields to keys of texts, and `form` the fields to what was typed; both may be left out.
    """
    language = language_of(request)
    person: Staff | None = getattr(request.state, "staff", None)
    session = getattr(request.state, "session", None)
    city = _city(request, person)
    shared = {
        "t": partial(say, language), "language": language, "languages": LANGUAGES, "staff": person, "asset": asset,
        "csrf": session.csrf if session else "", "city": city, "city_name": partial(city_name, request, language=language),
        "nav": navigation(person, city), "path": request.url.path, "done": done_of(request, language),
        "errors": {}, "form": {}, "status": status,
    }  # fmt: skip
    return HTMLResponse(_templates.get_template(template).render(**(shared | values)), status)


def redirect(address: str, done: str = "") -> RedirectResponse:
    """Go to a page after a form has been taken; `done` is shown there as the text `done.<done>`."""
    return RedirectResponse(address + ("?" + urlencode({"done": done}) if done else ""), 303)


def done_of(request: Request, language: str) -> str:
    """Return the text of what has just been done; only texts that exist can be shown."""
    return texts(language).get(f"done.{request.query_params.get('done', '')}", "")


def navigation(person: Staff | None, city: str) -> list[tuple[str, str]]:
    """Return key and address of the links that this person may follow in a city."""
    if person is None or not city:
        return []
    return [(link.key, link.address.format(city=city)) for link in NAVIGATION if allows(person, link.permission, Where(city))]


def city_name(request: Request, city: str, language: str) -> str:
    """Return the name of a city that is served."""
    release = handler_of(request).service.releases.get(city)
    return release.knowledge.city.name_in(language, handler_of(request).service.languages) if release else city


def department_names(request: Request, city: str, language: str) -> Mapping[str, str]:
    """Return the departments of a city by their role, by name."""
    service = handler_of(request).service
    departments = service.release(city).knowledge.city.departments
    names = {role: service.languages.choose(one.name, language) for role, one in departments.items()}
    return {role: found[1] if found else role for role, found in names.items()}


def _city(request: Request, person: Staff | None) -> str:
    """Return the city of the page: the address's, else the first in which the person has a role."""
    served = handler_of(request).service.releases
    if (given := request.path_params.get("city", "")) in served:
        return str(given)
    if person is None:
        return ""
    return next((city for city in served if person.cities & {city, "*"}), "")
