"""Documents cut into portions: each has all but the Services of other tenants.

A list of tenants keeps its length, and a tenant all else that is said of it, so that a
portion's findings point at the same places as those of the whole, and its gateways
meet at the same edges.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kubelb_gen.document import Document


def services_of(documents: Iterable[Document]) -> dict[str, int] | None:
    """Count the Services of each tenant; None where that cannot be told."""
    counts: dict[str, int] = {}
    try:
        for document in documents:
            for tenant in document.data["spec"].get("tenants", ()):
                name = tenant["name"]
                counts[name] = counts.get(name, 0) + len(tenant.get("services", ()))
        return dict(sorted(counts.items()))
    except (AttributeError, KeyError, TypeError):
        # What is wrong there is for the schema to say.
        return None


def portions_of(counts: Mapping[str, int], number: int) -> list[frozenset[str]]:
    """Split tenants into at most *number* groups with Services of about one number.

    A group is a stretch of them, in their order.

    >>> [sorted(each) for each in portions_of({"a": 9, "b": 5, "c": 5}, 2)]
    [['a'], ['b', 'c']]
    """
    total, before = sum(counts.values()), 0
    groups: list[set[str]] = [set() for _ in range(number)]
    for name, count in counts.items():
        # A tenant belongs where its middle lies.
        middle = (2 * before + count) * number // (2 * total or 1)
        groups[min(middle, number - 1)].add(name)
        before += count
    return [frozenset(each) for each in groups if each]


def cut(document: Document, own: Collection[str]) -> Document:
    """Return *document* without the Services of all tenants but *own*."""
    data: dict[str, Any] = document.data
    spec = data["spec"]
    tenants = [
        each
        if each["name"] in own or "services" not in each
        else {**each, "services": []}
        for each in spec.get("tenants", ())
    ]
    if "tenants" not in spec:
        return document
    return replace(document, data={**data, "spec": {**spec, "tenants": tenants}})
