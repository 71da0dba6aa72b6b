"""Where an application of kind `other` finds the client, in numbers for its own code.

The spec says how it reads, the plan where the client stands and who writes there.  The
first entry is never among the answers: an edge that replaces the list leaves the client
at a place from the right as well.
"""

from collections.abc import Iterator

from kubelb_gen.frozen import dataclass
from kubelb_gen.model import BackendKind, Wish
from kubelb_gen.model.backends import Network
from kubelb_gen.plan.facts import Carrier, Plan, RoutePlan
from kubelb_gen.plan.readings import FORWARDED_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application: the client is an entry of *header*, counted or walked to.

    *from_right* counts from 1, the last entry; where it is None the client is the last
    entry outside *peers* and *ranges*.  Only *peers* may say who the client is.
    """

    tenant: str
    namespace: str
    name: str
    header: str
    from_right: int | None
    peers: tuple[Network, ...]
    ranges: tuple[Network, ...]


def applications(plan: Plan) -> Iterator[Application]:
    """Yield every backend of kind `other` that finds the client in a header, each once.

    Who reads something else there, and may, is none of them.
    """
    found: dict[Application, None] = {}
    for tenant in plan.tenants:
        for gateway in tenant.gateways:
            for route in gateway.routes:
                application = _application(tenant.tenant.name, route)
                if application is not None:
                    found.setdefault(application)
    yield from found


def _application(tenant: str, route: RoutePlan) -> Application | None:
    target, reads = route.backend, route.backend.backend.reads
    if (
        target.backend.kind is not BackendKind.OTHER
        or target.client_ip is Wish.IGNORED
        or route.carrier is not Carrier.HEADER
        or reads is None
        or reads.header is None
    ):
        return None
    listed = reads.header.lower() == FORWARDED_FOR.lower()
    place = reads.from_right
    if reads.first:
        place = route.client_from_right if listed else 1
    return Application(
        tenant=tenant,
        namespace=target.namespace,
        name=target.name,
        header=reads.header,
        from_right=place,
        peers=route.trusted,
        ranges=reads.cidrs,
    )
