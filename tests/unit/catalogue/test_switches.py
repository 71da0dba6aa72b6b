from __future__ import annotations

import pytest

from kubelb_gen.catalogue.switches import is_switch

LINODE = "service.beta.kubernetes.io/linode-loadbalancer"


@pytest.mark.parametrize(
    ("key", "switches"),
    [
        (f"{LINODE}-port-443", True),
        (f"{LINODE}-port-https", False),
        (f"{LINODE}-default-proxy-protocol", True),
        ("load-balancer.hetzner.cloud/uses-proxyprotocol", True),
        ("load-balancer.hetzner.cloud/location", False),
    ],
)
def test_switches_are_known_by_their_key_and_by_the_port_in_it(
    key: str, *, switches: bool
) -> None:
    assert switches is is_switch(key)
