"""What KubeLB owns and we only add to survives a rollout."""

from __future__ import annotations

import kubelb_gen
from tests.support.wishes import HAPROXY, document, service


def test_kubelbs_own_tenant_is_never_deleted() -> None:
    tenant = {"services": [service({"backend": HAPROXY, "nodePort": 30500})]}
    old, new = (
        kubelb_gen.from_data(document(tenant=tenant, balancer=each))
        for each in ("hetzner", "metallb-bgp")
    )
    told = [each for step in kubelb_gen.rollout(old, new) for each in step.do]

    assert not any("delete -f management/tenants" in each for each in told)
    assert any(
        each.endswith(
            "patch tenants.kubelb.k8c.io primary --type merge "
            """-p '{"spec":{"propagatedAnnotations":null}}'"""
        )
        for each in told
    )


def test_what_others_applied_to_the_management_cluster_stays() -> None:
    tenant = {"services": [service({"backend": HAPROXY, "nodePort": 30500})]}
    old, new = (
        kubelb_gen.from_data(document(tenant=tenant, balancer=each))
        for each in ("metallb-bgp", "hetzner")
    )
    told = [each for step in kubelb_gen.rollout(old, new) for each in step.do]

    assert "kubectl --context management apply --server-side -k management" in told
    assert "kubectl --context tenant-primary apply -k tenants/primary" in told
