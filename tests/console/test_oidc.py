"""Sign-in by the city's own service: against a real provider, and against answers that must not be believed."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import RSAKey
from oidc_provider_mock import run_server_in_thread
from pydantic import SecretStr
from starlette.responses import JSONResponse

from bot.handler import now_in_japan
from bot.settings import Settings
from connectors.console import oidc
from tests.console.conftest import BASE, Door, log_of
from tests.console.test_sign_in import Hire

OFFICER = {"roles": ["officer"], "oid": "object-1", "tid": "tenant-1"}
KEY, OTHER_KEY = RSAKey.generate_key(2048, {"kid": "1"}), RSAKey.generate_key(2048, {"kid": "1"})


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A real OpenID provider on loopback."""
    with run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def console_settings(console_settings: Settings, provider: str) -> Settings:
    """The console with a sign-in service."""
    return console_settings.model_copy(
        update={"oidc_issuer": provider, "oidc_client_id": "madoguchi", "oidc_client_secret": SecretStr("not kept anywhere")}
    )


async def go_there_and_back(door: Door, provider: str, claims: Mapping[str, Any], sub: str = "1") -> httpx.Response:
    """Begin at our door, sign in at the provider, and come back."""
    there = await begin(door)
    async with httpx.AsyncClient() as outside:
        await outside.put(f"{provider}/users/{sub}", json=dict(claims))
        signed = await outside.post(there, data={"sub": sub})
    return await door.get(signed.headers["location"].removeprefix(BASE))


async def begin(door: Door, next_: str = "/console") -> str:
    """Return where the door sends the browser."""
    return (await door.get(f"/console/oidc/start?next={next_}")).headers["location"]


async def test_a_known_person_with_a_role_gets_in(door: Door, hire: Hire, provider: str, console: FastAPI) -> None:
    """By tenant and object id; the door offers the way."""
    hire("taro", ("officer", "hoshimi"), password=None, identity="tenant-1|object-1")
    assert "/console/oidc/start?next=%2Fconsole" in (await door.get("/console/sign-in")).text.replace("next=/", "next=%2F")
    response = await go_there_and_back(door, provider, OFFICER)

    assert (response.status_code, response.headers["location"]) == (303, "/console")
    assert (await door.get("/console")).status_code == 200
    assert log_of(console)[0].action == "signed-in"


async def test_what_is_asked_of_the_provider(door: Door) -> None:
    """A code, with PKCE, state and nonce, for our own address only."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(await begin(door)).query).items()}

    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == f"{BASE}/console/oidc/return"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43


async def test_without_tenant_and_object_the_key_is_issuer_and_subject(door: Door, hire: Hire, provider: str) -> None:
    """Never the e-mail address, which others may get one day."""
    hire("taro", ("officer", "hoshimi"), password=None, identity=f"{provider}|7")
    hire("mail", ("admin", "*"), password=None, identity="taro@city.example")
    response = await go_there_and_back(door, provider, {"roles": ["officer"], "email": "taro@city.example"}, "7")

    assert response.status_code == 303
    assert "Taro" in (await door.get("/console")).text


async def test_the_account_and_the_service_must_both_give_a_role(door: Door, hire: Hire, provider: str) -> None:
    """A role that the service has taken away is gone, whatever the account says; and the other way round."""
    hire("taro", ("officer", "hoshimi"), ("admin", "hoshimi"), password=None, identity="tenant-1|object-1")
    await go_there_and_back(door, provider, {**OFFICER, "roles": ["officer", "approver"]})

    assert (await door.get("/console/hoshimi/staff")).status_code == 403
    assert "相談担当" in (await door.get("/console/account")).text
    assert "承認者" not in (await door.get("/console/account")).text


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"oid": "object-9", "tid": "tenant-1", "roles": ["officer"]}, "tenant-1|object-9"),
        ({"oid": "object-1", "tid": "tenant-2", "roles": ["officer"]}, "tenant-2|object-1"),
        ({**OFFICER, "roles": []}, "アプリ ロール"),
        ({**OFFICER, "roles": ["Global Reader"]}, "アプリ ロール"),
        ({**OFFICER, "roles": "officer"}, "アプリ ロール"),
        ({"oid": "object-1", "tid": "tenant-1", "_claim_names": {"groups": "src1"}}, "所属グループが多すぎて"),
        ({"oid": "object-1", "tid": "tenant-1", "hasgroups": True}, "所属グループが多すぎて"),
    ],
)
async def test_who_is_not_let_in_is_told_what_to_ask_for(
    door: Door, hire: Hire, provider: str, console: FastAPI, claims: dict[str, Any], told: str
) -> None:
    """Unknown, of another tenant, without a role, with too many groups to tell: denied, logged, explained."""
    hire("taro", ("officer", "hoshimi"), password=None, identity="tenant-1|object-1")
    response = await go_there_and_back(door, provider, claims)

    assert response.status_code == 403
    assert told in response.text
    assert (await door.get("/console")).status_code == 303
    assert log_of(console)[0].action == "sign-in-refused"


async def test_a_disabled_account_stays_out(door: Door, hire: Hire, provider: str) -> None:
    """Though the service still knows the person."""
    hire("taro", ("officer", "hoshimi"), password=None, identity="tenant-1|object-1", active=False)

    assert (await go_there_and_back(door, provider, OFFICER)).status_code == 403


async def test_an_answer_is_good_once_and_for_its_own_browser(door: Door, hire: Hire, provider: str, console: FastAPI) -> None:
    """Neither a repeated answer, nor one that somebody else began, nor one made up signs anybody in."""
    hire("taro", ("officer", "hoshimi"), password=None, identity="tenant-1|object-1")
    async with httpx.AsyncClient() as outside:
        await outside.put(f"{provider}/users/1", json=OFFICER)
        answer = (await outside.post(await begin(door), data={"sub": "1"})).headers["location"].removeprefix(BASE)
        stolen = (await outside.post(await begin(door), data={"sub": "1"})).headers["location"].removeprefix(BASE)

    assert (await Door(console).get(stolen)).status_code == 400
    assert (await door.get(stolen)).status_code == 400  # used up by the thief's try
    assert (await door.get("/console/oidc/return?state=made-up&code=1")).status_code == 400
    assert (await door.get(answer)).status_code == 400  # the browser has begun anew since
    fresh = await go_there_and_back(door, provider, OFFICER)
    assert fresh.status_code == 303


async def test_an_answer_that_comes_late_is_refused(door: Door, hire: Hire, provider: str, console: FastAPI) -> None:
    """What was begun and forgotten (here: dropped from the cache) is begun again."""
    there = await begin(door)
    state = parse_qs(urlsplit(there).query)["state"][0]
    await console.state.handler.cache.drop(f"oidc:{oidc.hashlib.sha256(state.encode()).hexdigest()}")
    response = await door.get(f"/console/oidc/return?state={state}&code=1")

    assert response.status_code == 400
    assert "やり直して" in response.text


async def test_who_cancels_is_told_so(door: Door, provider: str) -> None:
    """The provider's refusal is a page of ours."""
    there = await begin(door)
    async with httpx.AsyncClient() as outside:
        denied = await outside.post(there, data={"action": "deny"})
    state = parse_qs(urlsplit(there).query)["state"][0]
    location = denied.headers["location"].removeprefix(BASE)
    response = await door.get(location if "state=" in location else f"{location}&state={state}")

    assert response.status_code == 403
    assert "認証サービスがサインインを断りました" in response.text


async def test_a_made_up_code_is_refused(door: Door, hire: Hire) -> None:
    """With a good state: the provider does not know the code."""
    state = parse_qs(urlsplit(await begin(door)).query)["state"][0]
    response = await door.get(f"/console/oidc/return?state={state}&code=made-up")

    assert response.status_code == 502
    assert "「code」" in response.text


async def test_a_service_that_is_away_is_a_page(door: Door, console: FastAPI) -> None:
    """With the advice to try again; nobody is stuck."""
    console.state.settings = console.state.settings.model_copy(update={"oidc_issuer": "http://localhost:9"})

    assert (await door.get("/console/oidc/start")).status_code == 503


def claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of a good token, with changes; None takes one out."""
    now = int(time.time())
    good = {"iss": "https://login.example", "aud": "madoguchi", "exp": now + 300, "iat": now, "nonce": "n", "sub": "1"}
    return {name: value for name, value in (good | changes).items() if value is not None}


def read(token: str, key: RSAKey = KEY) -> Mapping[str, Any]:
    """Read a token as the console does."""
    keys = {"keys": [key.as_dict(private=False)]}
    return oidc.read_token(token, keys, "https://login.example", "madoguchi", "n", now_in_japan())


def test_a_good_token_is_read() -> None:
    """So that the refusals below are for their own reasons."""
    assert read(jwt.encode({"alg": "RS256", "kid": "1"}, claims(), KEY))["sub"] == "1"
    two = claims(aud=["madoguchi", "other"], azp="madoguchi")
    assert read(jwt.encode({"alg": "RS256", "kid": "1"}, two, KEY))["azp"] == "madoguchi"


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"iss": "https://login.example/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"iss": "https://evil.example"}, "iss"),
        ({"aud": "other"}, "aud"),
        ({"aud": ["madoguchi", "other"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": ["other"]}, "aud"),
        ({"exp": 1}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "never"}, "exp"),
        ({"exp": True}, "exp"),
        ({"iat": 4102444800}, "iat"),
        ({"iat": None}, "iat"),
        ({"nbf": 4102444800}, "nbf"),
        ({"nonce": "other"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": ""}, "sub"),
    ],
)
def test_a_token_that_is_not_for_us_now_is_refused(changes: dict[str, Any], part: str) -> None:
    """Each part alone is enough; the page names it."""
    with pytest.raises(oidc.Refusal) as refused:
        read(jwt.encode({"alg": "RS256", "kid": "1"}, claims(**changes), KEY))

    assert refused.value.values["part"] == part


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "x" * 100_000])
def test_a_token_without_a_good_signature_is_refused(token: str) -> None:
    """Nothing, rubbish, unsigned, endless."""
    with pytest.raises(oidc.Refusal) as refused:
        read(token)

    assert refused.value.values["part"] == "signature"


def test_a_token_signed_by_somebody_else_is_refused() -> None:
    """The same claims under another key, and signed with our public key as if it were a shared secret."""
    parts = ({"alg": "HS256", "kid": "1"}, claims())
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    mark = base64.urlsafe_b64encode(hmac.digest(KEY.as_pem(private=False), head + b"." + body, "sha256")).rstrip(b"=")
    for token in (jwt.encode({"alg": "RS256", "kid": "1"}, claims(), OTHER_KEY), b".".join((head, body, mark)).decode()):
        with pytest.raises(oidc.Refusal) as refused:
            read(token)
        assert refused.value.values["part"] == "signature"


@pytest.fixture
async def liar() -> AsyncIterator[httpx.AsyncClient]:
    """A service that says it is another one, or sends us where no HTTPS is."""
    app = FastAPI()

    @app.get("/{kind}/.well-known/openid-configuration")
    async def told(kind: str, request: Request) -> JSONResponse:
        issuer = "https://evil.example" if kind == "issuer" else f"http://localhost/{kind}"
        base = "http://evil.example" if kind == "plain" else "https://good.example"
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        return JSONResponse({"issuer": issuer, **{name: f"{base}/{name}" for name in names}})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as client:
        yield client


@pytest.mark.parametrize(("kind", "part"), [("issuer", "issuer"), ("plain", "https")])
async def test_a_service_that_lies_about_itself_is_not_used(liar: httpx.AsyncClient, kind: str, part: str) -> None:
    """The issuer is exactly the one that was set, and everything beyond this machine is HTTPS."""
    with pytest.raises(oidc.Refusal) as refused:
        await oidc.discover(liar, f"http://localhost/{kind}")

    assert refused.value.values["part"] == part


async def test_the_secret_may_lie_in_a_file(console_settings: Settings, tmp_path: Any) -> None:
    """Which outranks the variable, as vaults hand secrets over."""
    (tmp_path / "secret").write_text("from a file\n", encoding="utf-8")
    settings = console_settings.model_copy(update={"oidc_client_secret_file": str(tmp_path / "secret")})

    assert oidc._secret(settings) == "from a file"
    assert "not kept anywhere" not in repr(settings)
