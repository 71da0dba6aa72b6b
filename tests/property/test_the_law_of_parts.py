"""What is found, written and meant of a fleet is that of its parts together.

A part has some of the Services and all of the rest.  Where claims repeat or evidence is
suspicious, the parts need not show what the whole is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import kubelb_gen
from kubelb_gen.plan.propagation import decide_propagation, joined
from tests.support.crowds import CONFIG, crowd
from tests.support.objects import balancer, kubelb
from tests.support.parts import assert_law, in_common, split
from tests.support.random_specs import maybe, specs

if TYPE_CHECKING:
    from pathlib import Path

    from kubelb_gen.model import Fleet

pytestmark = pytest.mark.property

Data = dict[str, Any]
# There is something to be told of how they are used.
TOLD_OF: list[Data] = [
    {"provider": name}
    for name in ("oci-lb", "exoscale", "stackit", "hetzner", "digitalocean-network")
]
SHARED = st.sampled_from(
    [
        {"kind": "nginx", "mode": "stream", "upstream": "127.0.0.1:8080"},
        {
            "kind": "haproxy",
            "mode": "tcp",
            "emit": "none",
            "trustedCIDRs": ["8.0.0.0/8"],
        },
        {"kind": "unknown"},
    ]
)
SUPPRESSED = [
    {"rule": "client-ip-lost", "service": "web", "reason": "a test says so"},
    {"rule": "client-ip-lost", "tenant": "primary", "reason": "another one"},
]


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Draw a fleet of a tenant or two with a few services each, right or wrong."""
    spec = draw(specs(ranges=draw(st.booleans())))
    known = spec["spec"]
    known["kubelb"] |= draw(st.sampled_from(CONFIG))
    known["management"] |= draw(maybe("loadBalancer", st.sampled_from(TOLD_OF)))
    known["suppress"] = draw(st.lists(st.sampled_from(SUPPRESSED), unique_by=str))
    first = known["tenants"][0] | draw(maybe("egressCIDRs", st.just(["10.2.0.0/16"])))
    known["tenants"][0] = first
    if draw(st.booleans()):
        known["tenants"].append(
            {key: first[key] for key in first if key not in ("gateways", "ingresses")}
            | {"name": "secondary"}
        )
    for number, tenant in enumerate(known["tenants"]):
        tenant["services"] = draw(crowd(number))
        tenant["defaults"] = {"backend": draw(SHARED)}
    return kubelb_gen.from_data(spec)


@given(fleets(), st.lists(st.integers(0, 2), min_size=8, max_size=8))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_parts_together_are_the_whole(whole: Fleet, places: list[int]) -> None:
    parts = split(whole, places)
    told = in_common(parts)
    event(", ".join(sorted(told)))

    if not told:
        assert_law(whole, parts)


@pytest.mark.parametrize("places", [(0, 1), (0, 1, 2, 1)])
def test_parts_of_each_example_are_the_whole(
    examples: Path, places: tuple[int, ...]
) -> None:
    judged = []
    for folder in sorted(each for each in examples.iterdir() if each.is_dir()):
        whole = loaded(folder)
        parts = split(whole, places)
        if not in_common(parts):
            assert_law(whole, parts)
            judged.append(folder.name)

    assert {"hetzner-mixed", "multi-tenant", "l4-udp"} <= {*judged}


def loaded(example: Path) -> Fleet:
    single = example / "spec.yaml"
    return kubelb_gen.load(single if single.is_file() else example / "specs")


HETZNER = "load-balancer.hetzner.cloud/uses-proxyprotocol"
FEATURES = "service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features"
written = st.builds(
    lambda name, annotations: balancer(name, annotations=annotations),
    st.sampled_from(["hetzner", "metallb-bgp", "ibm-vpc-alb"]),
    st.dictionaries(
        st.sampled_from([HETZNER, "a.example/size"]),
        st.sampled_from(["true", "L", "S, L", " L", "XL"]),
    ),
) | st.sampled_from(["", "proxy-protocol"]).map(
    lambda value: balancer("ibm-vpc-alb", annotations={FEATURES: value})
)
configs = st.dictionaries(
    st.sampled_from([HETZNER, "a.example/size", "a.example/else"]),
    st.sampled_from(["", "L", "L ,S", "true,"]),
)


@given(configs, st.booleans(), st.lists(st.lists(written, max_size=3), max_size=3))
def test_the_list_of_a_tenant_is_that_of_its_parts_joined(
    config: dict[str, str],
    everything: bool,
    parts: list[list[Any]],
) -> None:
    known = kubelb(propagated_annotations=config, propagate_all_annotations=everything)
    whole = decide_propagation(known, [each for one in parts for each in one])
    together = joined(decide_propagation(known, one) for one in parts)

    assert whole == together
    assert list(whole or ()) == list(together or ())
