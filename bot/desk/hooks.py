"""Notices to staff's own chat (Slack, Teams: an incoming webhook takes {"text": …}), sent only to where it may go (P-18)."""

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from bot.messages import BotError

_SECONDS = 10.0


async def send_hook(url: str, text: str, *, loopback: bool = False) -> None:
    """Send a notice. `loopback` allows this machine itself, without TLS, for tests.

    Raises BotError for an address that is not allowed, httpx.HTTPError where the other side did not take it.
    """
    import httpx  # loaded where notices are sent

    parts = urlsplit(url)
    host = parts.hostname or ""
    address = await _public_address(host, parts.port or 443, loopback=loopback)
    if parts.scheme != "https" and not (loopback and ipaddress.ip_address(address).is_loopback):
        raise _refused(host, "https is needed")
    # The name was looked up once, here; the connection goes to that very address, whatever the name says a moment later.
    pinned = httpx.URL(url).copy_with(host=address)
    async with httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client:
        headers = {"Host": host if parts.port is None else f"{host}:{parts.port}"}
        response = await client.post(pinned, json={"text": text}, headers=headers, extensions={"sni_hostname": host})
        if not response.is_success:
            raise httpx.HTTPStatusError(f"status {response.status_code}", request=response.request, response=response)


async def _public_address(host: str, port: int, *, loopback: bool) -> str:
    """Return an address of the host, if all of its addresses are public ones."""
    import httpx

    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpx.ConnectError(f"{host} is not known") from error
    addresses = [str(row[4][0]) for row in found]
    for address in addresses:
        ip = ipaddress.ip_address(address)
        if not ip.is_global and not (loopback and ip.is_loopback):
            raise _refused(host, "it leads into a private network")
    return addresses[0]


def _refused(host: str, why: str) -> BotError:
    return BotError("webhook", f"The webhook at {host} is not used: {why}.", "Give an https address outside this network.", 500)
