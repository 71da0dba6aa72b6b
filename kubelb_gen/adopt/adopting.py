"""From dumps to a spec: everything that is found, put together and pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.adopt import management, ranges
from kubelb_gen.adopt.adopted import Adopted, Given, Told
from kubelb_gen.adopt.backends import Programs
from kubelb_gen.adopt.document import Document
from kubelb_gen.adopt.noted import plain, written
from kubelb_gen.adopt.pins import (
    noted_ports,
    pin,
    pin_routes,
    planned,
    sending,
)
from kubelb_gen.checks import unknown_fact
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.errors import InvalidSpecError
from kubelb_gen.model import Version
from kubelb_gen.plan.layer7 import client_from_right
from kubelb_gen.running import objects_of
from kubelb_gen.running.configurations import configurations
from kubelb_gen.running.estate import MANAGEMENT, sorted_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.plan import Plan
    from kubelb_gen.running import Dump
    from kubelb_gen.running.estate import Estate

Data = dict[str, Any]

_HEAD = (
    "# Adopted from what runs.  What no object tells says so in a comment;\n"
    "# `kubelb-gen validate` lists what is still unknown.\n"
)


def adopt(dumps: Iterable[Dump], given: Given = Given()) -> Adopted:  # noqa: B008  frozen
    """Return the spec of what runs.

    Raises `SpecError` with every problem of every dump.
    """
    dumps = list(dumps)
    objects, sources, problems = objects_of(dumps)
    named = dict.fromkeys(
        each.cluster for each in dumps if each.cluster not in (None, MANAGEMENT)
    )
    named |= dict.fromkeys(
        each["name"] for each in (given.facts or {}).get("tenants", ())
    )
    estate, whose = sorted_out(objects, filter(None, named))
    problems += whose
    if problems:
        raise InvalidSpecError(sources.placed(problems))
    if not estate.tenants:
        raise InvalidSpecError([_nothing()])
    kubelb = (given.facts or {}).get("kubelb") or management.kubelb_data(
        estate, given.version, given.edition
    )
    release = Version.parse(plain(kubelb)["version"])
    programs = Programs(
        configurations(dumps, objects),
        appended=client_from_right(release, 0),
        pods=_pods(estate, given),
    )
    document = Document(estate, programs, given, sources, kubelb)
    data = document.data()
    if not (given.facts or {}).get("management"):
        _let_send(data, document)
    plan, left = _pinned(data, document)
    left += [
        f"{each.config.shown}: nothing given leads to its port "
        f"{each.served.listen} (label {each.served.label}); left out"
        for each in programs.left_over()
    ]
    text = _HEAD + written(data)
    return Adopted(
        text=text,
        data=plain(data),
        told=tuple(map(Told, dict.fromkeys([*document.told, *left]))),
        services=len(document.serving.expected),
        backends=len(document.reached),
        unknown=sum(1 for _ in unknown_fact.check(plan)),
        guessed=text.count("# guessed"),
    )


def _let_send(data: Data, document: Document) -> None:
    """Say of load balancers what they send, where the plan decides otherwise."""
    managed = data["spec"]["management"]
    for name, version in sending(planned(data), document.serving.expected).items():
        balancer = managed.get("loadBalancer") or managed["loadBalancers"][name]
        balancer["proxyProtocol"] = version


def _pinned(data: Data, document: Document) -> tuple[Plan, list[str]]:
    """Pin in *data* what runs otherwise than the plan decides; name what cannot be."""
    expected = document.serving.expected
    plan, left = pin(data, expected)
    if _pin_edges(plan, document.edges):
        plan, left = pin(data, expected)
    if document.reached:
        annotations = {
            each.data["name"]: each.annotations
            for each in document.edges
            if each.annotations is not None
        }
        plan = pin_routes(data, document.reached, annotations)
    for each in expected.values():
        noted_ports(each.found.data)
    return plan, left


def _pin_edges(plan: Plan, edges: Iterable[management.Edge]) -> bool:
    """Pin the policy of edges that the plan decides otherwise; tell whether it did."""
    decided = {each.edge.name: each.balancer.policy for each in plan.edges}
    others = [
        each
        for each in edges
        if each.policy is not None
        and decided.get(each.data["name"], each.policy) != each.policy
    ]
    for each in others:
        each.data["externalTrafficPolicy"] = each.policy
    return bool(others)


def _pods(estate: Estate, given: Given) -> list[str]:
    managed = (given.facts or {}).get("management", {})
    known = managed.get("podCIDRs")
    return known if isinstance(known, list) else ranges.pod_ranges(estate)


def _nothing() -> Diagnostic:
    return Diagnostic(
        id="nothing-to-adopt",
        severity=Severity.ERROR,
        message="no object belongs to a tenant of KubeLB",
        hint="give --management and --tenant NAME=FILE, with the Services of the "
        "tenant and KubeLB's LoadBalancers, Addresses and Config",
    )
