"""The web channel: the API, the chat page, and the FAQ that works without JavaScript."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from connectors.web import api, events, opendata, pages

STATIC = Path(__file__).parent / "static"


def mount(app: FastAPI) -> None:
    """Add the web channel to the application."""
    app.include_router(api.router)
    app.include_router(events.router)
    app.include_router(opendata.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(pages.router)  # last, since /{city}/… would catch the rest
