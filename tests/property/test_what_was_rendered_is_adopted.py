"""adopt(render(s)) means s, as far as s stands in objects.

Not in any object, so given as facts: KubeLB's release, the management cluster, the
ranges and data planes of tenants.  In none either, and so left unknown: which program
a backend of kind `other`, Envoy, Traefik, Caddy or Apache is, whether trusted proxies
are the only way in, and a probe that asks the serving port.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from kubelb_gen import api
from kubelb_gen.adopt import Adopted, Given, adopt
from kubelb_gen.document import parse, read_sources
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from kubelb_gen.trace import FlowKind, Verdict
from kubelb_gen.trace import Path as Traced
from tests.support.adopting import dumps_of, tenant_objects
from tests.support.random_specs import Spec, specs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kubelb_gen.model import Fleet

pytestmark = pytest.mark.property

Meaning = dict[tuple[object, ...], tuple[object, ...]]

EXAMPLES = (
    "aws-dual-stack",
    "cilium-dsr-geneve",
    "every-backend",
    "hetzner-mixed",
    "ingress-nginx",
    "l4-cloud-proxying-lb",
    "l4-haproxy",
    "l4-proxy-protocol",
    "l7-behind-cdn",
    "l7-gateway",
)


def facts(documents: Iterable[Spec]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    tenants: dict[str, dict[str, Any]] = {}
    for document in copy.deepcopy(list(documents)):
        spec = document["spec"]
        wanted = ("kubelb", "cidrSets", "management")
        told |= {key: spec[key] for key in wanted if key in spec}
        for tenant in spec.get("tenants", ()):
            for key in ("services", "gateways", "ingresses", "defaults"):
                tenant.pop(key, None)
            tenants.setdefault(tenant["name"], {}).update(tenant)
    return {**told, "tenants": list(tenants.values())}


def gateways(spec: Spec) -> Iterator[dict[str, Any]]:
    for tenant in spec["spec"].get("tenants", ()):
        yield from (*tenant.get("gateways", ()), *tenant.get("ingresses", ()))


def meaning(fleet: Fleet) -> Meaning:
    return {
        key(path): (path.verdict, *_believed(path))
        for path in api.trace(fleet)
        if path.flow is FlowKind.TRAFFIC
    }


def _believed(path: Traced) -> tuple[object, ...]:
    if path.verdict is Verdict.BROKEN:
        # It never comes to a program, which then need not be known.
        return ()
    return path.identity, path.peer, path.application, tuple(map(str, path.trust))


def key(path: Traced) -> tuple[object, ...]:
    return (
        path.tenant,
        path.gateway,
        path.namespace,
        path.name,
        path.port,
        (path.protocol),
        path.source,
    )


def adopted_from(*documents: Spec) -> tuple[Fleet, Fleet, Adopted]:
    for document in documents:
        _without_what_no_object_tells(document)
    before = api.from_data(*documents)
    plan = make_plan(before)
    dumps = dumps_of(render_plan(plan), tenant_objects(plan))
    adopted = adopt(dumps, Given(name="drawn", facts=facts(documents)))
    return before, api.from_data(adopted.data), adopted


def _without_what_no_object_tells(spec: Spec) -> None:
    for gateway in gateways(spec):
        gateway.get("trustedProxies", {}).pop("onlyWayIn", None)
    for tenant in spec["spec"].get("tenants", ()):
        for service in tenant.get("services", ()):
            # An appliance is switched by its owner, and no annotation says how.
            service.pop("loadBalancerProxyProtocol", None)
            for port in service["ports"]:
                if port.get("backend", {}).get("mode") == "http":
                    # A rule refuses it, and nothing of it is written.
                    port["backend"].pop("upstreamProxyProtocol", None)


@settings(max_examples=60)
@given(specs())
def test_what_was_rendered_is_adopted_with_its_meaning(spec: Spec) -> None:
    before, after, _ = adopted_from(spec)
    hold(before, after)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_adopted_with_its_meaning(example: str, repository: Path) -> None:
    folder = repository / "examples" / example
    spec = folder / "spec.yaml"
    sources = read_sources([spec if spec.exists() else folder])
    documents = [one.data for each in sources for one in parse(each).documents]
    before, after, adopted = adopted_from(*documents)

    assert adopted.services + adopted.backends
    hold(before, after)


def hold(before: Fleet, after: Fleet) -> None:
    was, now = meaning(before), meaning(after)
    known = {path for path in was if path[1:5] not in unknown_programs(after)}

    assert was.keys() == now.keys()
    assert {path: was[path] for path in known} == {path: now[path] for path in known}


def unknown_programs(fleet: Fleet) -> set[tuple[object, ...]]:
    found: set[tuple[object, ...]] = set()
    for tenant in fleet.tenants:
        for service in tenant.services:
            for port in service.ports:
                if port.backend is not None and port.backend.unknown:
                    found.add((None, service.namespace, service.name, port.port))
        for gateway in tenant.gateways:
            for each in gateway.backends:
                if each.backend.unknown:
                    found.add((gateway.name, each.namespace, each.name, each.port))
    return found
