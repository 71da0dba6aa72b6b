"""Every provider, crossed with the kinds of path: it renders, or says why not."""

from __future__ import annotations

import pytest

import kubelb_gen
from kubelb_gen.catalogue import LoadBalancerClass, provider, provider_names
from kubelb_gen.errors import InvalidSpecError
from tests.support.providers import LAYERS, outcome, spec

# Facts, section 7: Local does not work behind these, and the data plane does no DSR.
_NO_LOCAL = {"kube-vip-bgp", "cilium-l2", "keepalived"}
# UpCloud's annotation is JSON that names every port, which an edge's Service has and
# a spec has not.
_UNMET = {
    "L4 TCP": _NO_LOCAL,
    "L4 UDP": set(provider_names()),
    "L7": _NO_LOCAL | {"upcloud"},
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("name", provider_names())
def test_a_provider_renders_or_is_told_as_unmet(name: str, layer: str) -> None:
    fleet = kubelb_gen.from_data(spec(name, layer))
    why, report = outcome(name, layer)

    if name not in _UNMET[layer]:
        assert why is None
        assert kubelb_gen.render(fleet)
        assert "preserved" == kubelb_gen.trace(fleet)[0].verdict
    else:
        assert why
        assert {"client-ip-lost", "udp-not-forwarded", "client-ip-broken"} & {
            each.id for each in report.errors
        }
        with pytest.raises(InvalidSpecError):
            kubelb_gen.render(fleet)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("name", provider_names())
def test_what_nobody_has_verified_warns(name: str, layer: str) -> None:
    _, report = outcome(name, layer)
    told = {each.id for each in report.findings}

    # What concerns UDP, or PROXY, alone is told where there is one.
    if "provider-unverified" in told:
        assert provider(name).unverified


@pytest.mark.parametrize("name", provider_names())
def test_a_proxying_provider_in_front_of_layer_4_sends_the_header_itself(
    name: str,
) -> None:
    if name in _NO_LOCAL:
        return
    proxying = provider(name).kind is LoadBalancerClass.PROXYING
    files = kubelb_gen.render(kubelb_gen.from_data(spec(name, "L4 TCP")))
    service = files["tenants/primary/default/web.service.yaml"].text

    assert proxying is ('kubelb.k8c.io/proxy-protocol: "v2"' not in service)
