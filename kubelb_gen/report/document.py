"""A document of ours as YAML, laid out as a person would write it."""

from collections.abc import Iterator
from typing import Any

from kubelb_gen.render.grammar import yaml_scalar


def document_yaml(data: dict[str, Any], *, heading: tuple[str, ...] = ()) -> str:
    """Return *data* as YAML, with the lines of *heading* as comments above it."""
    lines = [*(f"# {line}".rstrip() for line in heading), *_mapping(data)]
    return "\n".join(lines) + "\n"


def _mapping(data: dict[str, Any]) -> Iterator[str]:
    for key, value in data.items():
        name = yaml_scalar(key)
        if isinstance(value, dict) and value:
            yield f"{name}:"
            yield from (f"  {line}" for line in _mapping(value))
        elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
            yield f"{name}:"
            yield from _items(value)
        else:
            yield f"{name}: {_inline(value)}"


def _items(values: list[Any]) -> Iterator[str]:
    for each in values:
        lines = list(_mapping(each)) if isinstance(each, dict) and each else None
        first, *rest = lines or [_inline(each)]
        yield f"  - {first}"
        yield from (f"    {line}" for line in rest)


def _inline(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return "{}" if isinstance(value, dict) else yaml_scalar(value)
