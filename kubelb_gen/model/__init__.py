"""The spec as typed values, as the user meant it.

Every value here is frozen.  Fields keep the names of the spec in snake_case;
addresses are `ipaddress` networks and never strings.  A node that a finding can
point at carries *at*, which takes no part in equality.  Defaults of the schema and
of `defaults` are already applied; nothing is decided yet (that is `plan`).
"""

from kubelb_gen.model.backends import (
    Backend,
    BackendKind,
    BackendMode,
    ConfigMapKey,
    Emit,
    HeaderReading,
    Probe,
    ProbeType,
    ProxyAcceptance,
    Tls,
    Workload,
)
from kubelb_gen.model.estate import (
    Fleet,
    KubeLB,
    Places,
    Suppression,
    Tenant,
    stand_in_uid,
)
from kubelb_gen.model.management import (
    Cilium,
    Dispatch,
    Edge,
    EdgeKind,
    EnvoyPorts,
    ForwardingMode,
    LoadBalancer,
    Management,
    Routing,
)
from kubelb_gen.model.services import (
    Gateway,
    Handover,
    OutputMode,
    Protocol,
    Rollout,
    RouteBackend,
    Service,
    ServicePort,
    TrafficPolicy,
    TrustedProxies,
    Wish,
)
from kubelb_gen.model.version import Version

__all__ = [
    "Backend",
    "BackendKind",
    "BackendMode",
    "Cilium",
    "ConfigMapKey",
    "Dispatch",
    "Edge",
    "EdgeKind",
    "Emit",
    "EnvoyPorts",
    "Fleet",
    "ForwardingMode",
    "Gateway",
    "Handover",
    "HeaderReading",
    "KubeLB",
    "LoadBalancer",
    "Management",
    "OutputMode",
    "Places",
    "Probe",
    "ProbeType",
    "Protocol",
    "ProxyAcceptance",
    "Rollout",
    "RouteBackend",
    "Routing",
    "Service",
    "ServicePort",
    "Suppression",
    "Tenant",
    "Tls",
    "TrafficPolicy",
    "TrustedProxies",
    "Version",
    "Wish",
    "Workload",
    "stand_in_uid",
]
