"""All rules, by their stable ids."""

from collections.abc import Iterator
from typing import Protocol

from kubelb_gen.checks import (
    client_ip_broken,
    client_ip_forgeable,
    client_ip_lost,
    envoy_port_in_use,
    facts_missing,
    one_gateway_per_tenant,
    output_path_taken,
    reserved_annotation,
    trust_ranges_missing,
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
    "client-ip-broken": client_ip_broken,
    "client-ip-forgeable": client_ip_forgeable,
    "client-ip-lost": client_ip_lost,
    "envoy-port-in-use": envoy_port_in_use,
    "facts-missing": facts_missing,
    "one-gateway-per-tenant": one_gateway_per_tenant,
    "output-path-taken": output_path_taken,
    "reserved-annotation": reserved_annotation,
    "trust-ranges-missing": trust_ranges_missing,
}
