"""Reads one YAML file into a checked model, and turns every mistake in it into a Problem with its line."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from faq.errors import ContentError, Problem

T = TypeVar("T")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Row(BaseModel):
    """A mapping of a content file: unknown keys are mistakes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def read_yaml(path: Path, shape: type[T] | TypeAdapter[T]) -> T:
    """Return the file's content as `shape`.

    Raises ContentError with every mistake: unreadable file, broken YAML, a key twice, missing, unknown or wrong values.
    """
    adapter = shape if isinstance(shape, TypeAdapter) else TypeAdapter(shape)
    text = read_text(path)
    raw = _parse(path, text)
    try:
        return adapter.validate_python(raw)
    except ValidationError as error:
        root = yaml.compose(text, Loader=_LOADER)
        raise ContentError(
            Problem(path, line_of(root, detail["loc"]), _worded(detail)) for detail in error.errors()
        ) from None


def read_text(path: Path) -> str:
    """Return a content file's text. Raises ContentError where it is missing or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ContentError([Problem(path, 1, "the file is missing; make it, or take its name out")]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        message = f"byte {error.object[error.start]:#04x} is not UTF-8; save the file as UTF-8"
        raise ContentError([Problem(path, line, message)]) from None


def _parse(path: Path, text: str) -> Any:
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader, the C one where there is one
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"this is not YAML: {error.problem}; is a quotation mark, a colon or an indent missing?"
        raise ContentError([Problem(path, line, message)]) from None
    except yaml.YAMLError as error:
        raise ContentError([Problem(path, 1, f"this is not YAML: {error}")]) from None


def line_of(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """Return the line (from 1) at which a value lies, or of its nearest parent that is there."""
    line = node.start_mark.line + 1 if node is not None else 1
    for step in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def _worded(detail: Any) -> str:
    where = ".".join(map(str, detail["loc"])) or "the file"
    if detail["type"] == "missing":
        return f"{where} is missing; add it"
    if detail["type"] == "extra_forbidden":
        return f"{where} is not a known key; check its spelling or remove it"
    return f"{where} is {detail['input']!r:.80}; {detail['msg'][0].lower()}{detail['msg'][1:]}"
