"""The staff console: sign-in and the hand-off desk, as pages. Every request passes `gate.py`."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from connectors.console import (
    account,
    audit_pages,
    canned_pages,
    draft_pages,
    home,
    hours_pages,
    inbox,
    line_page,
    links,
    lost,
    oidc_pages,
    signin,
    staff_pages,
    staff_roles,
    ticket,
    ticket_steps,
    upkeep,
)

STATIC = Path(__file__).parent / "static"
# In the order in which addresses are looked up; `lost` answers all that the others leave.
ROUTERS = (
    signin.router, oidc_pages.router, links.router, home.router, account.router, staff_pages.router, staff_roles.router,
    inbox.router, ticket.router, ticket_steps.router,
    canned_pages.router, draft_pages.router, hours_pages.router, line_page.router, audit_pages.router, lost.router,
)  # fmt: skip


def mount(app: FastAPI) -> None:
    """Add the console to the application."""
    app.mount("/console/static", StaticFiles(directory=STATIC), name="console-static")
    for router in ROUTERS:
        app.include_router(router)
    app.state.content_releases = dict(app.state.handler.service.releases)
    app.state.work += [upkeep.keep_tidy, hours_pages.keep_calendar]
