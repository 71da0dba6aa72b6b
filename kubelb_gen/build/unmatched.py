"""What an overlay names and the spec does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.schema import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kubelb_gen.build.findings import Findings
    from kubelb_gen.build.node import Node
    from kubelb_gen.build.targets import Target
    from kubelb_gen.diagnostics import DataPath

_ONE = {
    "tenants": "tenant",
    "services": "service",
    "ports": "port",
    "gateways": "gateway",
    "ingresses": "ingress",
    "backends": "backend",
    "edges": "edge",
}


def tell_unmatched(
    key: str,
    wanted: Node,
    items: Sequence[Target],
    found: Sequence[Target],
    findings: Findings,
) -> None:
    """Record that *wanted* means none of *items*, or several: *found*."""
    known = {_shown(each.name(key)) for each in (found or items)}
    listed = ", ".join(sorted(known)) or "none"
    what, name = _ONE[key], _wanted_name(key, wanted)
    if found:
        findings.error(
            "ambiguous-item",
            f"{what} '{name}' stands in several namespaces",
            _place(wanted),
            hint=f"add the namespace: {listed}",
        )
        return
    if not _is_named(key, wanted):
        _tell_nameless(key, wanted, findings)
        return
    close = did_you_mean(name, known) or did_you_mean(
        name, {each.rpartition("/")[2] for each in known}
    )
    findings.error(
        "unmatched-item",
        f"there is no {what} '{name}' that this could be laid over",
        _place(wanted),
        hint=close or f"an overlay adds none; {key}: {listed}",
    )


def _is_named(key: str, wanted: Node) -> bool:
    if key == "ports" and isinstance(wanted.value("port"), int):
        return True
    return isinstance(wanted.value("name"), str)


def _tell_nameless(key: str, wanted: Node, findings: Findings) -> None:
    is_port = key == "ports"
    number = wanted.value("port") if is_port else None
    # Of a name that is not there, or no text, the schema has told.
    if (
        wanted.value("name") is None
        and number is None
        and (is_port or "name" in wanted)
    ):
        names = "its name, or its number" if is_port else "its name"
        message = f"an item of '{key}' is called by {names}"
        findings.error("missing-field", message, _place(wanted))


def tell_nothing_to_delete(
    key: str, node: Node, known: Iterable[str], findings: Findings
) -> None:
    """Record that *key* is deleted where it does not stand."""
    findings.warning(
        "nothing-to-delete",
        f"there is no '{key}' here that null could delete",
        node.at,
        hint=did_you_mean(key, known),
    )


def _place(wanted: Node) -> DataPath:
    return next(
        (wanted.at / key for key in ("name", "port") if key in wanted), wanted.at
    )


def _wanted_name(key: str, wanted: Node) -> str:
    name = wanted.value("name")
    if key == "ports" and name is None:
        return f"{wanted.value('port')}/{wanted.value('protocol', 'TCP')}"
    return _shown((wanted.value("namespace"), name))


def _shown(name: tuple[object, ...]) -> str:
    return "/".join(each for each in name if isinstance(each, str))
