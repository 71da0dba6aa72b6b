"""Decided facts: from what the user wrote to every setting at every hop.

`decide.make_plan` is the only place where anything is decided; `facts` holds the
values it returns.
"""

from kubelb_gen.plan.facts import (
    BackendFile,
    BalancerFacts,
    ByHeader,
    ByPosition,
    ByWalk,
    Carrier,
    CiliumPlan,
    EdgePlan,
    GatewayPlan,
    Listener,
    Outcome,
    Plan,
    PolicyPlan,
    PortPlan,
    Reading,
    RoutePlan,
    ServicePlan,
    TenantPlan,
    Unmet,
)

__all__ = [
    "BackendFile",
    "BalancerFacts",
    "ByHeader",
    "ByPosition",
    "ByWalk",
    "Carrier",
    "CiliumPlan",
    "EdgePlan",
    "GatewayPlan",
    "Listener",
    "Outcome",
    "Plan",
    "PolicyPlan",
    "PortPlan",
    "Reading",
    "RoutePlan",
    "ServicePlan",
    "TenantPlan",
    "Unmet",
]
