"""The LINE channels: one for each city, with the secrets that a file outside the repository holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from bot.messages import BotError


@dataclass(frozen=True)
class Channel:
    """One city's channel. Two `secrets` are valid while a secret is being changed (L-42).

    `token` is a fixed access token; without one, short-lived tokens are issued for `channel_id` and the first secret.
    `push` allows messages that the city pays for; `relay` lets staff free text out on LINE (off, see P-02);
    `reminders` sends residents who asked for it their garbage days, each a paid push.
    """

    city: str
    secrets: tuple[str, ...]
    bot_id: str
    token: str = ""
    channel_id: str = ""
    push: bool = False
    relay: bool = False
    reminders: bool = False
    forget_after_days: int = 30


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class _ChannelRow(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    secret: Annotated[list[Annotated[str, Field(min_length=8)]], BeforeValidator(_listed), Field(min_length=1, max_length=2)]
    bot_id: str = Field(pattern="^U[0-9a-f]{32}$")
    token: str = ""
    channel_id: str = ""
    push: bool = False
    relay: bool = False
    reminders: bool = False
    forget_after_days: int = Field(30, ge=0, le=3650)


_ROWS: TypeAdapter[dict[str, _ChannelRow]] = TypeAdapter(dict[str, _ChannelRow])


def load_channels(file: str) -> Mapping[str, Channel]:
    """Read the channels by city from a YAML file; none at all without one.

    Raises BotError that names the file and the field, never a value.
    """
    if not file:
        return {}
    path = Path(file)
    try:
        rows = _ROWS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except OSError as error:
        raise _wrong(path, str(error.strerror)) from error
    except yaml.YAMLError as error:
        raise _wrong(path, "これはYAMLではありません (not YAML)") from error
    except ValidationError as error:
        found = "; ".join(f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors())
        raise _wrong(path, found) from None  # the cause would print the secrets
    return {city: _channel(path, city, row) for city, row in rows.items()}


def _channel(path: Path, city: str, row: _ChannelRow) -> Channel:
    if not row.token and not row.channel_id:
        raise _wrong(path, f"{city}: token か channel_id が必要です (one of them is needed)")
    values = row.model_dump(exclude={"secret"})
    return Channel(city=city, secrets=tuple(row.secret), **values)


def _wrong(path: Path, what: str) -> BotError:
    hint = "例 (example): {hoshimi: {secret: [...], channel_id: '...', bot_id: U...}}  docs/line.md"
    return BotError("line_channels", f"LINE_CHANNELS {path}: {what}", hint, 500)
