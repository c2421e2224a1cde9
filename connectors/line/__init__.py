"""The LINE channel: the webhook of each city, and what is sent through LINE's Messaging API."""

from fastapi import FastAPI


def mount(app: FastAPI) -> None:
    """Add the channel to the application."""
