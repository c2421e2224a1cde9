"""The session of a browser: its cookie, its timeouts, and the proof that a form is our own."""

import ipaddress
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from fastapi import Request, Response

from bot.handler import Handler
from bot.settings import Settings
from bot.storage.ids import new_id
from bot.storage.staff import Staff
from bot.storage.staff_sessions import Session

_LOCAL = {"localhost", "127.0.0.1", "::1"}
_BROWSERS = ("Edg/", "Edge"), ("Firefox/", "Firefox"), ("OPR/", "Opera"), ("Chrome/", "Chrome"), ("Safari/", "Safari")
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def settings_of(request: Request) -> Settings:
    """Return the settings of this application."""
    settings: Settings = request.app.state.settings
    return settings


def handler_of(request: Request) -> Handler:
    """Return the handler of this application: its database, cache, clock and content."""
    handler: Handler = request.app.state.handler
    return handler


def base_url(request: Request) -> str:
    """Return scheme and host under which browsers reach this service, without a slash at the end."""
    return settings_of(request).public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def is_https(request: Request) -> bool:
    """Say whether browsers reach this service by HTTPS."""
    return base_url(request).startswith("https:")


def may_carry_passwords(request: Request) -> bool:
    """Say whether a password may travel here: by HTTPS, or without leaving the machine."""
    return is_https(request) or request.url.hostname in _LOCAL


def cookie_name(request: Request) -> str:
    """Return the cookie's name. `__Host-` ties it to this host and HTTPS; browsers refuse it on http://localhost."""
    return "__Host-madoguchi" if is_https(request) else "madoguchi-console"


def put_cookie(request: Request, response: Response, token: str, name: str = "") -> None:
    """Give the browser a cookie that scripts cannot read and that ends with the browser."""
    name = name or cookie_name(request)
    response.set_cookie(name, token, path="/", secure=is_https(request), httponly=True, samesite="lax")


def drop_cookie(request: Request, response: Response, name: str = "") -> None:
    """Take the cookie away."""
    response.delete_cookie(name or cookie_name(request), path="/", secure=is_https(request), httponly=True, samesite="lax")


def new_session(
    request: Request, person: Staff, method: str, stage: str, roles: tuple[str, ...] | None = None
) -> tuple[str, Session]:
    """Return a new token of 256 bits and the session that it opens."""
    now = handler_of(request).clock()
    device = device_of(request.headers.get("user-agent", ""))
    csrf = secrets.token_urlsafe(32)
    return secrets.token_urlsafe(32), Session(new_id(), person.id, csrf, method, stage, device, now, now, roles)


def is_over(session: Session, settings: Settings, now: datetime) -> bool:
    """Say whether a session has ended: unused for too long, or simply old. The second factor has ten minutes."""
    if session.stage != "full" and now - session.started_at > timedelta(minutes=10):
        return True
    idle, whole = timedelta(minutes=settings.staff_idle_minutes), timedelta(hours=settings.staff_session_hours)
    return now - session.seen_at > idle or now - session.started_at > whole


def is_our_own_form(request: Request) -> bool:
    """Say whether a POST comes from a page of ours: by Origin, else Referer, else the browser's own word."""
    expected = urlsplit(base_url(request))
    for name in ("origin", "referer"):
        if given := request.headers.get(name):
            found = urlsplit(given)
            return (found.scheme, found.netloc) == (expected.scheme, expected.netloc)
    return request.headers.get("sec-fetch-site") == "same-origin"


def device_of(browser: str) -> str:
    """Return browser and system in two words, which is enough to tell one's own sessions apart."""
    name = next((name for mark, name in _BROWSERS if mark in browser), "?")
    system = next((name for mark, name in _SYSTEMS if mark in browser), "?")
    return f"{name} · {system}"


def address_range(request: Request) -> str:
    """Return the network that a request comes from (IPv4 /24, IPv6 /48)."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))


def safe_next(wanted: str) -> str:
    """Return where to go after the sign-in: an address of the console, never one of elsewhere."""
    good = wanted.startswith("/console") and wanted[8:9] in ("", "/", "?") and "\\" not in wanted and wanted.isprintable()
    return wanted if good and not wanted.startswith("/console/sign-in") else "/console"
