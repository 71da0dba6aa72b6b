"""A spec that suppresses what the rules say against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.unparse.saying import said

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.diagnostics import Diagnostic
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


def accepting(data: Data, findings: Iterable[Diagnostic], reason: str) -> Data:
    """Return *data* with *findings* suppressed where they stand in it."""
    wanted = [_accepted(data, each, reason) for each in findings]
    more = [each for n, each in enumerate(wanted) if each not in wanted[:n]]
    spec = dict(data["spec"])
    if more:
        spec["suppress"] = [*spec.get("suppress", ()), *more]
    return data | {"spec": spec}


def _accepted(data: Data, finding: Diagnostic, reason: str) -> Data:
    at = finding.about or finding.at
    keys = iter(at.keys if at is not None else ())
    node: Any = data
    words: Data = {"rule": finding.id, "reason": reason}
    for key in keys:
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
