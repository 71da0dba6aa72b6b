"""The whole estate: one management cluster and its tenants."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Literal, Protocol

from kubelb_gen.diagnostics import DataPath, Diagnostic
from kubelb_gen.frozen import dataclass
from kubelb_gen.model.backends import Network
from kubelb_gen.model.management import Cilium, Management
from kubelb_gen.model.services import Gateway, Service
from kubelb_gen.model.version import Version


class Places(Protocol):
    """Finds where findings stand in the text; `document.Sources` is one."""

    def placed(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return *diagnostics* with their locations, in the order of the text."""
        ...


# `envoy-<uid>` is the name of a Service, so at most 63 characters.
_MAX_UID = 63 - len("envoy-")


def stand_in_uid(namespace: str, name: str) -> str:
    """Name a Service's UID before the Service exists: `uid-<namespace>-<name>`.

    Shortened with a hash where `envoy-<uid>` would not be a Service name.

    >>> stand_in_uid("default", "web")
    'uid-default-web'
    """
    uid = f"uid-{namespace}-{name}"
    if len(uid) <= _MAX_UID:
        return uid
    digest = hashlib.sha256(f"{namespace}/{name}".encode()).hexdigest()[:8]
    return f"{uid[: _MAX_UID - 9].rstrip('-')}-{digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeLB:
    """The KubeLB release and what its Config already lets through."""

    version: Version
    edition: Literal["CE", "EE"]
    propagated_annotations: Mapping[str, str] = field(default_factory=dict)
    propagate_all_annotations: bool = False
    at: DataPath | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A tenant cluster; *nodes* (addresses or host names) are what Envoy dials.

    *egress_cidrs* is None where management's apply; *unknown* names the fields that
    are said to be.
    """

    name: str
    nodes: tuple[str, ...] = ()
    internal_cidrs: tuple[Network, ...] = ()
    load_balancer: str = "default"
    egress_cidrs: tuple[Network, ...] | None = None
    use_load_balancer_class: bool = False
    cilium: Cilium | None = None
    services: tuple[Service, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    unknown: tuple[str, ...] = ()
    at: DataPath | None = field(default=None, compare=False, repr=False)

    @property
    def kubelb_namespace(self) -> str:
        """KubeLB's namespace for the tenant in the management cluster."""
        return f"tenant-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A rule that the owner accepts, where, and why."""

    rule: str
    reason: str
    tenant: str | None = None
    service: str | None = None
    namespace: str | None = None
    port: str | None = None
    at: DataPath | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Everything that one spec says, from however many files.

    Order is that of names, so that the order of keys and files in the input does not
    matter.  *warnings* are what loading found and could live with; *places* finds a
    node in the text it came from.  *facts_of* is a tenant whose owner has nothing but
    the facts about the management cluster, and writes nothing of it.
    """

    name: str
    kubelb: KubeLB
    management: Management
    tenants: tuple[Tenant, ...]
    namespace: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    suppressions: tuple[Suppression, ...] = ()
    facts_of: str | None = None
    warnings: tuple[Diagnostic, ...] = field(default=(), compare=False)
    places: Places | None = field(default=None, compare=False, repr=False)
