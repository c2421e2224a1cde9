"""Keys that seal what must not be read out of the database alone: each a file of its owner, made once where none is named."""

import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from bot.messages import BotError


def kept_key(path: Path) -> bytes:
    """Return the key in this file (32 bytes, base64); make it, readable by its owner only, where there is none.

    Raises BotError where the file cannot be read or made.
    """
    try:
        if not path.exists():
            _make(path)
        return path.read_bytes().strip()
    except OSError as error:
        message = f"The key file {path} cannot be used: {error.strerror}."
        raise BotError("key", message, "Let the service read it, or let it write into the folder.", 500) from error


def _make(path: Path) -> None:
    """Write a key under another name first, so that two processes that start together agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor
        file.write(urlsafe_b64encode(secrets.token_bytes(32)))
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
