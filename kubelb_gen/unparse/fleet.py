"""The documents, and what their owners list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.build.networks import UNKNOWN
from kubelb_gen.schema.kinds import API_VERSION, FACTS, MANAGEMENT, SPEC, TENANT
from kubelb_gen.unparse.gateways import gateway_data
from kubelb_gen.unparse.management import dataplane_data, management_data
from kubelb_gen.unparse.saying import ranges_said, said
from kubelb_gen.unparse.services import service_data

if TYPE_CHECKING:
    from kubelb_gen.model import Fleet, Suppression, Tenant
    from kubelb_gen.unparse.saying import Data


def as_documents(fleet: Fleet) -> tuple[Data, ...]:
    """Return *fleet* as documents, most often one; what is the default is left out.

    Who has nothing but facts about the management cluster gets them back as such: in a
    ClientIPSpec they would be what its owner says.
    """
    management = management_data(fleet.management)
    tenants = [_tenant(each) for each in fleet.tenants]
    shared: Data = {"kubelb": _kubelb(fleet), "management": management}
    suppress = [_suppression(each) for each in fleet.suppressions]
    if fleet.facts_of is None and not any(
        "others" in each for each in management.get("edges", ())
    ):
        spec = said(**shared, tenants=tenants, suppress=suppress)
        return (_document(SPEC, fleet, spec),)
    names = {fleet.facts_of: None} if fleet.facts_of else {}
    names |= dict.fromkeys(each.name for each in fleet.tenants)
    listed = [{"name": each} for each in names]
    kind = MANAGEMENT if fleet.facts_of is None else FACTS
    spec = said(**shared, tenants=listed, suppress=suppress)
    return (
        _document(kind, fleet, spec),
        *(_document(TENANT, fleet, {"tenants": [each]}) for each in tenants),
    )


def _document(kind: str, fleet: Fleet, spec: Data) -> Data:
    metadata = said(
        name=fleet.name,
        namespace=fleet.namespace,
        labels=dict(fleet.labels),
        annotations=dict(fleet.annotations),
    )
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
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
