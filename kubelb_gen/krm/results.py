"""What we have to say about a spec, in the shape that orchestrators show and store.

A `field` stands beside its `resourceRef` only, as the specification asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.krm.item import Item

_NOTHING = object()


def result(diagnostic: Diagnostic, item: Item | None) -> dict[str, Any]:
    """Return *diagnostic* as a result about *item*, if it is about one."""
    said: dict[str, Any] = {
        "message": _message(diagnostic),
        "severity": str(diagnostic.severity),
    }
    if item is not None and item.identity is not None:
        said["resourceRef"] = _reference(item)
        if diagnostic.at is not None and diagnostic.at.keys:
            said["field"] = _field(diagnostic, item)
    if item is not None and item.file is not None:
        path, index = item.file
        said["file"] = {"path": path, "index": index}
    return {**said, "tags": dict(_tags(diagnostic))}


def _message(diagnostic: Diagnostic) -> str:
    # Of the rest, orchestrators show the message alone.
    parts = [diagnostic.message, diagnostic.label, diagnostic.hint]
    return "; ".join(part for part in parts if part)


def _reference(item: Item) -> dict[str, str]:
    reference = {
        "apiVersion": str(item.data["apiVersion"]),
        "kind": str(item.data["kind"]),
        "name": str(item.metadata["name"]),
    }
    if namespace := item.metadata.get("namespace"):
        reference["namespace"] = str(namespace)
    return reference


def _field(diagnostic: Diagnostic, item: Item) -> dict[str, Any]:
    field: dict[str, Any] = {"path": str(diagnostic.at)}
    current = _value(item.data, diagnostic.at.keys if diagnostic.at else ())
    if current is not _NOTHING:
        field["currentValue"] = current
    if diagnostic.proposed is not None:
        field["proposedValue"] = diagnostic.proposed
    return field


def _value(data: Any, keys: Iterable[str | int]) -> Any:  # noqa: ANN401
    for key in keys:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return data


def _tags(diagnostic: Diagnostic) -> Iterable[tuple[str, str]]:
    yield "id", diagnostic.id
    if diagnostic.location is not None:
        yield "line", str(diagnostic.location.line)
    for number, design in enumerate(diagnostic.designs, start=1):
        yield f"design-{number}", design
