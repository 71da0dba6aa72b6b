"""A spec that suppresses what the rules say against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.unparse.saying import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.document import Document
    from kubelb_gen.unparse.saying import Data

# What a suppression calls the items of these lists.
_OWNERS = {
    "tenants": "tenant",
    "services": "service",
    "gateways": "service",
    "ingresses": "service",
    "backends": "service",
    "ports": "port",
}


def accepting(
    documents: Iterable[Document], findings: Iterable[Diagnostic], reason: str
) -> list[Data]:
    """Return the data of *documents* with *findings* suppressed where they stand.

    The first document says so, for all of them.
    """
    known = {(each.at.source, each.at.document): each.data for each in documents}
    wanted = [_accepted(known, each, reason) for each in findings]
    more = [each for n, each in enumerate(wanted) if each not in wanted[:n]]
    first, *others = known.values()
    spec = dict(first["spec"])
    if more:
        spec["suppress"] = [*spec.get("suppress", ()), *more]
    return [first | {"spec": spec}, *others]


def _accepted(
    known: Mapping[tuple[str, int], Data], finding: Diagnostic, reason: str
) -> Data:
    at = finding.about or finding.at
    keys = iter(at.keys if at is not None else ())
    node: Any = None if at is None else known[at.source, at.document]
    words: Data = {"rule": finding.id, "reason": reason}
    for key in keys:
        if isinstance(node, dict) and key not in node:
            # It is about what is missing there.
            break
        node = node[key]
        if key in _OWNERS and (index := next(keys, None)) is not None:
            node = node[index]
            words |= _words_of(_OWNERS[key], node, words)
    return words


def _words_of(word: str, node: Data, known: Data) -> Data:
    if word == "tenant":
        return {"tenant": node["name"]}
    if word == "service":
        found = {"namespace": node.get("namespace", known.get("namespace"))}
        return said(service=node["name"], **found)
    usual = f"{node['port']}-{node.get('protocol', 'TCP').lower()}"
    return {"port": node.get("name", usual)}
