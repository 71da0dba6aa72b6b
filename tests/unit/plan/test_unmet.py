"""What an unmet wish says: the hop that is to blame, and designs that would work."""

from __future__ import annotations

from itertools import product

import pytest

from tests.support.wishes import (
    ACCEPTED,
    NGINX,
    NONE,
    REQUIRED,
    Data,
    cilium,
    plan_of_port,
)

MUTE: Data = {"class": "proxying"}
LOCAL: Data = {"externalTrafficPolicy": "Local"}
CLUSTER: Data = {"externalTrafficPolicy": "Cluster"}


@pytest.mark.parametrize(
    ("facts", "blamed", "design"),
    [
        ({"balancer": MUTE}, "SNAT#0", "keeps the source address"),
        # An upgrade, or another pin, would not help behind such a balancer.
        ({"balancer": MUTE, "version": "1.3.0"}, "SNAT#0", "keeps the source address"),
        (
            {"balancer": MUTE, "service": {"proxyProtocol": "none"}},
            "SNAT#0",
            "keeps the source address",
        ),
        (
            {"balancer": {"provider": "hetzner", "proxyProtocol": "none"}},
            "SNAT#0",
            "proxyProtocol: none off",
        ),
        (
            {"balancer": "hetzner", "service": {"proxyProtocol": "v2"}},
            "SNAT#0",
            "take the pin off",
        ),
        ({"version": "1.3.1"}, "1.3.1", "1.3.2 or newer"),
        ({"version": "1.3.1", "service": CLUSTER}, "1.3.1", "1.3.2 or newer"),
        ({"service": {"proxyProtocol": "none"}}, "SNAT#2", "take the pin off"),
        ({"service": CLUSTER}, "SNAT#1", "Cluster off"),
        ({"service": CLUSTER, "dataplane": cilium("snat")}, "SNAT#1", "Cilium DSR"),
        ({"balancer": "keepalived"}, "Local does not work", "Cilium DSR"),
        ({"balancer": "keepalived", "service": LOCAL}, "drops traffic", "Local off"),
        ({"port": {"protocol": "UDP"}}, "over UDP", "management cluster"),
    ],
)
def test_the_hop_is_named_and_a_design_that_works(
    facts: Data, blamed: str, design: str
) -> None:
    told = plan_of_port(**facts).unmet

    assert told is not None
    assert blamed in told.cause
    assert any(design in each for each in told.designs)


@pytest.mark.parametrize(
    ("backend", "service", "balancer", "version", "mode"),
    [
        *product(
            (NGINX, NONE, ACCEPTED, REQUIRED),
            ({}, LOCAL, CLUSTER, {"proxyProtocol": "none"}, {"proxyProtocol": "v2"}),
            ("metallb-bgp", "hetzner", "stackit", "keepalived", MUTE),
            ("1.2", "1.4.3"),
            (None, "dsr"),
        )
    ],
)
def test_no_wish_is_unmet_without_a_cause_and_a_way_out(
    backend: Data, service: Data, balancer: Data | str, version: str, mode: str | None
) -> None:
    told = plan_of_port(
        backend,
        service=service,
        balancer=balancer,
        version=version,
        dataplane=None if mode is None else cilium(mode),
    ).unmet

    if told is not None:
        assert told.cause
        assert told.designs
        # A pin can be taken off only where there is one.
        unpinned = "externalTrafficPolicy" not in service
        assert not (unpinned and any("Policy: Cluster off" in d for d in told.designs))
