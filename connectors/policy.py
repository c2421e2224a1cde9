"""What the browser may load for our pages, and which sites may show a page of ours in a frame (CSP)."""

from collections.abc import Iterable

_OWN = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors"
)


def content_policy(sites: Iterable[str] = ()) -> str:
    """Return the Content-Security-Policy of a page that these sites (origins) may frame, beside our own pages."""
    return " ".join((_OWN, "'self'", *sites))
