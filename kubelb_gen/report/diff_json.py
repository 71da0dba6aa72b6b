"""A change as JSON; the shape is `schemas/diff-v1.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.diff_names import port_parts
from kubelb_gen.report.diff_words import verdict
from kubelb_gen.report.json import finding_json, json_text
from kubelb_gen.trace.path import Application

if TYPE_CHECKING:
    from kubelb_gen.diff import (
        Changes,
        FieldChange,
        FileChange,
        ObjectChange,
        PathChange,
        Side,
    )
    from kubelb_gen.diff.paths import Record
    from kubelb_gen.trace.transition import Halfway


def diff_json(changes: Changes) -> str:
    """Return *changes* as one JSON document, version 1, the last line ended."""
    document = {
        "version": 1,
        "old": _side(changes.old),
        "new": _side(changes.new),
        "differs": bool(changes),
        "verdict": verdict(changes),
        "regressions": len(changes.regressions),
        "unsafe": len(changes.unsafe),
        "paths": [_path(each, changes) for each in changes.paths],
        "files": None
        if changes.missing is not None
        else [_file(each) for each in changes.files],
        "missing": changes.missing,
    }
    return json_text(document)


def _side(side: Side) -> dict[str, object]:
    return {
        "name": side.name,
        "spec": side.spec,
        "edited": list(side.edited),
        "findings": [finding_json(each) for each in side.findings],
    }


def _path(change: PathChange, changes: Changes) -> dict[str, object]:
    tenant, gateway, namespace, name, port = port_parts(change.port)
    number, _, protocol = port.partition("/")
    moving = change.transition
    side = changes.old if change.new is None else changes.new
    place = side.locate(change.port)
    return {
        "tenant": tenant,
        "gateway": gateway,
        "namespace": namespace,
        "name": name,
        "port": int(number),
        "protocol": protocol,
        "from": change.caller,
        "counts": change.counts,
        "regression": change.regression,
        "unsafe": change.unsafe,
        "old": _end(change.old),
        "merging": [_halfway(each) for each in moving.halfway],
        "order": None if (order := moving.order()) is None else list(order),
        "new": _end(change.new),
        "trust": {"grown": list(moving.grown), "shrunk": list(moving.shrunk)},
        "ends": list(moving.ends),
        "at": None if place is None else {"file": place.source, "line": place.line},
    }


def _end(record: Record | None) -> dict[str, object] | None:
    if record is None:
        return None
    return {
        "verdict": record["verdict"],
        "identity": record["identity"],
        "carriedBy": record["carriedBy"],
        "peer": record["peer"],
        "trust": record["trust"],
        "application": record.get("application", Application.SAME),
    }


def _halfway(state: Halfway) -> dict[str, object]:
    return {
        "merged": sorted(state.merged),
        "verdict": state.outcome.verdict,
        "identity": state.outcome.identity,
        "carriedBy": state.outcome.carried_by,
        "why": state.outcome.why,
    }


def _file(change: FileChange) -> dict[str, object]:
    return {
        "path": change.path,
        "change": change.change,
        "was": change.was,
        "lines": {"added": change.added, "removed": change.removed},
        "objects": None
        if change.objects is None
        else [_object(each) for each in change.objects],
    }


def _object(change: ObjectChange) -> dict[str, object]:
    identity = change.identity
    return {
        "apiVersion": identity.api_version or None,
        "kind": identity.kind or None,
        "namespace": identity.namespace or None,
        "name": identity.name or None,
        "change": change.change,
        "fields": [_field(each) for each in change.fields],
    }


def _field(change: FieldChange) -> dict[str, object]:
    return {
        "path": change.path,
        "change": change.change,
        "old": change.old,
        "new": change.new,
        "masked": change.masked,
    }
