"""The staff console: sign-in and the hand-off desk, as pages."""

from fastapi import FastAPI


def mount(app: FastAPI) -> None:
    """Add the channel to the application."""
