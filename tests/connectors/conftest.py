"""The web channel as the outside meets it: over a real socket, or with one part of it broken."""

import threading
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI

from tests.conftest import free_port, listens, wait_for


@pytest.fixture(scope="module")
def live(app: FastAPI) -> Iterator[str]:
    """The address of the real application on a private port."""
    port = free_port()
    # Without its lifespan, which would close the database that other tests still use.
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: listens(port))
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
