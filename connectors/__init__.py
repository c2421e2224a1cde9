"""The ways in and out: one folder for each channel. The registry is a literal dict."""

from collections.abc import Callable, Mapping

from fastapi import FastAPI

from connectors import web

Mount = Callable[[FastAPI], None]

CONNECTORS: Mapping[str, Mount] = {
    "web": web.mount,
}
