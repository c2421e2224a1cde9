"""Sign-in by the city's own sign-in service: the way there, and the way back."""

import hmac
import secrets
from dataclasses import asdict
from typing import Any

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from bot.storage.staff import staff_with_identity
from bot.storage.staff_sessions import digest
from connectors.console.gate import console_router, record
from connectors.console.refusals import Refusal
from connectors.console.sessions import base_url, drop_cookie, handler_of, is_https, put_cookie, safe_next, settings_of
from connectors.console.signin import enter

router = console_router()
_SECONDS = 600.0


@router.get("/oidc/start")
async def oidc_start(request: Request) -> Response:
    """Send the browser to the sign-in service. What comes back must come to this browser, once, within ten minutes."""
    settings = settings_of(request)
    if not settings.oidc_issuer:
        raise Refusal(404, "oidc-off")
    from connectors.console import oidc  # loaded where a city signs in by a service of its own

    state, nonce, verifier, browser = (secrets.token_urlsafe(32) for _ in range(4))
    async with oidc.open_client() as client:
        service = await oidc.discover(client, settings.oidc_issuer)
    asked = oidc.Asked(base_url(request) + "/console/oidc/return", state, nonce, verifier)
    next_ = safe_next(request.query_params.get("next", ""))
    await handler_of(request).cache.put(_key(state), {**asdict(asked), "browser": digest(browser), "next": next_}, _SECONDS)
    response = RedirectResponse(oidc.authorize_url(service, settings, asked), 303)
    put_cookie(request, response, browser, _cookie(request))
    return response


@router.get("/oidc/return")
async def oidc_return(request: Request) -> Response:
    """Take the answer of the sign-in service, and begin a session for an account that is known and has a role."""
    try:
        response = await _answered(request)
    except Refusal as refusal:
        facts = {"reason": refusal.key, **({"part": refusal.values["part"]} if "part" in refusal.values else {})}
        await record(request, "sign-in-refused", detail=facts)
        raise
    drop_cookie(request, response, _cookie(request))
    return response


async def _answered(request: Request) -> Response:
    settings, asked, now = settings_of(request), request.query_params, handler_of(request).clock()
    if not settings.oidc_issuer:
        raise Refusal(404, "oidc-off")
    kept = await _taken(request, asked.get("state", ""))
    if asked.get("error") or not asked.get("code"):
        raise Refusal(403, "oidc-denied")
    from connectors.console import oidc

    async with oidc.open_client() as client:
        service = await oidc.discover(client, settings.oidc_issuer)
        begun = oidc.Asked(kept["back"], kept["state"], kept["nonce"], kept["verifier"])
        claims = await oidc.claims_for(client, service, settings, begun, asked["code"], now)
    identity, roles = oidc.identity_of(claims), oidc.roles_of(claims)
    person = await handler_of(request).database.read(lambda connection: staff_with_identity(connection, identity))
    if person is None or not person.active:
        raise Refusal(403, "oidc-unknown", identity=identity)
    return await enter(request, person, "oidc", kept["next"], roles)


async def _taken(request: Request, state: str) -> dict[str, Any]:
    """Return what was kept under this state, once. Raises Refusal where there is nothing, or it is another browser's."""
    cache = handler_of(request).cache
    async with cache.lock(_key(state)):
        kept = await cache.get(_key(state))
        await cache.drop(_key(state))
    browser = request.cookies.get(_cookie(request), "")
    if kept is None or not hmac.compare_digest(kept["browser"], digest(browser)):
        raise Refusal(400, "oidc-state")
    return dict(kept)


def _key(state: str) -> str:
    return f"oidc:{digest(state)}"


def _cookie(request: Request) -> str:
    return "__Host-madoguchi-oidc" if is_https(request) else "madoguchi-oidc"
