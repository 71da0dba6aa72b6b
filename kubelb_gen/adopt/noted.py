"""Plain data with comments, and how it is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.render.grammar import yaml_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDEST = 100


class Noted(NamedTuple):
    """A value with a comment, which goes on the lines above it."""

    value: Any
    note: str


def plain(data: Any) -> Any:  # noqa: ANN401  a spec before it is one
    """Return *data* without its comments."""
    if isinstance(data, Noted):
        return plain(data.value)
    if isinstance(data, dict):
        return {key: plain(each) for key, each in data.items()}
    if isinstance(data, list):
        return [plain(each) for each in data]
    return data


def written(data: dict[str, Any]) -> str:
    """Return *data* as YAML, with its comments."""
    return "\n".join(_block(data, "")) + "\n"


def _block(data: Any, indent: str) -> Iterator[str]:  # noqa: ANN401  the same
    for key, member in data.items():
        value = member
        if isinstance(member, Noted):
            value = member.value
            yield from _comment(member.note, indent)
        head = f"{indent}{yaml_scalar(key)}:"
        short = _flow(value)
        fits = short is not None and len(head) + len(short) < _WIDEST
        if fits or not isinstance(value, (dict, list)):
            yield f"{head} {short}"
        elif isinstance(value, dict):
            yield head
            yield from _block(value, f"{indent}  ")
        else:
            yield head
            yield from _items(value, f"{indent}  ")


def _items(data: list[Any], indent: str) -> Iterator[str]:
    for member in data:
        value = member
        if isinstance(member, Noted):
            value = member.value
            yield from _comment(member.note, indent)
        short = _flow(value, leaf=True)
        fits = short is not None and len(indent) + len(short) < _WIDEST
        if fits or not isinstance(value, (dict, list)):
            yield f"{indent}- {short}"
            continue
        first, *others = _block(value, f"{indent}  ")
        # A comment before the first key stands above the dash.
        while first.lstrip().startswith("#"):
            yield first[2:]
            first, *others = others
        yield f"{indent}- {first.lstrip()}"
        yield from others


def _comment(note: str, indent: str) -> Iterator[str]:
    for line in note.splitlines():
        yield f"{indent}# {line}"


def _flow(value: Any, *, leaf: bool = False) -> str | None:  # noqa: ANN401  the same
    """Return *value* on one line, None where it holds a comment or too much."""
    if isinstance(value, dict):
        if not value:
            return "{}"
        parts = [_flow(each) for each in value.values()]
        if None in parts or (not leaf and _depth(value) > 1):
            return None
        pairs = zip(value, parts, strict=True)
        return "{" + ", ".join(f"{_in_flow(key)}: {part}" for key, part in pairs) + "}"
    if isinstance(value, list):
        parts = [_flow(each) for each in value]
        if None in parts or any(isinstance(each, dict) for each in value):
            return None
        return "[" + ", ".join(part for part in parts if part is not None) + "]"
    return None if isinstance(value, Noted) else _in_flow(value)


def _depth(value: Any) -> int:  # noqa: ANN401  the same
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 0


def _in_flow(value: object) -> str:
    text = yaml_scalar(value)
    if isinstance(value, str) and text == value and set(value) & set("[]{},"):
        return f'"{value}"'
    return text
