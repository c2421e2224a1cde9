"""The web channel: the API, the chat page, and the FAQ that works without JavaScript."""

from fastapi import FastAPI

from connectors.web import api, embed, events, faq_pages, handoff, kiosk, opendata, pages, reading
from connectors.web.assets import STATIC, Assets
from connectors.web.lost import add_lost_pages


def mount(app: FastAPI) -> None:
    """Add the web channel to the application."""
    app.include_router(api.router)
    app.include_router(events.router)
    app.include_router(reading.router)
    app.include_router(handoff.router)
    app.include_router(handoff.pages)
    app.state.work.append(handoff.work)
    app.include_router(opendata.router)
    app.mount("/static", Assets(directory=STATIC), name="static")
    app.include_router(embed.router)
    app.include_router(kiosk.router)
    app.include_router(faq_pages.router)
    app.include_router(pages.router)  # last, since /{city}/… would catch the rest
    add_lost_pages(app)
