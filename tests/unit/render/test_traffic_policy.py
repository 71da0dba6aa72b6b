"""Expected values: the CRD of Envoy Gateway 1.7.2 and its translator, read."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from kubelb_gen.render.draft import Kind, Role
from kubelb_gen.render.traffic_policy import drafts
from tests.support.objects import gateway, object_of, plan, policy


def spec_of(**facts: Any) -> Any:  # noqa: ANN401 - any fact of the policy
    (draft,) = drafts(plan(gateways=[gateway(policy(**facts))]))
    return object_of(draft)["spec"]


def test_enterprise_edition_takes_the_policy_from_the_tenant() -> None:
    (draft,) = drafts(plan(gateways=[gateway(policy())]))

    assert "tenants/primary/default/kubelb.clienttrafficpolicy.yaml" == draft.path
    assert (Kind.CLIENT_TRAFFIC_POLICY, Role.APPLY) == (draft.kind, draft.role)
    assert "primary" == draft.cluster
    assert {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "ClientTrafficPolicy",
        "metadata": {"name": "kubelb", "namespace": "default"},
        "spec": {
            "targetRefs": [
                {
                    "group": "gateway.networking.k8s.io",
                    "kind": "Gateway",
                    "name": "kubelb",
                }
            ],
            "proxyProtocol": {},
            "clientIPDetection": {"xForwardedFor": {"numTrustedHops": 2}},
        },
    } == object_of(draft)


def test_community_edition_needs_it_in_the_management_cluster() -> None:
    ours = policy(in_management=True, namespace="tenant-primary")

    (draft,) = drafts(plan(gateways=[gateway(ours)]))

    assert "management/tenants/primary.clienttrafficpolicy.yaml" == draft.path
    assert "management" == draft.cluster
    assert "tenant-primary" == object_of(draft)["metadata"]["namespace"]


def test_gateway_without_a_policy_gets_none() -> None:
    assert [] == list(drafts(plan(gateways=[gateway(None)])))


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("proxyProtocol", {"proxyProtocol": {}}),
        ("enableProxyProtocol", {"enableProxyProtocol": True}),
        (None, {}),
    ],
)
def test_proxy_is_turned_on_in_the_words_of_the_release(
    field: str | None, written: dict[str, object]
) -> None:
    spec = spec_of(proxy_field=field, trusted_hops=None)
    del spec["targetRefs"]

    assert written == spec


def test_ranges_are_trusted_and_hops_never_beside_them() -> None:
    spec = spec_of(
        trusted_cidrs=(ip_network("173.245.48.0/20"), ip_network("2400:cb00::/32")),
        trusted_hops=1,
    )

    assert {
        "xForwardedFor": {"trustedCIDRs": ["173.245.48.0/20", "2400:cb00::/32"]}
    } == spec["clientIPDetection"]


def test_zero_hops_are_never_written_for_they_mean_one() -> None:
    assert "clientIPDetection" not in spec_of(trusted_hops=0)
