"""Access tokens of a channel: short-lived ones, issued when needed and renewed before they end (L-42)."""

import asyncio
import time
from dataclasses import dataclass, field

from connectors.line.channels import Channel
from connectors.line.errors import LineError, Refusal, refusal_of

# A stateless token lives 15 minutes; it is renewed while it still works.
RENEW_BEFORE_SECONDS = 120.0


@dataclass
class AccessToken:
    """The access token of one channel. `host` is the address of the API, `timeout` in seconds."""

    channel: Channel
    host: str
    timeout: float = 5.0
    _token: str = ""
    _until: float = 0.0
    _issuing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def value(self) -> str:
        """Return a token that works. Raises LineError where none can be had."""
        if self.channel.token:
            return self.channel.token
        async with self._issuing:
            if time.monotonic() >= self._until:
                await self._issue()
        return self._token

    def reject(self) -> bool:
        """Forget a token that LINE refused; say whether a new one can be had."""
        self._until = 0.0
        return not self.channel.token

    async def _issue(self) -> None:
        import httpx  # loaded where LINE is

        form = {
            "grant_type": "client_credentials",
            "client_id": self.channel.channel_id,
            "client_secret": self.channel.secrets[0],
        }
        try:
            async with httpx.AsyncClient(timeout=self.timeout) as client:
                response = await client.post(f"{self.host}/oauth2/v3/token", data=form)
        except httpx.HTTPError as error:
            raise LineError(Refusal.SERVER, 0, type(error).__name__) from error
        if response.status_code != 200:
            refusal, text = refusal_of(response.status_code, response.text)
            raise LineError(Refusal.UNAUTHORISED if refusal is Refusal.INVALID else refusal, response.status_code, text)
        found = response.json()
        self._token = str(found["access_token"])
        self._until = time.monotonic() + max(0.0, float(found["expires_in"]) - RENEW_BEFORE_SECONDS)
