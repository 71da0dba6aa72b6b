"""How an object, a place in it and a value of it are told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kubelb_gen.diff.secrets import masked
from kubelb_gen.drift.matching import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.diagnostics import DataPath
    from kubelb_gen.drift.matching import Key
    from kubelb_gen.running import Object

_LONGEST = 60


def shown(key: Key) -> str:
    """Return what reports call the object of *key*.

    >>> shown(("management", "LoadBalancer", "tenant-a", "for shop/redis"))
    "LoadBalancer for 'shop/redis' in 'tenant-a'"
    """
    _, kind, namespace, name = key
    if name.startswith(ORIGIN):
        return f"{kind} for '{name.removeprefix(ORIGIN)}' in '{namespace}'"
    return f"{kind} '{namespace}/{name}'" if namespace else f"{kind} '{name}'"


def place_of(found: Object, keys: Iterable[str | int]) -> DataPath:
    """Return where *keys* lead to in *found*, or the last of them that is there."""
    place = found.at
    data: Any = found.data
    for key in keys:
        if isinstance(data, list):
            named = (i for i, one in enumerate(data) if _called(one, key))
            index = next(named, None)
            if index is None:
                return place
            place, data = place / index, data[index]
        elif isinstance(data, dict) and key in data:
            place, data = place / key, data[key]
        else:
            return place
    return place


def _called(item: object, key: str | int) -> bool:
    return isinstance(item, dict) and item.get("name") == key


def in_short(value: object, keys: tuple[str | int, ...]) -> str | None:
    """Return *value*, which stands at *keys*, in short and without its secrets."""
    if value is None:
        return None
    named = [each for each in keys if isinstance(each, str)]
    value = masked(value, named[-1] if named else "")
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    first, *others = text.splitlines() or [""]
    if others:
        return f"{len(others) + 1} lines"
    return first if len(first) <= _LONGEST else f"{first[:_LONGEST]}..."
