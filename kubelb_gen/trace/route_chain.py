"""Layer 7: the hops of each way into a backend behind a Gateway or an Ingress."""

from collections.abc import Iterator

from kubelb_gen.catalogue import IPFamily, LoadBalancerClass
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import EdgeKind, Protocol, TrafficPolicy
from kubelb_gen.plan import GatewayPlan, Plan, RoutePlan, TenantPlan, gates
from kubelb_gen.plan.headers import HTTP_ROUTES, TLS_PROTOCOLS
from kubelb_gen.trace import settings
from kubelb_gen.trace.backends.receiving import BackendHop
from kubelb_gen.trace.cluster_ip import ClusterIPHop
from kubelb_gen.trace.edge import EdgeHop
from kubelb_gen.trace.kubelb_envoy import EnvoyHop, Serving
from kubelb_gen.trace.load_balancer import LoadBalancerHop
from kubelb_gen.trace.nodes import management_nodes, ranges_of, tenant_nodes, unknown_to
from kubelb_gen.trace.outer_proxies import OuterProxiesHop
from kubelb_gen.trace.path import Role
from kubelb_gen.trace.planes import Link, backend_link, link
from kubelb_gen.trace.ranges import Ranges


@dataclass(frozen=True, slots=True)
class RouteChain:
    """The ways into one backend behind a route."""

    plan: Plan
    tenant: TenantPlan
    gateway: GatewayPlan
    route: RoutePlan
    files: settings.Files

    @property
    def protocol(self) -> Protocol:
        """The transport of the route."""
        udp = self.route.backend.route_kind == "UDPRoute"
        return Protocol.UDP if udp else Protocol.TCP

    @property
    def speaks_http(self) -> bool:
        """Whether edge and Envoy read requests, and not bytes."""
        target = self.route.backend
        return target.route_kind in HTTP_ROUTES and target.protocol not in TLS_PROTOCOLS

    def outside(self, family: IPFamily) -> tuple[Link, ...]:
        """Return the hops of a client on the internet."""
        return (
            *self._proxies(),
            self._load_balancer(family),
            self._nodes(),
            self._edge(),
            *self.from_envoy(),
        )

    def past_proxies(self, family: IPFamily) -> tuple[Link, ...]:
        """Return the hops of whoever goes around the trusted proxies.

        A load balancer that is one of them is gone around as well.
        """
        behind = (self._nodes(), self._edge(), *self.from_envoy())
        return (
            behind if self._counts_balancer else (self._load_balancer(family), *behind)
        )

    def from_envoy(self) -> tuple[Link, ...]:
        """Return the hops from KubeLB's Envoy on."""
        return (self._envoy(), self._tenant(), self.backend())

    def service_ip(self) -> tuple[Link, ...]:
        """Return the hops of a pod that calls the backend's Service."""
        return (
            link("cluster-ip", "cluster-ip", ClusterIPHop()),
            self.backend(inside=True),
        )

    def backend(self, *, inside: bool = False) -> Link:
        """Return the listener that the route leads to."""
        target = self.route.backend
        kind = target.backend.kind
        file = self.files.get((target.namespace, target.name, kind))
        hop = BackendHop(
            guarded=self.route.reading is not None,
            trusted=self.route.trusted,
            reading=self.route.reading,
            reads=target.backend.reads,
            unknown=target.backend.unknown,
            ranges=self.ranges(inside=inside),
            setting=settings.of_backend_reading(
                file, target.listen or target.port, self.route.reading
            ),
        )
        return backend_link(kind, hop)

    def ranges(self, *, inside: bool = False) -> Ranges:
        """Return the networks of every role; *inside*: the client is a pod."""
        known = ranges_of(self.plan.fleet, self.tenant, inside=inside)
        proxies = self.gateway.gateway.trusted_proxies
        if proxies.count:
            known[Role.OUTER_PROXY] = proxies.cidrs
        if self._counts_balancer:
            known[Role.LOAD_BALANCER] = proxies.cidrs
        unknown = unknown_to(self.plan.fleet, self.tenant)
        return Ranges(by_role=known, unknown=unknown)

    @property
    def _counts_balancer(self) -> bool:
        balancer = self.gateway.edge.balancer
        return (
            balancer.kind is LoadBalancerClass.PROXYING
            and balancer.sends is None
            and self.gateway.gateway.trusted_proxies.count > 0
        )

    def _proxies(self) -> Iterator[Link]:
        count = self.gateway.gateway.trusted_proxies.count - self._counts_balancer
        if count:
            hop = OuterProxiesHop(count=count, http=self.speaks_http)
            yield link("outer-proxies", "outer-proxies", hop)

    def _load_balancer(self, family: IPFamily) -> Link:
        balancer = self.gateway.edge.balancer
        provider = balancer.balancer.provider
        hop = LoadBalancerHop(
            name=balancer.balancer.name,
            unknown=balancer.balancer.unknown,
            kind=provider.class_for(self.protocol, family, balancer.policy),
            sends=balancer.sends,
            carries_udp=provider.udp,
            writes_forwarded_for=self._counts_balancer and self.speaks_http,
            setting=settings.of_edge_balancer(self.gateway.edge),
        )
        return link("load-balancer", "load-balancer", hop)

    def _nodes(self) -> Link:
        edge = self.gateway.edge
        key = "externalTrafficPolicy"
        return management_nodes(
            edge.balancer,
            self.plan.fleet.management.cilium,
            self.protocol,
            edge.balancer.policy,
            settings.in_edge(edge, key, edge.balancer.policy),
        )

    def _edge(self) -> Link:
        policy = self.gateway.policy
        edge = self.gateway.edge
        reads = edge.balancer.sends is not None
        if edge.edge.kind is EdgeKind.ENVOY_GATEWAY:
            reads = policy is not None and policy.proxy_field is not None
        hop = EdgeHop(
            name=edge.edge.name,
            kind=edge.edge.kind,
            http=self.speaks_http,
            reads_proxy=reads and self.protocol is Protocol.TCP,
            optional=policy is not None and policy.proxy_optional,
            detects=policy is not None
            and bool(policy.trusted_hops or policy.trusted_cidrs),
            replaces=edge.replaces,
            believes=edge.believes,
            ranges=self.ranges(),
            setting=settings.of_edge_reading(self.gateway),
        )
        return link("edge", "edge", hop)

    def _envoy(self) -> Link:
        speaks = self.plan.fleet.kubelb.version >= gates.KUBELB_HTTP_ROUTES
        serving = Serving.ROUTE_BYTES
        if self.speaks_http and speaks:
            serving = Serving.REQUESTS
        return link("kubelb-envoy", "kubelb-envoy", EnvoyHop(serving=serving))

    def _tenant(self) -> Link:
        # KubeLB's NodePort copy of the Service has no traffic policy.
        return tenant_nodes(
            self.tenant.tenant.cilium, self.protocol, TrafficPolicy.CLUSTER
        )
