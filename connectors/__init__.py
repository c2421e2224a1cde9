"""The ways in and out: one folder for each channel. The registry is a literal dict."""

from collections.abc import Callable, Mapping

from fastapi import FastAPI

from connectors import console, line, web

Mount = Callable[[FastAPI], None]

CONNECTORS: Mapping[str, Mount] = {
    "line": line.mount,
    "console": console.mount,
    "web": web.mount,  # last, since its /{city}/… would catch the rest
}
