"""The document, and what its owners list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.build.networks import UNKNOWN
from kubelb_gen.unparse.gateways import gateway_data
from kubelb_gen.unparse.management import dataplane_data, management_data
from kubelb_gen.unparse.saying import ranges_said, said
from kubelb_gen.unparse.services import service_data

if TYPE_CHECKING:
    from kubelb_gen.model import Fleet, Suppression, Tenant
    from kubelb_gen.unparse.saying import Data


def as_data(fleet: Fleet) -> Data:
    """Return *fleet* as one ClientIPSpec; what is the default is left out."""
    metadata = said(
        name=fleet.name,
        namespace=fleet.namespace,
        labels=dict(fleet.labels),
        annotations=dict(fleet.annotations),
    )
    spec = said(
        kubelb=_kubelb(fleet),
        management=management_data(fleet.management),
        tenants=[_tenant(each) for each in fleet.tenants],
        suppress=[_suppression(each) for each in fleet.suppressions],
    )
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": metadata,
        "spec": spec,
    }


def _kubelb(fleet: Fleet) -> Data:
    kubelb = fleet.kubelb
    return said(
        version=str(kubelb.version),
        edition=kubelb.edition,
        propagatedAnnotations=dict(kubelb.propagated_annotations),
        propagateAllAnnotations=kubelb.propagate_all_annotations,
    )


def _tenant(tenant: Tenant) -> Data:
    ways = [each for each in tenant.gateways if not each.is_ingress]
    ingresses = [each for each in tenant.gateways if each.is_ingress]
    egress = tenant.egress_cidrs
    return said(
        name=tenant.name,
        nodes=UNKNOWN if "nodes" in tenant.unknown else list(tenant.nodes),
        internalCIDRs=ranges_said(
            "internalCIDRs", tenant.internal_cidrs, tenant.unknown
        ),
        egressCIDRs=None
        if egress is None
        else ranges_said("egressCIDRs", egress, tenant.unknown) or [],
        loadBalancer=None
        if tenant.load_balancer == "default"
        else tenant.load_balancer,
        useLoadBalancerClass=tenant.use_load_balancer_class,
        dataplane=dataplane_data(tenant.cilium),
        services=[service_data(each) for each in tenant.services],
        gateways=[gateway_data(each) for each in ways],
        ingresses=[gateway_data(each) for each in ingresses],
    )


def _suppression(suppression: Suppression) -> Data:
    return said(
        rule=suppression.rule,
        reason=suppression.reason,
        tenant=suppression.tenant,
        namespace=suppression.namespace,
        service=suppression.service,
        port=suppression.port,
    )
