"""Overlays: what differs by environment, laid over the documents of a spec.

Maps merge, null deletes, named lists match by name and add nothing, other lists are
replaced.  The result is a spec like any other, and says of each value which file it
comes from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.build.findings import Findings
from kubelb_gen.build.node import Node
from kubelb_gen.build.targets import Target, targets_of
from kubelb_gen.build.unmatched import tell_nothing_to_delete, tell_unmatched
from kubelb_gen.schema import OVERLAY, validate
from kubelb_gen.schema.partial import NAMED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.document import Document, Sources

# `defaults` are about their own document, those of an environment about each.
_EVERYWHERE = "defaults"


def overlaid(sources: Sources) -> Sources:
    """Return *sources* with their overlays laid over their documents, in order.

    What is wrong with an overlay is among the diagnostics.  What is wrong with a value
    that could be laid is not: the document that it is part of now is no better.
    """
    findings = Findings(sources)
    targets = targets_of(sources.documents)
    problems: list[Diagnostic] = []
    for document in sources.overlays:
        problems += validate(document, (OVERLAY,))
        if targets and _is_for(document, targets, findings):
            _lay(targets, Node(document.data, document.at)["spec"], findings)
    findings.extend(
        each
        for each in problems
        if each.at is None
        or not any(one.provenance.brought(each.at) for one in targets)
    )
    documents = tuple(each.document() for each in targets)
    return sources.overlaid(documents, findings.all())


def _is_for(document: Document, targets: Iterable[Target], findings: Findings) -> bool:
    if not isinstance(document.data.get("spec"), dict):
        return False
    name = _name_of(document.data)
    for each in targets:
        known = _name_of(each.data)
        if known is not None and name is not None and known != name:
            findings.error(
                "another-fleet",
                f"this overlay is for '{name}', the spec is '{known}'",
                document.at / "metadata" / "name",
                hint="an overlay has the metadata.name of what it is laid over",
            )
            return False
    return document.data.get("kind") == OVERLAY


def _name_of(data: dict[str, object]) -> object:
    metadata = data.get("metadata")
    return metadata.get("name") if isinstance(metadata, dict) else None


def _lay(targets: list[Target], spec: Node, findings: Findings) -> None:
    roots = [each.child("spec") for each in targets if each.is_map("spec")]
    if roots:
        _lay_map(roots, spec, findings)


def _lay_map(targets: list[Target], given: Node, findings: Findings) -> None:
    for key in given.data:
        node = given[key]
        if key in NAMED and isinstance(node.data, list):
            _lay_named(targets, key, node, findings)
        elif key == _EVERYWHERE and isinstance(node.data, dict):
            # Where none is about services, the schema tells why it cannot stand there.
            users = [each for each in targets if each.has_defaults] or targets[:1]
            for each in users:
                _lay_value([each], key, node, findings)
        else:
            _lay_value(targets, key, node, findings)


def _lay_value(targets: list[Target], key: str, node: Node, findings: Findings) -> None:
    holders = [each for each in targets if key in each.data]
    if node.data is None:
        if not holders:
            known = [name for each in targets for name in each.data]
            tell_nothing_to_delete(key, node, known, findings)
        for each in holders:
            each.delete(key, node.at)
    elif isinstance(node.data, dict):
        maps = [each for each in holders if each.is_map(key)]
        if not maps:
            maps = [*holders, *targets][:1]
            for each in maps:
                each.put(key, {}, node.at)
        _lay_map([each.child(key) for each in maps], node, findings)
    else:
        first, *others = holders or targets[:1]
        first.put(key, node.data, node.at)
        for each in others:
            each.delete(key, node.at)


def _lay_named(targets: list[Target], key: str, node: Node, findings: Findings) -> None:
    items = [item for each in targets for item in each.items(key)]
    by_name: dict[object, list[Target]] = {}
    for each in items:
        by_name.setdefault(each.name(key)[-1], []).append(each)
    laid: set[Target] = set()
    for index in range(len(node.data)):
        wanted = node[index]
        if not isinstance(wanted.data, dict):
            continue
        given = wanted.data.get("name")
        near = by_name.get(given, []) if isinstance(given, str) else items
        found = [each for each in near if each.is_called(key, wanted.data)]
        if len({each.name(key) for each in found}) != 1:
            tell_unmatched(key, wanted, items, found, findings)
            continue
        if laid.intersection(found):
            findings.error("repeated-item", "this item is laid over twice", wanted.at)
            continue
        laid.update(found)
        names = found[0].identity(key, wanted.data)
        rest = {name: each for name, each in wanted.data.items() if name not in names}
        # What is new about a tenant is its owner's to say.
        found.sort(key=lambda each: each.only_lists)
        _lay_map(found, Node(rest, wanted.at), findings)
