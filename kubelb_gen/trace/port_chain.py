"""Layer 4: the hops of each way into the backend of a Service port."""

from kubelb_gen.catalogue import IPFamily
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import BackendKind, Protocol, ProxyAcceptance, TrafficPolicy
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import Plan, PortPlan, ServicePlan, TenantPlan, gates
from kubelb_gen.trace import settings
from kubelb_gen.trace.backends.receiving import BackendHop
from kubelb_gen.trace.caller_node import CallerNodeHop
from kubelb_gen.trace.cluster_ip import ClusterIPHop
from kubelb_gen.trace.kubelb_envoy import EnvoyHop
from kubelb_gen.trace.load_balancer import LoadBalancerHop
from kubelb_gen.trace.nodes import (
    kind_of,
    management_nodes,
    ranges_of,
    tenant_nodes,
    unknown_to,
    waits_for_header,
)
from kubelb_gen.trace.planes import BACKENDS, Link, backend_link, link
from kubelb_gen.trace.ranges import Ranges


@dataclass(frozen=True, slots=True)
class PortChain:
    """The ways into the backend of one layer-4 port."""

    plan: Plan
    tenant: TenantPlan
    service: ServicePlan
    port: PortPlan
    files: settings.Files

    @property
    def protocol(self) -> Protocol:
        """The port's protocol."""
        return self.port.port.protocol

    def outside(self, family: IPFamily) -> tuple[Link, ...]:
        """Return the hops of a client on the internet."""
        return (self._load_balancer(family), self._management(), *self.from_envoy())

    def from_envoy(self) -> tuple[Link, ...]:
        """Return the hops from KubeLB's Envoy on, which its health checks take too."""
        return (self._envoy(), self._tenant(), self.entry())

    def service_ip(self) -> tuple[Link, ...]:
        """Return the hops of a pod that calls the Service; plain, where it may."""
        return (link("cluster-ip", "cluster-ip", ClusterIPHop()), self.plain())

    def short_cut(self) -> tuple[Link, ...]:
        """Return the hops of a pod that calls the public address, which is a VIP."""
        cluster = self.service.balancer.policy is TrafficPolicy.CLUSTER
        hop = ClusterIPHop(
            short_cut=True,
            # Cilium translates on the caller's node, and masquerades nothing there.
            masquerades=cluster and self.tenant.tenant.cilium is None,
            setting=settings.of_service_policy(self.service),
        )
        return (link("cluster-ip", "cluster-ip", hop), self.entry(inside=True))

    def leaving(self) -> tuple[Link, ...]:
        """Return the hops of a pod that calls the public address from outside."""
        hop = link("caller-node", "caller-node", CallerNodeHop())
        return (hop, *self.outside(IPFamily.IPV4))

    def plain(self) -> Link:
        """Return the listener for callers without a header, or the serving one."""
        if self.port.port.plain_port is None:
            return self.entry(inside=True)
        kind = kind_of(self.port.port.backend)
        return backend_link(kind, BackendHop(ranges=self.ranges()))

    def entry(self, *, inside: bool = False) -> Link:
        """Return what the Service leads to: the program, or an adapter beside it.

        An adapter hands on whom it sees in a header of its own, so that the program
        sees no more and no less.
        """
        if not self.port.port.adapted:
            return self.backend(inside=inside)
        service = self.service.service
        file = self.files.get((service.namespace, service.name, BackendKind.ENVOY))
        listen = self.port.port.handover.adapter if self.port.port.handover else None
        hop = BackendHop(
            accept=self.port.entry,
            guarded=True,
            trusted=self.port.trusted,
            ranges=self.ranges(inside=inside),
            setting=settings.of_backend_proxy(
                file, listen or self.port.port.listen, self.port.entry
            ),
        )
        return Link(name="adapter", plane=BACKENDS[BackendKind.ENVOY], facts=hop)

    def backend(self, *, inside: bool = False) -> Link:
        """Return the listener that the Service leads to."""
        backend = self.port.port.backend
        kind = kind_of(backend)
        service = self.service.service
        file = self.files.get((service.namespace, service.name, kind))
        accept = self.port.accept
        hop = BackendHop(
            accept=accept,
            waits=waits_for_header(backend, accept),
            guarded=kind is not BackendKind.OTHER
            and accept is not ProxyAcceptance.NONE,
            trusted=self._trusted(kind),
            unknown=backend is not None and backend.unknown,
            ranges=self.ranges(inside=inside),
            setting=settings.of_backend_proxy(file, self.port.port.listen, accept),
        )
        return backend_link(kind, hop)

    def ranges(self, *, inside: bool = False) -> Ranges:
        """Return the networks of every role; *inside*: the client is a pod."""
        fleet = self.plan.fleet
        return Ranges(
            by_role=ranges_of(fleet, self.tenant, inside=inside),
            unknown=unknown_to(fleet, self.tenant),
        )

    def _trusted(self, kind: BackendKind) -> tuple[Network, ...]:
        backend = self.port.port.backend
        if kind is not BackendKind.OTHER:
            return self.port.trusted
        # Nothing is written for it, so what it enforces is only what its owner says.
        return (backend.trusted_cidrs or ()) if backend is not None else ()

    def _load_balancer(self, family: IPFamily) -> Link:
        balancer = self.service.balancer
        provider = balancer.balancer.provider
        hop = LoadBalancerHop(
            name=balancer.balancer.name,
            unknown=balancer.balancer.unknown,
            kind=provider.class_for(self.protocol, family, self._policy()),
            sends=balancer.sends_to(self.port.port.port),
            carries_udp=provider.udp,
            setting=settings.of_service_balancer(self.service),
        )
        return link("load-balancer", "load-balancer", hop)

    def _policy(self) -> TrafficPolicy:
        # An older KubeLB does not copy the policy to the Envoy Service.
        if not self.service.balancer.policy_reaches_envoy:
            return TrafficPolicy.CLUSTER
        return self.service.balancer.policy

    def _management(self) -> Link:
        return management_nodes(
            self.service.balancer,
            self.plan.fleet.management.cilium,
            self.protocol,
            self._policy(),
            settings.of_service_policy(self.service),
        )

    def _envoy(self) -> Link:
        heeded = self.plan.fleet.kubelb.version >= gates.KUBELB_PROXY_PROTOCOL
        hop = EnvoyHop(
            writes_proxy=self.service.proxy_annotation and heeded,
            setting=settings.of_proxy_annotation(self.service),
        )
        return link("kubelb-envoy", "kubelb-envoy", hop)

    def _tenant(self) -> Link:
        return tenant_nodes(
            self.tenant.tenant.cilium,
            self.protocol,
            self.service.balancer.policy,
            every_node=self.service.service.every_node,
            setting=settings.of_service_policy(self.service),
        )
