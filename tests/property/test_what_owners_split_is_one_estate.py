"""An estate that its owners split renders like the whole, and tells nobody of others.

A tenant's owner has the TenantSpec and the facts that `export` writes; those of the
management cluster have all documents, or those that tenants show them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

import kubelb_gen
from kubelb_gen.api import check, export, from_data
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from kubelb_gen.trace.engine import trace_plan
from tests.support.owners import Data, split
from tests.support.random_specs import (
    BALANCERS,
    CILIUM,
    POLICIES,
    gateways,
    ingresses,
    maybe,
    merged,
    services,
)

pytestmark = pytest.mark.property

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("crimson", "emerald", "cobalt")
FEW = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@st.composite
def tenants(draw: st.DrawFn, number: int) -> Data:
    """Draw a tenant all of whose names and ranges say whose they are."""
    name = NAMES[number]
    tenant: Data = {"name": name, "internalCIDRs": [f"$set-{name}", "$shared"]}
    tenant |= draw(maybe("nodes", st.just([f"node.{name}.example"])))
    tenant |= draw(maybe("egressCIDRs", st.just([f"10.{60 + number}.0.0/16"])))
    tenant |= draw(maybe("loadBalancer", st.just(f"lb-{name}")))
    tenant |= draw(maybe("dataplane", CILIUM))
    if draw(st.booleans()):
        service = draw(services()) | {"name": f"web-{name}", "namespace": f"ns-{name}"}
        service |= draw(maybe("profile", st.just(f"profile-{name}")))
        tenant["services"] = [service]
    for key in ("gateways", "ingresses"):
        drawn = gateways() if key == "gateways" else ingresses()
        if draw(st.booleans()):
            each = draw(drawn) | {"name": f"gw-{name}", "namespace": f"ns-{name}"}
            edges = ("eg", f"eg-{name}") if key == "gateways" else ("nginx",)
            each["edge"] = draw(st.sampled_from(edges))
            each["backends"][0]["name"] = f"{key}-{name}"
            if "cidrs" in each.get("trustedProxies", {}):
                each["trustedProxies"]["cidrs"] = [f"$set-{name}"]
            tenant[key] = [each]
    return tenant


@st.composite
def estates(draw: st.DrawFn) -> Data:
    """Draw an estate of two or three tenants that share some edges and balancers."""
    names = NAMES[: draw(st.integers(2, 3))]
    edges = [{"name": "eg"}, {"name": "nginx", "kind": "ingress-nginx"}]
    edges += [{"name": f"eg-{name}", "loadBalancer": f"lb-{name}"} for name in names]
    balancers = {"default": draw(BALANCERS)}
    balancers |= {f"lb-{name}": draw(BALANCERS) for name in names}
    sets = {f"set-{name}": [f"10.{40 + n}.0.0/16"] for n, name in enumerate(names)}
    management = {
        "loadBalancers": balancers,
        "edges": [each | draw(POLICIES) for each in edges],
        "egressCIDRs": ["10.3.0.0/16"],
        "podCIDRs": ["10.1.16.0/20"],
    }
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": {"name": "drawn"},
        "spec": {
            "kubelb": {
                "version": draw(st.sampled_from(["1.4.3", "1.2.1"])),
                "edition": draw(st.sampled_from(["CE", "EE"])),
            },
            "cidrSets": sets | {"shared": ["10.90.0.0/16"]},
            "profiles": {f"profile-{name}": {"labels": {"of": name}} for name in names},
            "management": draw(merged(st.just(management), maybe("dataplane", CILIUM))),
            "tenants": [draw(tenants(number)) for number in range(len(names))],
            "suppress": [
                {"rule": "client-ip-lost", "tenant": name, "reason": f"of {name}"}
                for name in names
            ],
        },
    }


def tree(*documents: Data) -> dict[str, str]:
    """The files of what *documents* describe, sound or not."""
    rendered = render_plan(make_plan(from_data(*documents)))
    return {path: each.text for path, each in rendered.items()}


def of_tenant(files: dict[str, str], name: str) -> dict[str, str]:
    return {
        path: text
        for path, text in files.items()
        if path.split("/")[:2]
        in (["tenants", name], ["backends", name], ["expected", f"tenant-{name}"])
    }


@given(estates(), st.booleans())
@FEW
def test_all_documents_of_all_owners_are_the_whole_estate(
    whole: Data, management_decides: bool
) -> None:
    managements, owned = split([whole], management_decides=management_decides)
    parts = [*managements, *(each for several in owned.values() for each in several)]

    assert from_data(whole) == from_data(*parts)
    assert tree(whole) == tree(*parts)


@given(estates(), st.booleans(), st.booleans())
@FEW
def test_a_tenant_with_its_facts_renders_its_part_of_the_whole(
    whole: Data, management_decides: bool, from_parts: bool
) -> None:
    managements, owned = split([whole], management_decides=management_decides)
    parts = [*managements, *(each for several in owned.values() for each in several)]
    files = tree(whole)
    for name, own in owned.items():
        source = from_data(*parts) if from_parts or management_decides else None
        facts = export(source or from_data(whole), name)

        assert of_tenant(files, name) == tree(facts, *own)


@given(estates())
@FEW
def test_the_facts_of_one_tenant_tell_nothing_of_another(whole: Data) -> None:
    fleet = from_data(whole)
    for name in (each.name for each in fleet.tenants):
        told = json.dumps(export(fleet, name))
        for number, other in enumerate(NAMES):
            if other != name:
                assert other not in told
                assert f"10.{40 + number}.0.0/16" not in told
                assert f"10.{60 + number}.0.0/16" not in told


@given(estates())
@FEW
def test_a_tenant_is_told_of_its_ports_what_the_whole_estate_tells(
    whole: Data,
) -> None:
    fleet = from_data(whole)
    _, owned = split([whole], management_decides=False)
    paths = trace_plan(make_plan(fleet))
    for name, own in owned.items():
        alone = from_data(export(fleet, name), *own)
        here = [
            (path.name, path.port, path.source, path.verdict, path.identity)
            for path in trace_plan(make_plan(alone))
        ]

        assert here == [
            (path.name, path.port, path.source, path.verdict, path.identity)
            for path in paths
            if path.tenant == name
        ]


def _documents(example: Path) -> list[Any]:
    specs = example / "specs"
    files = sorted(specs.glob("*.yaml")) if specs.is_dir() else [example / "spec.yaml"]
    return [YAML(typ="safe", pure=True).load(path) for path in files]


@pytest.mark.parametrize(
    "example", [path.name for path in sorted(EXAMPLES.iterdir()) if path.is_dir()]
)
def test_every_example_can_be_split(example: str) -> None:
    documents = [
        {**each, "kind": "ClientIPSpec"} for each in _documents(EXAMPLES / example)
    ]
    whole = from_data(*documents)
    managements, owned = split(documents)
    parts = [*managements, *(each for several in owned.values() for each in several)]
    files = {path: each.text for path, each in kubelb_gen.render(whole).items()}

    assert files == tree(*parts)
    for name, own in owned.items():
        alone = from_data(export(from_data(*parts), name), *own)

        assert not check(alone).errors
        assert of_tenant(files, name) == {
            path: each.text for path, each in kubelb_gen.render(alone).items()
        }
