"""Plain data as YAML in block style.

Texts are quoted where a reader of YAML 1.1 could take them for something else; a
`Spelling` is written as its author did, since `0E0` or `012` mean what their reader
says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.render.grammar import yaml_quoted, yaml_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Spelling(str):
    """A scalar in the words of its author."""

    __slots__ = ()


def block(data: Mapping[str, Any], *, rows: bool = False) -> str:
    """Return *data* in block style; with *rows*, lists of scalars in one line each.

    >>> print(block({"a": {"b": [1, {"c": "no"}], "d": {}}}), end="")
    a:
      b:
        - 1
        - c: "no"
      d: {}
    >>> print(block({"a": [1, "no"]}, rows=True), end="")
    a: [1, "no"]
    """
    return "".join(f"{line}\n" for line in _mapping(data, rows=rows)) or "{}\n"


def _mapping(data: Mapping[str, Any], *, rows: bool) -> Iterator[str]:
    for key, value in data.items():
        name = yaml_scalar(key)
        if not isinstance(value, (dict, list)) or not value:
            yield f"{name}: {_leaf(value)}"
        elif rows and _is_row(value):
            yield f"{name}: [{', '.join(map(_leaf, value))}]"
        else:
            yield f"{name}:"
            yield from (f"  {line}" for line in _lines(value, rows=rows))


def _is_row(value: dict[str, Any] | list[Any]) -> bool:
    return isinstance(value, list) and not any(
        isinstance(each, (dict, list)) for each in value
    )


def _lines(value: dict[str, Any] | list[Any], *, rows: bool) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _mapping(value, rows=rows)
        return
    for each in value:
        if isinstance(each, (dict, list)) and each:
            first, *rest = _lines(each, rows=rows)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
        else:
            yield f"- {_leaf(each)}"


def _leaf(value: Any) -> str:  # noqa: ANN401  what YAML holds has no type
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, Spelling):
        return value
    return yaml_scalar(value) if isinstance(value, str) else yaml_quoted(value)
