"""The kiosk in the city hall's lobby: the chat without a memory and without ways out; links become QR codes."""

import io
from typing import Annotated

import segno
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from bot.messages import BotError
from connectors.web.api import Shell, public_address
from connectors.web.pages import show_page
from connectors.web.passages import LINK
from faq.release import Release

router = APIRouter(include_in_schema=False)
IDLE_SECONDS, WARNING_SECONDS = 90, 30  # a warning lasts at least 20 seconds (WCAG 2.2.1)


@router.get("/{city}/kiosk")
async def kiosk_page(
    city: str, request: Request, handler: Shell, idle: Annotated[int, Query(ge=30, le=3600)] = IDLE_SECONDS
) -> HTMLResponse:
    """Show the kiosk. It begins anew after `idle` seconds without a touch and a warning that can be answered."""
    return show_page("kiosk.html", city, request, handler, mode="kiosk", idle=idle, warning=WARNING_SECONDS)


@router.get("/{city}/kiosk/qr.svg")
async def qr_code(city: str, url: Annotated[str, Query(max_length=500)], request: Request, handler: Shell) -> Response:
    """Return the QR code of an address that the city has published, or of a page of ours; of no other, lest others use it."""
    release = handler.service.release(city)
    ours = f"{public_address(request)}/{city}"
    url = url.replace(f"{request.base_url}{city}", ours, 1)  # a telephone may not reach what the kiosk reaches
    if not url.startswith(ours) and url not in published_links(release):
        message = f"{city} has not published the address {url!r}."
        raise BotError("unpublished_address", message, "Take the source of an answer.", 404)
    out = io.BytesIO()
    segno.make_qr(url, error="m").save(out, kind="svg", scale=6, border=4, light="#fff", dark="#000", title=url)
    return Response(out.getvalue(), media_type="image/svg+xml")


def published_links(release: Release) -> set[str]:
    """Return every address that the answers of a city name."""
    entries = release.knowledge.entries.values()
    texts = [text.answer for entry in entries for text in entry.texts.values()]
    texts += [said for entry in entries for filled in entry.filled.values() for said in filled.values()]
    texts += [entry.source for entry in entries]
    return {link for text in texts for link in LINK.findall(text)}
