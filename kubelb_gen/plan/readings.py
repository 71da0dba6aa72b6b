"""What a program of kind `other` takes for the client, given how it says it reads.

The entries of X-Forwarded-For, from the right: the edge's pod (since KubeLB 1.3.0),
the proxies in front of the edge, the client, and whatever the client wrote.  Behind an
edge that replaces the list the client comes right before the edge, and nothing is left
of it; ingress-nginx overwrites X-Real-IP too.
"""

from kubelb_gen.model import EdgeKind, Fleet, Gateway, HeaderReading
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import gates
from kubelb_gen.plan.edges import behind
from kubelb_gen.plan.facts import EdgePlan, Unmet
from kubelb_gen.plan.ranges import within
from kubelb_gen.plan.verdicts import forgeable, lost

EXTERNAL_ADDRESS = "X-Envoy-External-Address"
FORWARDED_FOR = "X-Forwarded-For"
REAL_IP = "X-Real-IP"
BY_ADDRESS = (
    "let the backend walk X-Forwarded-For by address (kind nginx) with "
    "trustedProxies.cidrs"
)
_ONLY_WAY_IN = (
    "let a firewall admit nobody but the trusted proxies to the edge, and say "
    "onlyWayIn: true"
)


def misread(
    fleet: Fleet,
    gateway: Gateway,
    edge: EdgePlan,
    reads: HeaderReading | None,
    place: int,
) -> Unmet | None:
    """Say what is wrong with *reads* where the client is at *place* from the right."""
    if reads is None or reads.peer:
        return lost(
            "the backend takes its peer for the client, and that is a node of its own "
            "cluster (SNAT#3)",
            f"let it read entry {place} from the right of {FORWARDED_FOR}",
        )
    name = (reads.header or FORWARDED_FOR).lower()
    listed = behind(edge, gateway)
    if edge.edge.kind is EdgeKind.INGRESS_NGINX and name == REAL_IP.lower():
        return _misread_real_ip(listed, place)
    # A list that the edge has replaced begins with the client.
    if reads.first and not (edge.replaces and name == FORWARDED_FOR.lower()):
        return forgeable(
            f"the first entry of {reads.header} is whatever the client wrote",
            f"read entry {place} from the right instead",
        )
    if name == EXTERNAL_ADDRESS.lower():
        return _misread_external_address(fleet, listed, place)
    if name == FORWARDED_FOR.lower():
        return _misread_list(fleet, listed, edge, reads, place)
    return forgeable(
        f"nothing on the path overwrites {reads.header}: the client writes it",
        f"read entry {place} from the right of {FORWARDED_FOR}",
    )


def past_the_proxies(gateway: Gateway, place: int) -> Unmet | None:
    """Say that entry *place* can be written by who walks around trusted proxies."""
    proxies = gateway.trusted_proxies
    if not proxies.count or proxies.only_way_in:
        return None
    return forgeable(
        f"entry {place} from the right is written by the path only behind "
        f"{proxies.count} trusted proxies: whoever reaches the edge past them writes "
        "that entry",
        _ONLY_WAY_IN,
        BY_ADDRESS,
    )


def misread_without_header(reads: HeaderReading | None) -> Unmet | None:
    """Say that nothing on the path writes what *reads* reads, so that a client can."""
    if reads is None or reads.peer:
        return None
    return forgeable(
        "KubeLB passes the bytes on unread here, so nobody but the client writes "
        f"{reads.header}",
        "let the backend take its peer, and say clientIP: ignored with because",
    )


def _misread_by_place(gateway: Gateway, read: int, place: int) -> Unmet | None:
    proxies = gateway.trusted_proxies
    if place - proxies.count < read < place and not proxies.only_way_in:
        return past_the_proxies(gateway, read)
    if read < place:
        return lost(
            f"entry {read} from the right is a proxy's address; the client's is entry "
            f"{place}",
            f"read entry {place} from the right",
        )
    if read > place:
        return forgeable(
            f"entry {read} from the right is the client's to write; its own address is "
            f"entry {place}",
            f"read entry {place} from the right",
        )
    return past_the_proxies(gateway, place)


def _misread_list(
    fleet: Fleet, listed: Gateway, edge: EdgePlan, reads: HeaderReading, place: int
) -> Unmet | None:
    if reads.cidrs:
        return _misread_by_walk(fleet, listed, reads.cidrs)
    read = reads.from_right or place
    if not edge.replaces or read <= place:
        return _misread_by_place(listed, read, place)
    return lost(
        f"the edge replaces {FORWARDED_FOR}, so that it has no entry {read} from the "
        f"right; the client's address is entry {place}",
        f"read entry {place} from the right",
    )


def _misread_real_ip(gateway: Gateway, place: int) -> Unmet | None:
    if not gateway.trusted_proxies.count:
        return None
    return lost(
        f"{REAL_IP} names the proxy in front of the edge, not the client",
        f"read entry {place} from the right of {FORWARDED_FOR}, with onlyWayIn",
        BY_ADDRESS,
    )


def _misread_external_address(
    fleet: Fleet, gateway: Gateway, place: int
) -> Unmet | None:
    if fleet.kubelb.version < gates.KUBELB_HTTP_ROUTES:
        # Envoy Gateway writes it itself as long as it detects no proxies.
        if not gateway.is_ingress and not gateway.trusted_proxies.count:
            return None
        return forgeable(
            f"KubeLB {fleet.kubelb.version} does not write {EXTERNAL_ADDRESS}",
            f"read entry {place} from the right of {FORWARDED_FOR}",
        )
    if gateway.trusted_proxies.count:
        return lost(
            f"{EXTERNAL_ADDRESS} names the proxy in front of the edge, not the client",
            f"read entry {place} from the right of {FORWARDED_FOR}, with onlyWayIn",
            BY_ADDRESS,
        )
    return None


def _misread_by_walk(
    fleet: Fleet, gateway: Gateway, cidrs: tuple[Network, ...]
) -> Unmet | None:
    passed = gateway.trusted_proxies.cidrs if gateway.trusted_proxies.count else ()
    if fleet.kubelb.version >= gates.KUBELB_HTTP_ROUTES:
        passed = (*fleet.management.pod_cidrs, *passed)
    missing = [each for each in passed if not _covered(each, cidrs)]
    if not missing:
        return None
    return lost(
        "the backend's ranges leave out "
        + ", ".join(map(str, missing))
        + ", so it takes a proxy there for the client",
        "add them to reads.cidrs",
    )


def _covered(network: Network, ranges: tuple[Network, ...]) -> bool:
    return any(within(network, each) for each in ranges)
