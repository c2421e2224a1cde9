"""What is asked of LINE: replies, pushes, profiles, quota, through the official SDK with timeouts and typed errors.

A client is made inside the running loop and closed with it. The SDK is loaded with the first client, since it takes a second.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from connectors.line.channels import Channel
from connectors.line.errors import LineError, Refusal, refusal_of
from connectors.line.pace import Pace
from connectors.line.tokens import AccessToken

_log = structlog.get_logger("madoguchi.line")
LineMessage = Mapping[str, Any]
# Seconds until an unanswered request counts as unknown; the SDK would wait five minutes.
TIMEOUT = 5.0


@dataclass(frozen=True)
class Sent:
    """A message that LINE took. `already` says that an earlier try with the same key had arrived (409, L-20)."""

    request_id: str
    already: bool = False


@dataclass(frozen=True)
class Quota:
    """Messages a month: `limit` is None where the plan has none."""

    limit: int | None
    used: int

    @property
    def left(self) -> int | None:
        """How many are left, None for no limit."""
        return None if self.limit is None else max(0, self.limit - self.used)


@dataclass
class LineClient:
    """One channel's way to LINE. `host` is the API's address, `data_host` that of contents, `timeout` in seconds."""

    channel: Channel
    host: str
    data_host: str
    timeout: float = TIMEOUT
    pace: Pace = field(default_factory=Pace)
    _api: Any = None

    def __post_init__(self) -> None:
        self._tokens = AccessToken(self.channel, self.host, self.timeout)

    async def reply(self, token: str, messages: Sequence[LineMessage]) -> Sent:
        """Answer with a reply token. Raises LineError."""
        from linebot.v3.messaging import ReplyMessageRequest

        request = ReplyMessageRequest(replyToken=token, messages=typed(messages), notificationDisabled=False)
        return await self._send("reply_message_with_http_info", request)

    async def push(self, to: str, messages: Sequence[LineMessage], retry_key: str, unit: str = "") -> Sent:
        """Send without a reply token. The same `retry_key` (a UUID) never sends twice (L-19). Raises LineError."""
        from linebot.v3.messaging import PushMessageRequest

        request = PushMessageRequest(
            to=to, messages=typed(messages), notificationDisabled=False, customAggregationUnits=[unit] if unit else None
        )
        return await self._send("push_message_with_http_info", request, x_line_retry_key=retry_key)

    async def multicast(self, to: Sequence[str], messages: Sequence[LineMessage], retry_key: str) -> Sent:
        """Send the same to at most 500 residents, each a paid push; the same `retry_key` never sends twice. Raises LineError."""
        from linebot.v3.messaging import MulticastRequest

        request = MulticastRequest(to=list(to), messages=typed(messages), notificationDisabled=False, customAggregationUnits=None)
        return await self._send("multicast_with_http_info", request, x_line_retry_key=retry_key, kind="multicast")

    async def _send(self, method: str, request: Any, **options: Any) -> Sent:
        try:
            response = await self.call(method, request, **options)
        except LineError as error:
            if error.status == 409:
                return Sent(error.request_id, already=True)
            raise
        return Sent(_header(response.headers, "x-line-request-id"))

    async def profile_language(self, resident: str) -> str | None:
        """Return the language of a resident's profile (BCP 47), None where LINE tells none."""
        try:
            profile = await self.call("get_profile_with_http_info", resident)
        except LineError:
            return None
        return profile.data.language or None

    async def show_loading(self, resident: str, seconds: int = 20) -> None:
        """Show that an answer is on its way, for 5–60 seconds in steps of 5; a failure is no matter (L-35)."""
        from linebot.v3.messaging import ShowLoadingAnimationRequest

        steps = min(60, max(5, round(seconds / 5) * 5))
        request = ShowLoadingAnimationRequest(chatId=resident, loadingSeconds=steps)
        await self._unimportant("show_loading_animation_with_http_info", request, kind="loading")

    async def mark_as_read(self, token: str) -> None:
        """Mark a resident's messages as read; fails harmlessly where the chat is off (L-36)."""
        from linebot.v3.messaging import MarkMessagesAsReadByTokenRequest

        request = MarkMessagesAsReadByTokenRequest(markAsReadToken=token)
        await self._unimportant("mark_messages_as_read_by_token_with_http_info", request)

    async def leave(self, kind: str, id_: str) -> None:
        """Leave a `group` or `room`."""
        await self._unimportant(f"leave_{kind}_with_http_info", id_)

    async def quota(self) -> Quota:
        """Return the month's quota and what is used of it. Raises LineError."""
        limit = await self.call("get_message_quota_with_http_info")
        used = await self.call("get_message_quota_consumption_with_http_info")
        return Quota(limit.data.value if limit.data.type == "limited" else None, int(used.data.total_usage))

    async def _unimportant(self, method: str, *values: Any, kind: str = "general") -> None:
        try:
            await self.call(method, *values, kind=kind)
        except LineError as error:
            _log.info("line request without effect", city=self.channel.city, endpoint=method, refusal=error.refusal.value)

    async def call(self, method: str, *values: Any, kind: str = "general", **options: Any) -> Any:
        """Call a method `…_with_http_info` of the SDK within its rate and timeout; a refused token is renewed once.

        Returns the SDK's response (`data`, `status_code`, `headers`). Raises LineError.
        """
        await self.pace.wait(kind)
        try:
            return await self._once(method, *values, **options)
        except LineError as error:
            if error.status != 401 or not self._tokens.reject():
                raise
            return await self._once(method, *values, **options)

    async def _once(self, method: str, *values: Any, **options: Any) -> Any:
        from linebot.v3.messaging.exceptions import ApiException, OpenApiException
        from pydantic.v1 import ValidationError

        api = await self._opened(blob="content" in method or method.startswith("set_rich_menu_image"))
        try:
            response = await getattr(api, method)(*values, _request_timeout=self.timeout, **options)
        except ApiException as error:
            raise self._refused(method, error) from error
        except TimeoutError as error:
            raise self._failed(method, Refusal.UNKNOWN, error) from error
        except ValidationError as error:  # a 2xx with an odd body: LINE has taken it, and what it said is not needed
            raise self._failed(method, Refusal.UNKNOWN, error) from error
        except (OSError, OpenApiException) as error:
            raise self._failed(method, Refusal.SERVER, error) from error
        except Exception as error:
            raise self._broken(method, error) from error
        self._note(method, response.status_code, _header(response.headers, "x-line-request-id"))
        return response

    def _broken(self, method: str, error: Exception) -> Exception:
        """Return a LineError for what the SDK's transport raises (aiohttp's own errors), anything else as it is."""
        import aiohttp

        if not isinstance(error, aiohttp.ClientError):
            return error
        # Never connected: nothing has left us. Anything later: LINE may have taken it.
        refusal = Refusal.SERVER if isinstance(error, aiohttp.ClientConnectorError) else Refusal.UNKNOWN
        return self._failed(method, refusal, error)

    def _refused(self, method: str, error: Any) -> LineError:
        refusal, detail = refusal_of(error.status, error.body)
        accepted = _header(error.headers, "x-line-accepted-request-id") or _header(error.headers, "x-line-request-id")
        self._note(method, error.status, accepted, refusal)
        return LineError(refusal, error.status, detail, accepted)

    def _failed(self, method: str, refusal: Refusal, error: Exception) -> LineError:
        self._note(method, 0, "", refusal)
        return LineError(refusal, 0, type(error).__name__)

    def _note(self, method: str, status: int, request_id: str, refusal: Refusal | None = None) -> None:
        """Log time, endpoint, status and LINE's request id; never a body or a token (L-48)."""
        endpoint = method.removesuffix("_with_http_info")
        why = {"refusal": refusal.value} if refusal else {}
        _log.info("line request", city=self.channel.city, endpoint=endpoint, status=status, request_id=request_id, **why)

    async def _opened(self, *, blob: bool = False) -> Any:
        from linebot.v3.messaging import AsyncApiClient, AsyncMessagingApi, AsyncMessagingApiBlob, Configuration

        token = await self._tokens.value()
        if self._api is None:
            self._api = AsyncApiClient(Configuration(host=self.host, access_token=token))
            self._data = AsyncApiClient(Configuration(host=self.data_host, access_token=token))
        client = self._data if blob else self._api
        client.configuration.access_token = token
        client.default_headers["Authorization"] = f"Bearer {token}"
        return AsyncMessagingApiBlob(client) if blob else AsyncMessagingApi(client)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._api is not None:
            await asyncio.gather(self._api.close(), self._data.close())
            self._api = None


def typed(messages: Sequence[LineMessage]) -> list[Any]:
    """Return messages as the SDK's own models: plain dicts would lose their fields without a word (L-46)."""
    from linebot.v3.messaging import Message

    return [Message.from_dict(dict(message)) for message in messages]


def _header(headers: Any, name: str) -> str:
    found = {str(key).lower(): str(value) for key, value in dict(headers or {}).items()}
    return found.get(name, "")
