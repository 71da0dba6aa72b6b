"""All rules, by their stable ids."""

from collections.abc import Iterator
from typing import Protocol

from kubelb_gen.checks import (
    callers_in_cluster,
    cilium_aks_geneve,
    cilium_api_server_missing,
    cilium_dispatch_needs_native,
    cilium_dsr_cloud,
    cilium_dsr_udp_mtu,
    cilium_dsr_useless,
    cilium_native_cidr_missing,
    cilium_native_setting_unused,
    cilium_platform_routing,
    cilium_pod_routes_unstated,
    cilium_version_unsupported,
    client_ip_broken,
    client_ip_forgeable,
    client_ip_lost,
    facts_missing,
    listener_conflict,
    not_written_yet,
    object_name_taken,
    one_gateway_per_tenant,
    reserved_annotation,
    trust_range_wide,
    trust_ranges_missing,
    udp_loses_datagrams,
    udp_not_forwarded,
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
    "callers-in-cluster": callers_in_cluster,
    "cilium-aks-geneve": cilium_aks_geneve,
    "cilium-api-server-missing": cilium_api_server_missing,
    "cilium-dispatch-needs-native": cilium_dispatch_needs_native,
    "cilium-dsr-cloud": cilium_dsr_cloud,
    "cilium-dsr-udp-mtu": cilium_dsr_udp_mtu,
    "cilium-dsr-useless": cilium_dsr_useless,
    "cilium-native-cidr-missing": cilium_native_cidr_missing,
    "cilium-native-setting-unused": cilium_native_setting_unused,
    "cilium-platform-routing": cilium_platform_routing,
    "cilium-pod-routes-unstated": cilium_pod_routes_unstated,
    "cilium-version-unsupported": cilium_version_unsupported,
    "client-ip-broken": client_ip_broken,
    "client-ip-forgeable": client_ip_forgeable,
    "client-ip-lost": client_ip_lost,
    "facts-missing": facts_missing,
    "listener-conflict": listener_conflict,
    "not-written-yet": not_written_yet,
    "object-name-taken": object_name_taken,
    "one-gateway-per-tenant": one_gateway_per_tenant,
    "reserved-annotation": reserved_annotation,
    "trust-range-wide": trust_range_wide,
    "trust-ranges-missing": trust_ranges_missing,
    "udp-loses-datagrams": udp_loses_datagrams,
    "udp-not-forwarded": udp_not_forwarded,
    "upstream-proxy-unsupported": upstream_proxy_unsupported,
}
