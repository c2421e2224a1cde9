"""The page for addresses of the console where nothing is."""

from fastapi import Request, Response

from connectors.console.gate import console_router
from connectors.console.refusals import Refusal

router = console_router()


@router.api_route("/{rest:path}", methods=["GET", "POST"])
async def nothing_here(request: Request) -> Response:
    """Say that nothing is here."""
    raise Refusal(404, "nothing")
