"""What differs between two parsed objects, field by field: the only door to deepdiff.

Items of a list that have names match by them, and a list whose order has no meaning
has none here, so that a path reads `spec.ports[main].nodePort` and survives sorting.
Order is told on its own, where it counts.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kubelb_gen.diff.secrets import masked

# Lists that their readers take for sets.  Envoy runs filters and compares routes in
# their order, and Traefik runs middlewares in theirs: those are not here.
UNORDERED = frozenset(
    {
        "addresses",
        "cidrs",
        "clusters",
        "domains",
        "entryPoints",
        "env",
        "listeners",
        "ports",
        "resources",
        "servers",
        "sourceRange",
        "targetRefs",
        "trustedCIDRs",
        "trustedIPs",
        "virtual_hosts",
    }
)
_ORDER = "(order)"
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
Key = str | int


class FieldChange(NamedTuple):
    """One field; *old* or *new* is absent where *change* is added or removed.

    What looks like a secret is masked; *masked* tells so, since two secrets that
    differ then look alike.
    """

    path: str
    change: str
    old: Any
    new: Any
    masked: bool = False

    def mirrored(self) -> "FieldChange":
        """Return what the same field is the other way round."""
        return self._replace(change=MIRROR[self.change], old=self.new, new=self.old)


MIRROR = {
    "added": "removed",
    "removed": "added",
    "changed": "changed",
    "order": "order",
    "moved": "moved",
    "layout": "layout",
}


class _Items(dict[str, Any]):
    """The items of a list by what they are called."""


def field_changes(old: Any, new: Any) -> tuple[FieldChange, ...]:  # noqa: ANN401
    """Return every field in which *old* and *new* differ, in the order of paths."""
    # A list of what has no names is compared by its longest common part, which may
    # depend on the direction: one is chosen, so that the answer mirrors.
    if _text(old) <= _text(new):
        found = _found(old, new)
    else:
        found = [each.mirrored() for each in _found(new, old)]
    return tuple(sorted(found, key=lambda each: (each.path, each.change)))


def _found(old: Any, new: Any) -> list[FieldChange]:  # noqa: ANN401
    # Imported for what differs alone: most files of most changes do not.
    from deepdiff import DeepDiff  # noqa: PLC0415

    before, after = _apart(_keyed(old, ""), _keyed(new, ""))
    tree = DeepDiff(before, after, view="tree", threshold_to_diff_deeper=0)
    found = (
        _change(kind, item, before, after)
        for kind, items in tree.items()
        for item in items
    )
    return [each for each in found if each is not None]


def _apart(old: Any, new: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return both without the members that are equal: few of many differ."""
    if type(old) is not type(new) or not isinstance(old, dict):
        return old, new
    before, after = type(old)(), type(new)()
    for key in (*old, *(key for key in new if key not in old)):
        if key not in old:
            after[key] = new[key]
        elif key not in new:
            before[key] = old[key]
        # In Python True is 1, and to whoever reads the file it is not.
        elif _text(old[key]) != _text(new[key]):
            before[key], after[key] = _apart(old[key], new[key])
    return before, after


def _change(kind: str, item: Any, before: Any, after: Any) -> FieldChange | None:  # noqa: ANN401
    keys: list[Key] = item.path(output_format="list")
    change = "changed"
    if kind.endswith("_added"):
        change = "added"
    elif kind.endswith("_removed"):
        change = "removed"
    holder = after if change == "added" else before
    if keys and keys[-1] == _ORDER:
        order = _shared(item.t1, item.t2)
        path = _path(keys[:-1], holder)
        return None if order[0] == order[1] else FieldChange(path, "order", *order)
    name = next((key for key in reversed(keys) if isinstance(key, str)), "")
    old = None if change == "added" else _plain(item.t1)
    new = None if change == "removed" else _plain(item.t2)
    shown = masked(old, name), masked(new, name)
    return FieldChange(_path(keys, holder), change, *shown, masked=shown != (old, new))


def _shared(old: str, new: str) -> tuple[list[str], list[str]]:
    """Return the order of the items that both have; the others come and go."""
    before, after = json.loads(old), json.loads(new)
    return [each for each in before if each in after], [
        each for each in after if each in before
    ]


def _keyed(value: Any, key: str) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return {name: _keyed(below, str(name)) for name, below in value.items()}
    if not isinstance(value, list):
        return value
    ordered = key not in UNORDERED
    names = [name for each in value if (name := _name(each)) is not None]
    if value and len(set(names)) == len(value):
        items = _Items(zip(names, (_keyed(each, "") for each in value), strict=True))
        return _Items({**items, _ORDER: json.dumps(names)}) if ordered else items
    if ordered or not all(isinstance(each, str) for each in value):
        return [_keyed(each, "") for each in value]
    return _set(value)


def _set(texts: list[str]) -> _Items:
    seen: Counter[str] = Counter()
    items = _Items()
    for each in texts:
        seen[each] += 1
        items[f"{each} ({seen[each]})" if seen[each] > 1 else each] = each
    return items


def _name(item: Any) -> str | None:  # noqa: ANN401
    if not isinstance(item, Mapping):
        return None
    name = item.get("name")
    return name if isinstance(name, str) else None


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, _Items):
        return [_plain(below) for name, below in value.items() if name != _ORDER]
    if isinstance(value, Mapping):
        return {name: _plain(below) for name, below in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def _path(keys: list[Key], holder: Any) -> str:  # noqa: ANN401
    return "".join(_steps(keys, holder)).removeprefix(".")


def _steps(keys: list[Key], holder: Any) -> Iterator[str]:  # noqa: ANN401
    for key in keys:
        if isinstance(key, int) or isinstance(holder, _Items):
            yield f"[{key}]"
        elif _PLAIN_KEY.fullmatch(key):
            yield f".{key}"
        else:
            yield f"[{json.dumps(key, ensure_ascii=False)}]"
        holder = holder[key]


def _text(value: Any) -> str:  # noqa: ANN401
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
