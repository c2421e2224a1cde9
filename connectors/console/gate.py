"""THE GATE of the console: every request passes it. Session, own form, permission; then the page; then its headers."""

import hmac
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse

from bot.messages import BotError
from bot.storage.audit import Event, write_audit
from bot.storage.staff import EVERYWHERE, Staff, staff_with_id
from bot.storage.staff_sessions import Session, session_with_token, touch_session
from connectors.console.pages import page
from connectors.console.permissions import PERMISSIONS, QUIET, Limit, Permission, Where, allows
from connectors.console.refusals import CodeNeeded, Denied, Refusal, SignInNeeded
from connectors.console.sessions import cookie_name, handler_of, is_https, is_our_own_form, is_over, settings_of

T = TypeVar("T")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_LARGEST_FORM = 256 * 1024
_SAFE = {"GET", "HEAD"}
# What somebody who must set up one-time codes first may reach.
_ENROLMENT = {"totp_page", "totp_picture", "totp_save", "sign_out"}


def console_router() -> APIRouter:
    """Return a router for pages under /console. Each of its routes needs a rule in PERMISSIONS, by its function's name."""
    return APIRouter(prefix="/console", include_in_schema=False, route_class=ConsoleRoute)


class ConsoleRoute(APIRoute):
    """A route that cannot be reached around the gate."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the page's function with the gate around it."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                await _enter(request, self.name)
                response = await inner(request)
            except Exception as error:  # noqa: BLE001 - whatever it is, staff get a page that says it
                response = await _refuse(request, _as_refusal(error))
            return _with_headers(request, response)

        return handle


def current_staff(request: Request) -> Staff:
    """Return who is signed in (also as a FastAPI dependency). Raises SignInNeeded where nobody is."""
    person: Staff | None = request.state.staff
    if person is None:
        raise SignInNeeded
    return person


def current_session(request: Request) -> Session:
    """Return the session of the request. Raises SignInNeeded where there is none."""
    session: Session | None = request.state.session
    if session is None:
        raise SignInNeeded
    return session


def require(request: Request, permission: Permission, where: Where) -> Staff:
    """Return who is signed in if they may do this to a thing there (its city, department, language); raises Denied if not.

    A page whose rule is limited by THING calls it once it has loaded the thing.
    """
    person = current_staff(request)
    if not allows(person, permission, where):
        raise Denied(permission, where)
    return person


async def written(request: Request, work: Callable[[Connection], T]) -> T:
    """Return what the work returns, once it is committed."""
    kept: list[T] = []

    def _work(connection: Connection) -> None:
        kept[:] = [work(connection)]

    await handler_of(request).database.write(_work)
    return kept[0]


async def record(
    request: Request, action: str, work: Callable[[Connection], T] | None = None, *,
    who: Staff | None = None, city: str = "", target: str = "", detail: Mapping[str, str] | None = None,
) -> T | None:  # fmt: skip
    """Do the work and write a line of the audit log about it, both or neither. Never give it what somebody wrote.

    `action` has a text `audit.<action>`; `who` is the signed-in person unless given. Returns what the work returns.
    """
    person = who or request.state.staff
    event = Event(action, person.id if person else "", person.name if person else "", city, target, detail or {})
    now = handler_of(request).clock()

    def _both(connection: Connection) -> T | None:
        result = work(connection) if work else None
        write_audit(connection, event, now)
        return result

    return await written(request, _both)


async def _enter(request: Request, name: str) -> None:
    """Let the request in, or raise a Refusal."""
    request.state.staff, request.state.session, request.state.waiting = None, None, None
    await _recognise(request, keep_awake=name not in QUIET)
    if request.method not in _SAFE:
        await _require_own_form(request)
    rule = PERMISSIONS.get(name)
    if rule is None:
        raise Refusal(403, "no-rule", name=name)
    if rule.permission is Permission.ANYBODY:
        return
    person = current_staff(request)
    if person.break_glass and not person.totp_on and name not in _ENROLMENT:
        raise CodeNeeded
    city = request.path_params.get("city", EVERYWHERE)
    if rule.limit is not Limit.NOTHING and city not in handler_of(request).service.releases:
        raise Refusal(404, "nothing")
    if rule.permission is not Permission.SIGNED_IN and not allows(person, rule.permission, Where(city)):
        raise Denied(rule.permission, Where(city))


async def _recognise(request: Request, *, keep_awake: bool) -> None:
    """Read the session and its person from the database each time: what is taken away is gone at once."""
    token = request.cookies.get(cookie_name(request), "")
    if not token:
        return
    handler = handler_of(request)

    def _read(connection: Connection) -> tuple[Session | None, Staff | None]:
        session = session_with_token(connection, token)
        return session, staff_with_id(connection, session.staff) if session else None

    session, person = await handler.database.read(_read)
    now = handler.clock()
    if session is None or person is None or not person.active or is_over(session, settings_of(request), now):
        return
    request.state.session = session
    if session.stage != "full":
        request.state.waiting = person
        return
    request.state.staff = _as_granted(person, session)
    if keep_awake and now - session.seen_at > timedelta(minutes=1):
        await handler.database.write(lambda connection: touch_session(connection, session.id, now))


def _as_granted(person: Staff, session: Session) -> Staff:
    """Return the person with the roles that the account and, where it was asked, the city's sign-in service both give."""
    if session.roles is None:
        return person
    return replace(person, assignments=tuple(one for one in person.assignments if one.role in session.roles))


async def _require_own_form(request: Request) -> None:
    """Refuse what another site sends: by its origin, and in a session by the session's own token."""
    if not is_our_own_form(request):
        raise Refusal(403, "origin")
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > _LARGEST_FORM:
        raise Refusal(413, "too-large")
    session: Session | None = request.state.session
    if session is None:
        return
    token = request.headers.get("x-csrf-token") or (await request.form()).get("csrf", "")
    if not hmac.compare_digest(str(token).encode(), session.csrf.encode()):
        raise Refusal(403, "csrf")


def _as_refusal(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, BotError):
        if error.status >= 500:
            log = structlog.get_logger("madoguchi")
            log.error("console page failed", code=error.code, message=error.message, hint=error.hint)
        return Refusal(error.status, "nothing" if error.status == 404 else "broken")
    if isinstance(error, RequestValidationError | ClientDisconnect):  # the latter: nobody is there to read it
        return Refusal(422, "unreadable")
    if isinstance(error, HTTPException):
        return Refusal(error.status_code, "nothing" if error.status_code == 404 else "unreadable")
    structlog.get_logger("madoguchi").exception("console page failed", kind=type(error).__name__)
    return Refusal(500, "broken")


async def _refuse(request: Request, refusal: Refusal) -> Response:
    """Return what is shown instead; somebody who was denied stands in the audit log."""
    if isinstance(refusal, Denied):
        city = refusal.where.city if refusal.where and refusal.where.city != EVERYWHERE else ""
        await record(request, "denied", city=city, target=request.url.path, detail={"permission": refusal.permission.value})
    if "application/json" in request.headers.get("accept", ""):
        error = {"code": refusal.key, "message": refusal.key, "hint": "/console/sign-in" if refusal.status == 401 else ""}
        return JSONResponse({"error": error}, refusal.status)
    if isinstance(refusal, SignInNeeded):
        wanted = request.url.path if request.method in _SAFE else "/console"
        query = f"?{request.url.query}" if request.url.query and request.method in _SAFE else ""
        return RedirectResponse(f"/console/sign-in?next={quote(wanted + query)}", 303)
    if isinstance(refusal, CodeNeeded):
        return RedirectResponse("/console/account/totp", 303)
    permission = refusal.permission if isinstance(refusal, Denied) else None
    return page(request, "error.html", status=refusal.status, key=refusal.key, values=refusal.values, permission=permission)


def _with_headers(request: Request, response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if is_https(request):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
