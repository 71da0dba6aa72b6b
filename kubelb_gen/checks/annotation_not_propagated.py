"""An annotation for the load balancer stays in the tenant cluster.

What: a Service carries an annotation of the load balancer's controller, and KubeLB
does not let it through to the Envoy Service.
Why: the load balancer belongs to the Envoy Service in the management cluster.  No
annotation gets there unless Config or Tenant lists it.  Those that the plan writes are
listed by the plan; the user's own are not.

Bad, since the location never reaches Hetzner's controller:

    annotations: {load-balancer.hetzner.cloud/location: fsn1}

Good, once KubeLB's Config lets it through, and the spec says so:

    kubelb:
      propagatedAnnotations: {load-balancer.hetzner.cloud/location: ""}
"""

from collections.abc import Iterator

from kubelb_gen.catalogue import Provider
from kubelb_gen.checks.walking import services
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan
from kubelb_gen.plan.propagation import reaching

ID = "annotation-not-propagated"
SEVERITY = Severity.WARNING

# Of controllers that announce addresses; the others write annotations of ours too.
_ADDRESSES = {
    "metallb": frozenset({"metallb.io", "metallb.universe.tf"}),
    "cilium": frozenset({"lbipam.cilium.io", "io.cilium"}),
    "kube-vip": frozenset({"kube-vip.io"}),
}


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each annotation that its reader never sees."""
    for tenant, service in services(plan):
        facts, own = service.balancer, service.service.annotations
        if not own:
            continue
        domains = _domains(facts.balancer.provider)
        reached = reaching(own, plan.fleet.kubelb, tenant.propagated)
        for key in own.keys() - reached.keys() - facts.annotations.keys():
            if _domain(key) in domains:
                at = service.service.at
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"annotation '{key}' of service '{service.service.name}' "
                    "does not reach the Envoy Service, where load balancer "
                    f"'{facts.balancer.name}' would read it",
                    at=at / "annotations" / key if at else None,
                    hint="let it through in KubeLB's Config, and list it under "
                    "spec.kubelb.propagatedAnnotations",
                )


def _domains(provider: Provider) -> frozenset[str]:
    keys = {*provider.extra_annotations, *provider.local.annotations}
    if provider.proxy is not None:
        keys.update(provider.proxy.disable)
        for enable in (provider.proxy.enable, provider.proxy.enable_ports):
            keys.update(key for each in enable.values() for key in each)
    family = next((each for each in _ADDRESSES if provider.name.startswith(each)), "")
    return frozenset(map(_domain, keys)) - {""} | _ADDRESSES.get(family, frozenset())


def _domain(key: str) -> str:
    return key.rpartition("/")[0]
