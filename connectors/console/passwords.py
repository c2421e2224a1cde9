"""Passwords: which are good enough, and how they are kept (argon2id). No rules about kinds of characters (A-20)."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256
# Parts that people build long and well-known passwords from. What is left without them must still be long enough.
_KNOWN_PARTS = (
    "password", "passw0rd", "p@ssw0rd", "p@ssword", "pasuwado", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh",
    "zxcvbnm", "1qaz2wsx", "3edc4rfv", "qazwsx", "admin", "administrator", "letmein", "welcome", "iloveyou",
    "changeme", "secret", "shiyakusho", "shiyakusyo", "yakusho", "kuyakusho", "shokuin", "madoguchi",
    "cityhall", "chatbot", "sakura", "japan", "nippon", "reiwa", "heisei", "abc123", "0123456789", "1234567890",
    "123456789", "12345678", "1234567", "123456", "12345", "1234", "123", "987654321", "abcdefghijkl", "abcdef",
    "abc", "2024", "2025", "2026", "2027", "パスワード", "市役所", "窓口",
)  # fmt: skip
_LEAST_OF_ITS_OWN = 6
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=2)


def mistakes(password: str, personal: Iterable[str]) -> list[str]:
    """Return what is wrong with a new password as keys of texts; `personal` are login, name and cities."""
    plain = _plain(password)
    if len(plain) < SHORTEST:
        return ["password.too-short"]
    if len(plain) > LONGEST:
        return ["password.too-long"]
    rest = plain.casefold()
    for part in sorted({*_KNOWN_PARTS, *(one.casefold() for one in personal if len(one) > 1)}, key=len, reverse=True):
        rest = rest.replace(part, "")
    return ["password.too-common"] if len(set(rest)) < _LEAST_OF_ITS_OWN else []


def hash_password(password: str) -> str:
    """Return what is stored of a password. Takes about a tenth of a second of one core: call it in a thread."""
    return _hasher.hash(_plain(password))


def fits(password: str, stored: str | None) -> bool:
    """Say whether the password is the stored one. Takes as long where nothing is stored, so that nobody learns which is so."""
    try:
        return _hasher.verify(stored or _nobodys(), _plain(password)[:LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@lru_cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")


def _plain(password: str) -> str:
    """The same characters however a keyboard sends them."""
    return unicodedata.normalize("NFKC", password)
