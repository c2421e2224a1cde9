"""The second factor: one-time codes of an authenticator (TOTP) and recovery codes on paper. Secrets are sealed at rest."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken

from bot.keys import kept_key
from bot.messages import BotError
from bot.settings import Settings

_SECONDS = 30
_RECOVERY_CODES = 10


def new_secret() -> str:
    """Return a new secret for an authenticator: 160 bits in base32."""
    return pyotp.random_base32()


def seal(settings: Settings, secret: str) -> str:
    """Return the secret as it is stored: useless without the key file."""
    return Fernet(kept_key(_key_file(settings))).encrypt(secret.encode()).decode()


def unseal(settings: Settings, sealed: str) -> str:
    """Return a stored secret. Raises BotError where the key file is not the one that sealed it."""
    try:
        return Fernet(kept_key(_key_file(settings))).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        message = f"The key file {_key_file(settings)} is not the one that sealed this account's codes."
        raise BotError("key", message, "Restore the key file, or reset the account: madoguchi staff reset LOGIN", 500) from error


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the step whose code this is: the present one or a neighbour, for clocks that differ. None where it is none."""
    digits = "".join(code.split())
    present = int(now.timestamp()) // _SECONDS
    totp = pyotp.TOTP(secret)
    steps = (step for step in (present, present - 1, present + 1) if hmac.compare_digest(totp.generate_otp(step), digits))
    return next(steps, None) if digits.isascii() else None


def address_of(secret: str, login: str) -> str:
    """Return the otpauth address that an authenticator reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Madoguchi")


def picture_of(address: str) -> bytes:
    """Return a QR code as SVG, dark on white in either colour scheme."""
    out = BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=True)
    return out.getvalue()


def new_recovery_codes() -> list[str]:
    """Return codes of 80 bits each, in groups that can be read aloud."""
    raw = (base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(_RECOVERY_CODES))
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in raw]


def recovery_digest(code: str) -> str:
    """Return what is stored of a recovery code, however it was typed."""
    return hashlib.sha256("".join(code.upper().replace("-", "").split()).encode()).hexdigest()


def _key_file(settings: Settings) -> Path:
    return Path(settings.staff_key_file) if settings.staff_key_file else settings.var_dir / "keys" / "staff.key"
