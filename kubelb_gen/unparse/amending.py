"""The differences between two specs, made in a third that says what the first does.

All are plain data; the third is as its author wrote it, with defaults and profiles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.unparse.saying import Data

_NAMES = ("namespace", "name")


def amend(written: Data, before: Data, after: Data) -> None:
    """Make *written* say *after*, if it said *before*, changing as little as may be.

    Only what a rollout changes is looked for: Services, edges and suppressions.
    Raises `KeyError` where *written* is not laid out as one document is.
    """
    old, new, own = before["spec"], after["spec"], written["spec"]
    _amend_edges(own["management"], old["management"], new["management"])
    for tenant in new.get("tenants", ()):
        theirs = _named(own["tenants"], tenant)
        known = _named(old["tenants"], tenant)
        _amend_list(theirs, known, tenant, "services")
    added = [
        each for each in new.get("suppress", ()) if each not in old.get("suppress", ())
    ]
    if added:
        own["suppress"] = [*own.get("suppress", ()), *added]


def _amend_edges(own: Data, old: Data, new: Data) -> None:
    if old.get("edges") == new.get("edges"):
        return
    if "edges" in own:
        _amend_list(own, old, new, "edges")
    else:
        own["edges"] = new["edges"]


def _amend_list(own: Data, old: Data, new: Data, key: str) -> None:
    for each in new.get(key, ()):
        known = _find(old.get(key, ()), each)
        if known is None:
            own[key].append(each)
        elif known != each:
            _amend_item(_named(own[key], each), known, each)


def _amend_item(own: Data, old: Data, new: Data) -> None:
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) == new.get(key):
            continue
        if key == "ports":
            for mine, before, after in zip(own[key], old[key], new[key], strict=True):
                _amend_item(mine, before, after)
        elif key in new:
            own[key] = new[key]
        else:
            own.pop(key, None)


def _named(items: Iterable[Data], wanted: Data) -> Data:
    found = _find(items, wanted)
    if found is None:
        raise KeyError(wanted["name"])
    return found


def _find(items: Iterable[Data], wanted: Data) -> Data | None:
    for each in items:
        if all(each.get(name) == wanted.get(name) for name in _NAMES):
            return each
    return None
