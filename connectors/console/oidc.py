"""OpenID Connect, code flow with PKCE: what is asked of the city's sign-in service, and what of its answer is believed.

Nothing is kept between sign-ins: they are few, and keys that the service has just changed are then never old.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.settings import Settings
from connectors.console.permissions import ROLES
from connectors.console.refusals import Refusal

_ALGORITHMS = ["RS256", "PS256", "ES256"]
_LEEWAY, _TIMEOUT = 60, 5.0
_LONGEST_TOKEN = 64 * 1024
_LOCAL = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Service:
    """Where the sign-in service answers, as it says itself."""

    issuer: str
    authorize: str
    token: str
    keys: str
    secret_in_form: bool


@dataclass(frozen=True)
class Asked:
    """What a sign-in was begun with: where to come back to, and secrets that only its own answer can match."""

    back: str
    state: str
    nonce: str
    verifier: str


def open_client() -> httpx.AsyncClient:
    """Return a client of the sign-in service."""
    return httpx.AsyncClient(timeout=_TIMEOUT)


async def discover(client: httpx.AsyncClient, issuer: str) -> Service:
    """Ask the service where it answers. Raises Refusal where it cannot be reached or is not the one we trust."""
    found = await _json(client, issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise Refusal(502, "oidc-token", part="issuer")
    authorize, token, keys = (str(found.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"))
    if not all(_is_safe(address) for address in (authorize, token, keys)):
        raise Refusal(502, "oidc-token", part="https")
    ways = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Service(issuer, authorize, token, keys, secret_in_form="client_secret_basic" not in ways)


def authorize_url(service: Service, settings: Settings, asked_for: Asked) -> str:
    """Return where the browser goes to sign in."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(asked_for.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": settings.oidc_client_id, "redirect_uri": asked_for.back, "scope": "openid profile",
        "state": asked_for.state, "nonce": asked_for.nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return service.authorize + ("&" if "?" in service.authorize else "?") + urlencode(asked)


async def claims_for(
    client: httpx.AsyncClient, service: Service, settings: Settings, asked_for: Asked, code: str, now: datetime
) -> Mapping[str, Any]:
    """Exchange the code, and return the claims of the ID token once everything about it is right. Raises Refusal if not."""
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked_for.back}
    asked["code_verifier"] = asked_for.verifier
    secret, auth = _secret(settings), None
    if not secret or service.secret_in_form:
        asked |= {"client_id": settings.oidc_client_id} | ({"client_secret": secret} if secret else {})
    else:
        auth = httpx.BasicAuth(settings.oidc_client_id, secret)
    answer = await _json(client, service.token, asked, auth)
    keys = await _json(client, service.keys)
    return read_token(str(answer.get("id_token", "")), keys, service.issuer, settings.oidc_client_id, asked_for.nonce, now)


def read_token(token: str, keys: Any, issuer: str, client_id: str, nonce: str, now: datetime) -> Mapping[str, Any]:
    """Return the claims of an ID token. Raises Refusal that names the part that is not right."""
    try:
        if len(token) > _LONGEST_TOKEN:
            raise ValueError
        claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Refusal(502, "oidc-token", part="signature") from error
    seconds = now.timestamp()
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    tests = {
        "iss": claims.get("iss") == issuer,
        "aud": client_id in audiences and (len(audiences) == 1 or claims.get("azp") == client_id),
        "exp": _number(claims.get("exp")) > seconds - _LEEWAY,
        "iat": 0 < _number(claims.get("iat")) < seconds + _LEEWAY,
        "nbf": _number(claims.get("nbf", 0)) < seconds + _LEEWAY,
        "nonce": hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()),
        "sub": isinstance(claims.get("sub"), str) and bool(claims["sub"]),
    }
    if wrong := [part for part, right in tests.items() if not right]:
        raise Refusal(502, "oidc-token", part=wrong[0])
    return claims


def identity_of(claims: Mapping[str, Any]) -> str:
    """Return the key of a person: tenant and object id where the service has them, else issuer and subject; never e-mail."""
    if claims.get("oid") and claims.get("tid"):
        return f"{claims['tid']}|{claims['oid']}"[:256]
    return f"{claims['iss']}|{claims['sub']}"[:256]


def roles_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the app roles that the service granted. Raises Refusal where it granted none, or could not tell."""
    given = claims.get("roles")
    roles = tuple(sorted({str(role) for role in given} & ROLES.keys())) if isinstance(given, list) else ()
    if roles:
        return roles
    if claims.get("hasgroups") or "groups" in (claims.get("_claim_names") or {}):
        raise Refusal(403, "oidc-overage")
    raise Refusal(403, "oidc-roles", roles=", ".join(ROLES))


async def _json(
    client: httpx.AsyncClient, address: str, form: Mapping[str, str] | None = None, auth: httpx.BasicAuth | None = None
) -> dict[str, Any]:
    if not _is_safe(address):
        raise Refusal(502, "oidc-token", part="https")
    try:
        asked = client.get(address) if form is None else client.post(address, data=form, auth=auth or httpx.USE_CLIENT_DEFAULT)
        answer = await asked
        answer.raise_for_status()
        found: dict[str, Any] = dict(answer.json())
    except httpx.HTTPStatusError as error:
        refused = form is not None and error.response.status_code < 500
        raise (Refusal(502, "oidc-token", part="code") if refused else Refusal(503, "oidc-away")) from error
    except (httpx.HTTPError, ValueError, TypeError) as error:
        raise Refusal(503, "oidc-away") from error
    return found


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -1.0


def _secret(settings: Settings) -> str:
    if settings.oidc_client_secret_file:
        return Path(settings.oidc_client_secret_file).read_text(encoding="utf-8").strip()
    return settings.oidc_client_secret.get_secret_value()
