"""All rules, by their stable ids."""

from collections.abc import Iterator
from typing import Protocol

from kubelb_gen.checks import (
    affinity_behind_snat,
    affinity_loses_clients,
    affinity_not_followed,
    annotation_not_propagated,
    annotation_without_effect,
    caddy_ports_differ,
    callers_can_forge,
    callers_in_cluster,
    cilium_aks_geneve,
    cilium_api_server_missing,
    cilium_dispatch_needs_native,
    cilium_dsr_cloud,
    cilium_dsr_idle,
    cilium_dsr_udp_mtu,
    cilium_dsr_useless,
    cilium_native_cidr_missing,
    cilium_native_setting_unused,
    cilium_platform_routing,
    cilium_pod_routes_unstated,
    cilium_version_unstated,
    cilium_version_unsupported,
    client_ip_broken,
    client_ip_forgeable,
    client_ip_lost,
    edge_can_be_lied_to,
    facts_missing,
    fragment_unsupported,
    health_check_blind,
    health_check_without_header,
    listener_conflict,
    load_balancer_health_checks,
    mount_unusable,
    not_written_yet,
    object_name_taken,
    one_gateway_per_tenant,
    peers_unguarded,
    pin_without_effect,
    policy_sync_off,
    probe_refused,
    provider_unverified,
    proxy_stays_on,
    public_address_short_cut,
    reserved_annotation,
    route_not_served,
    tenant_list_replaces,
    tls_behind_plain_route,
    trust_range_narrow,
    trust_range_public,
    trust_range_shared,
    trust_range_wide,
    trust_ranges_missing,
    udp_loses_datagrams,
    udp_not_forwarded,
    unknown_fact,
    upstream_proxy_unsupported,
)
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan


class Rule(Protocol):
    """What a rule's module holds; its docstring is the manual page."""

    @property
    def ID(self) -> str:  # noqa: N802  a constant of the module
        """The stable kebab-case id."""

    @property
    def SEVERITY(self) -> Severity:  # noqa: N802  a constant of the module
        """The severity it mostly reports with."""

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        """The manual page."""

    def check(self, plan: Plan) -> Iterator[Diagnostic]:
        """Yield a finding for each place where *plan* breaks the rule."""


RULES: dict[str, Rule] = {
    "affinity-behind-snat": affinity_behind_snat,
    "affinity-loses-clients": affinity_loses_clients,
    "affinity-not-followed": affinity_not_followed,
    "annotation-not-propagated": annotation_not_propagated,
    "annotation-without-effect": annotation_without_effect,
    "caddy-ports-differ": caddy_ports_differ,
    "callers-can-forge": callers_can_forge,
    "callers-in-cluster": callers_in_cluster,
    "cilium-aks-geneve": cilium_aks_geneve,
    "cilium-api-server-missing": cilium_api_server_missing,
    "cilium-dispatch-needs-native": cilium_dispatch_needs_native,
    "cilium-dsr-cloud": cilium_dsr_cloud,
    "cilium-dsr-idle": cilium_dsr_idle,
    "cilium-dsr-udp-mtu": cilium_dsr_udp_mtu,
    "cilium-dsr-useless": cilium_dsr_useless,
    "cilium-native-cidr-missing": cilium_native_cidr_missing,
    "cilium-native-setting-unused": cilium_native_setting_unused,
    "cilium-platform-routing": cilium_platform_routing,
    "cilium-pod-routes-unstated": cilium_pod_routes_unstated,
    "cilium-version-unstated": cilium_version_unstated,
    "cilium-version-unsupported": cilium_version_unsupported,
    "client-ip-broken": client_ip_broken,
    "client-ip-forgeable": client_ip_forgeable,
    "client-ip-lost": client_ip_lost,
    "edge-can-be-lied-to": edge_can_be_lied_to,
    "facts-missing": facts_missing,
    "fragment-unsupported": fragment_unsupported,
    "health-check-blind": health_check_blind,
    "health-check-without-header": health_check_without_header,
    "listener-conflict": listener_conflict,
    "load-balancer-health-checks": load_balancer_health_checks,
    "mount-unusable": mount_unusable,
    "not-written-yet": not_written_yet,
    "object-name-taken": object_name_taken,
    "one-gateway-per-tenant": one_gateway_per_tenant,
    "peers-unguarded": peers_unguarded,
    "pin-without-effect": pin_without_effect,
    "policy-sync-off": policy_sync_off,
    "probe-refused": probe_refused,
    "provider-unverified": provider_unverified,
    "proxy-stays-on": proxy_stays_on,
    "public-address-short-cut": public_address_short_cut,
    "reserved-annotation": reserved_annotation,
    "route-not-served": route_not_served,
    "tenant-list-replaces": tenant_list_replaces,
    "tls-behind-plain-route": tls_behind_plain_route,
    "trust-range-narrow": trust_range_narrow,
    "trust-range-public": trust_range_public,
    "trust-range-shared": trust_range_shared,
    "trust-range-wide": trust_range_wide,
    "trust-ranges-missing": trust_ranges_missing,
    "udp-loses-datagrams": udp_loses_datagrams,
    "udp-not-forwarded": udp_not_forwarded,
    "unknown-fact": unknown_fact,
    "upstream-proxy-unsupported": upstream_proxy_unsupported,
}
