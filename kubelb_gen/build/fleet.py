"""From all documents of a run to one fleet, or to everything that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.build.context import Context
from kubelb_gen.build.findings import Findings
from kubelb_gen.build.management import build_management
from kubelb_gen.build.merge import Parts, merged
from kubelb_gen.build.networks import Networks
from kubelb_gen.build.owners import check_owners, lacks_facts, tell_lack_of_facts
from kubelb_gen.build.references import resolve
from kubelb_gen.build.tenants import build_tenant
from kubelb_gen.build.versions import version_of
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.errors import InvalidSpecError, LoadError
from kubelb_gen.model import EnvoyPorts, Fleet, KubeLB, Management, Suppression
from kubelb_gen.schema import PARTS, validate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.build.node import Node
    from kubelb_gen.document import Document, Sources


def build(
    sources: Sources,
    documents: Iterable[Document] | None = None,
    *,
    elsewhere: Iterable[str] = (),
) -> Fleet:
    """Return the fleet that *sources* describe; its warnings travel with it.

    Where *documents* are given, they stand in the place of those of *sources*.  Tenants
    *elsewhere* are stated by other documents of the fleet, of which this is a part.
    Raises SpecError with every problem of every document.
    """
    unfit: list[Diagnostic] = list(sources.diagnostics)
    sound = []
    for document in sources.documents if documents is None else documents:
        problems = validate(document, PARTS)
        unfit += problems
        if not problems:
            sound.append(document)
    findings = Findings(sources, complete=not _errors(unfit))
    findings.extend(unfit)
    fleet = None
    if sound:
        parts = merged(sound, findings)
        parts.elsewhere = frozenset(elsewhere)
        fleet = _fleet(parts, findings)
    found = findings.all()
    if not sources.documents:
        raise LoadError(found or (_no_document(),))
    if fleet is None or _errors(found):
        raise InvalidSpecError(found)
    return fleet


def _errors(found: Iterable[Diagnostic]) -> bool:
    return any(each.severity is Severity.ERROR for each in found)


def _fleet(parts: Parts, findings: Findings) -> Fleet | None:
    networks = Networks(parts.cidr_sets, findings)
    check_owners(parts, findings)
    if lacks_facts(parts):
        tell_lack_of_facts(parts, findings)
        findings.stop_missing()
    management = _management(parts, networks, findings)
    kubelb = _kubelb(parts, findings)
    context = Context(
        findings=findings,
        networks=networks,
        profiles=parts.profiles,
        balancers=[each.name for each in management.load_balancers]
        if management
        else [],
        edges=management.edges if management else (),
        envoy=management.envoy if management else EnvoyPorts(),
    )
    if management is None:
        # What refers to it would only repeat that it is missing.
        context.findings.stop_missing()
    tenants = tuple(
        build_tenant(name, parts.tenants[name], context)
        for name in sorted(parts.tenants)
    )
    # A tenant that is only listed has nothing to be decided, and no fault.
    tenants = tuple(each for each in tenants if each.name in parts.stated)
    suppressions = _suppressions(parts, findings)
    if management is None or kubelb is None:
        return None
    metadata = {key: node.data for key, node in parts.metadata.items()}
    return Fleet(
        name=metadata["name"],
        kubelb=kubelb,
        management=management,
        tenants=tenants,
        namespace=metadata.get("namespace"),
        labels=metadata.get("labels", {}),
        annotations=metadata.get("annotations", {}),
        suppressions=suppressions,
        facts_of=None if parts.facts is None else next(iter(parts.listed)),
        warnings=findings.all(),
    )


def _management(
    parts: Parts, networks: Networks, findings: Findings
) -> Management | None:
    node = parts.once.get("management")
    if node is None:
        _missing("management", parts, findings)
        return None
    return build_management(node, networks, findings)


def _kubelb(parts: Parts, findings: Findings) -> KubeLB | None:
    node = parts.once.get("kubelb")
    if node is None:
        _missing("kubelb", parts, findings)
        return None
    return KubeLB(
        version=version_of("KubeLB", node["version"], findings),
        edition=node.value("edition", "CE"),
        propagated_annotations=node.value("propagatedAnnotations", {}),
        propagate_all_annotations=node.flag("propagateAllAnnotations"),
        at=node.at,
    )


def _missing(field: str, parts: Parts, findings: Findings) -> None:
    findings.missing(
        "missing-field",
        f"'{field}' is missing: no document of this fleet has it under 'spec'",
        parts.first.at / "spec",
        hint="it stands in exactly one of them",
    )


def _suppressions(parts: Parts, findings: Findings) -> tuple[Suppression, ...]:
    for node in parts.suppress:
        known = parts.tenants.keys() | parts.elsewhere
        resolve(node.find("tenant"), "tenants", known, findings)
    found = [_suppression(node) for node in parts.suppress]
    return tuple(
        sorted(
            found,
            key=lambda each: (
                each.rule,
                each.tenant or "",
                each.namespace or "",
                each.service or "",
                each.port or "",
                each.reason,
            ),
        )
    )


def _suppression(node: Node) -> Suppression:
    return Suppression(
        rule=node.value("rule"),
        reason=node.value("reason"),
        tenant=node.value("tenant"),
        service=node.value("service"),
        namespace=node.value("namespace"),
        port=node.value("port"),
        at=node.at,
    )


def _no_document() -> Diagnostic:
    return Diagnostic(
        id="no-spec",
        severity=Severity.ERROR,
        message="no document of kind ClientIPSpec was found",
        hint="'kubelb-gen init' writes a first spec",
    )
