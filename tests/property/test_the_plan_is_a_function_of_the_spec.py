"""The order of what a spec says changes nothing, and no wish is met by accident."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubelb_gen.api import check, from_data
from kubelb_gen.plan import Outcome, PortPlan
from kubelb_gen.plan.decide import make_plan
from tests.support.wishes import (
    ACCEPTED,
    HAPROXY,
    NGINX,
    NONE,
    REQUIRED,
    Data,
    cilium,
    document,
    gateway,
    service,
)

pytestmark = pytest.mark.property

SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
MET: Data = {}
IGNORED: Data = {"clientIP": "ignored", "because": "x"}

BALANCERS: list[Data] = [
    {"provider": "metallb-bgp"},
    {"provider": "hetzner"},
    {"provider": "linode"},
    {"provider": "stackit"},
    {"provider": "keepalived"},
    {"provider": "oci-nlb"},
    {"class": "proxying"},
    {"class": "vip", "proxyProtocol": "v1"},
]

ports = st.fixed_dictionaries(
    {
        "backend": st.sampled_from([NGINX, HAPROXY, NONE, ACCEPTED, REQUIRED]),
        "protocol": st.sampled_from(["TCP", "TCP", "UDP"]),
    }
).flatmap(lambda port: st.sampled_from([MET, IGNORED]).map(lambda wish: port | wish))
pins = st.fixed_dictionaries(
    {},
    optional={
        "externalTrafficPolicy": st.sampled_from(["Local", "Cluster"]),
        "proxyProtocol": st.sampled_from(["v2", "none"]),
        "everyNode": st.booleans(),
        "callers": st.just(["internet", "cluster"]),
    },
)
routes: st.SearchStrategy[Data] = st.sampled_from(
    [
        {"kind": "nginx", "upstream": "127.0.0.1:3000"},
        {"kind": "haproxy", "upstream": "127.0.0.1:3000"},
        {"kind": "other", "reads": {"fromRight": 2}},
        {"kind": "other", "reads": {"first": True}},
    ]
)


@st.composite
def estates(draw: st.DrawFn) -> Data:
    """A small estate of one tenant, whose names and numbers do not clash."""
    services, numbers = [], iter(range(30000, 32767))
    for name in ("web", "dns")[: draw(st.integers(0, 2))]:
        entries = [
            each | {"nodePort": next(numbers)}
            for each in draw(st.lists(ports, min_size=1, max_size=3))
        ]
        services.append(service(*entries, **draw(pins)) | {"name": name})
    backends = [
        each | {"nodePort": next(numbers)}
        for each in draw(st.lists(routes, max_size=2))
    ]
    return document(
        version=draw(st.sampled_from(["1.2", "1.3.1", "1.3.2", "1.4.3", "1.5"])),
        edition=draw(st.sampled_from(["CE", "EE"])),
        balancer=draw(st.sampled_from(BALANCERS)),
        dataplane=draw(st.sampled_from([None, cilium("snat"), cilium("dsr")])),
        tenant={"services": services, "gateways": [gateway(*backends)]},
    )


def shuffled(value: Any, draw: st.DrawFn) -> Any:  # noqa: ANN401  any part of a spec
    """The same mappings with their keys in another order; lists stay as they are."""
    if isinstance(value, dict):
        keys = draw(st.permutations(list(value)))
        return {key: shuffled(value[key], draw) for key in keys}
    if isinstance(value, list):
        return [shuffled(each, draw) for each in value]
    return value


@st.composite
def estates_twice(draw: st.DrawFn) -> tuple[Data, Data]:
    data = draw(estates())
    return data, shuffled(data, draw)


@given(estates_twice())
@SETTINGS
def test_the_order_of_keys_does_not_matter(pair: tuple[Data, Data]) -> None:
    first, second = (make_plan(from_data(data)) for data in pair)

    assert first == second


def in_parts(data: Data) -> list[Data]:
    """The same estate with each Service, and the rest, in a document of its own."""
    rest = deepcopy(data)
    (tenant,) = rest["spec"]["tenants"]
    services = tenant.pop("services")
    parts = [
        {
            **{key: data[key] for key in ("apiVersion", "kind", "metadata")},
            "spec": {"tenants": [{"name": tenant["name"], "services": [each]}]},
        }
        for each in services
    ]
    return [rest, *parts]


@given(estates(), st.randoms(use_true_random=False))
@SETTINGS
def test_neither_the_number_nor_the_order_of_documents_matters(
    data: Data,
    random: Any,  # noqa: ANN401  hypothesis' own
) -> None:
    parts = in_parts(data)
    random.shuffle(parts)

    assert make_plan(from_data(*parts)) == make_plan(from_data(data))


@given(estates())
@SETTINGS
def test_a_plan_is_a_pure_function(data: Data) -> None:
    fleet = from_data(data)
    before = deepcopy(data)

    assert make_plan(fleet) == make_plan(fleet)
    assert check(fleet) == check(fleet)
    assert data == before


def carried(port: PortPlan, *, source_kept: bool, sends: bool) -> bool:
    """Whether the header that arrives names the client, from first principles."""
    return (
        port.header is not None
        and port.second_header is None
        and port.accept.value in ("any", port.header.value)
        and (source_kept or sends)
    )


@given(estates())
@SETTINGS
def test_no_wish_counts_as_met_that_nothing_on_the_path_meets(data: Data) -> None:
    """Past SNAT#2 only a header that is read names a client, and UDP has none."""
    plan = make_plan(from_data(data))

    for tenant in plan.tenants:
        for decided in tenant.services:
            facts = decided.balancer
            for port in decided.ports:
                if port.port.client_ip == "ignored" or port.unmet is not None:
                    continue
                assert port.port.protocol == "TCP"
                sends = facts.sends_to(port.port.port) is not None
                assert carried(port, source_kept=facts.kind != "proxying", sends=sends)
                # Before v1.3.2 KubeLB ignores the annotation, pinned or not.
                writes = decided.proxy_annotation and facts.policy_reaches_envoy
                assert writes != sends


@given(estates())
@SETTINGS
def test_an_unmet_wish_is_exactly_an_error_of_its_rule(data: Data) -> None:
    fleet = from_data(data)
    plan = make_plan(fleet)
    told = sorted(
        f"client-ip-{unmet.outcome}"
        for tenant in plan.tenants
        for unmet in (
            *(port.unmet for decided in tenant.services for port in decided.ports),
            *(route.unmet for each in tenant.gateways for route in each.routes),
        )
        if unmet is not None
    )

    errors = [each.id for each in check(fleet).errors]

    assert sorted(each for each in errors if each.startswith("client-ip-")) == told
    assert {each.value for each in Outcome} == {"lost", "broken", "forgeable"}
