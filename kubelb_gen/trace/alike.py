"""Which ports have paths that mean the same, so that one of them need be walked.

A fleet has thousands of ports and few kinds of them.  Everything that is decided of a
port is a part of its shape, but for what no hop looks at: names and labels, the numbers
of Service ports and node ports, and annotations, which say in the cluster what the
facts beside them say here.
"""

import dataclasses
from collections.abc import Callable, Hashable
from operator import attrgetter

from kubelb_gen.model import Service, ServicePort
from kubelb_gen.plan import BalancerFacts, PortPlan, ServicePlan
from kubelb_gen.trace.lies import Chain
from kubelb_gen.trace.port_chain import PortChain

_LABELS = {"selector", "labels", "annotations"}


def _all_but(kind: type, *names: str) -> Callable[[object], tuple[object, ...]]:
    # What a later release adds to a value counts, unless somebody takes it out here.
    fields = [each.name for each in dataclasses.fields(kind)]
    return attrgetter(*(name for name in fields if name not in names))


_service_plan = _all_but(
    ServicePlan,
    *("tenant", "service", "balancer", "ports"),
    *("annotations", "uid", "uid_is_stand_in", "expected"),
)
_service = _all_but(Service, "name", "namespace", "ports", "uid", "at", *_LABELS)
_balancer = _all_but(BalancerFacts, "balancer", "annotations", "sends_on")
_port_plan = _all_but(PortPlan, "port")
_port = _all_but(ServicePort, "name", "port", "node_port", "envoy_port", "at")


def shape_of(chain: Chain) -> Hashable | None:
    """Return what the paths of ports with an equal shape have in common: all they mean.

    None where no port is like another one.  It holds within one plan, which keeps the
    balancers alive that it tells apart by their identity.
    """
    if not isinstance(chain, PortChain):
        return None
    decided, balancer = chain.service, chain.service.balancer
    shape = (
        chain.tenant.tenant.name,
        _service_plan(decided),
        _service(decided.service),
        id(balancer.balancer),
        _balancer(balancer),
        balancer.sends_to(chain.port.port.port),
        _port_plan(chain.port),
        _port(chain.port.port),
    )
    try:
        hash(shape)
    except TypeError:
        return None
    return shape
