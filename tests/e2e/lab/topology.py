"""The ground that every cell stands on: networks, nodes and kernel NAT.

    client ── lb ──┬── m1 ── pods (Envoy, edge)       t1 ── pod (backend)
                   └── m2          └──── wan ────┴──── t2 ── pod (caller)

`lb` stands between the internet and the management nodes m1 and m2, and does what its
address for the Service says: it routes, replaces the source, or its HAProxy connects
anew.  The nodes have what kube-proxy (iptables mode) programs for a Service of type
LoadBalancer; which policy a Service has is told by the range that its port is in, so
that one ground serves every cell.  Port numbers stay the same through NAT.

Rules of kube-proxy: KUBE-EXT marks for masquerade under `Cluster` and not under
`Local`, where a node without a ready pod drops.  A DSR node is an imitation: it routes
to the node with the pod, which translates the destination alone and answers directly.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.e2e.lab.namespaces import Namespace, cable, namespaces

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT, CLIENT6 = "198.51.100.10", "2001:db8:5::10"
ATTACKER, OUTER_PROXY = "198.51.100.66", "198.51.100.200"
OUTER_PROXIES = "198.51.100.192/26"
LIE = "6.6.6.6"
LOAD_BALANCER = "192.0.2.10"
M1, M2 = "10.1.0.11", "10.1.0.12"
ENVOY_POD, EDGE_POD = "10.1.20.7", "10.1.20.8"
ENVOY_POD6, EDGE_POD6 = "fd00:20::7", "fd00:20::8"
EGRESS, EGRESS2 = "10.3.2.1", "10.3.2.2"
T1, T2 = "10.2.0.21", "10.2.0.22"
BACKEND_POD, CALLER = "10.2.20.7", "10.2.21.5"
CLUSTER_IP = "10.96.0.10"
KUBELET = "10.2.20.1"
TENANT_EGRESS = "198.51.100.130"

# Which address of the Service is used says what the load balancer does.
PASS_M1, PASS_M2, PASS_DSR = "203.0.113.11", "203.0.113.12", "203.0.113.13"
SNAT_M1, SNAT_M2, PROXY = "203.0.113.14", "203.0.113.15", "203.0.113.16"
# One that tenant clusters do not short-cut, as where the status holds a host name.
BY_NAME = "203.0.113.17"
PASS6, PROXY6 = "2001:db8:f::11", "2001:db8:f::16"

ROLES = {
    CLIENT: "client",
    CLIENT6: "client",
    CALLER: "client",
    ATTACKER: "attacker",
    OUTER_PROXY: "outer-proxy",
    LOAD_BALANCER: "load-balancer",
    M1: "management-node",
    M2: "management-node",
    "10.1.20.1": "management-node",
    ENVOY_POD: "envoy-pod",
    EDGE_POD: "edge-proxy",
    EGRESS: "management-egress",
    EGRESS2: "management-egress",
    T1: "tenant-node",
    T2: "tenant-node",
    KUBELET: "tenant-node",
    "10.2.21.1": "tenant-node",
    TENANT_EGRESS: "tenant-node",
    BACKEND_POD: "backend",
    "127.0.0.1": "backend",
    LIE: "lie",
}

# First ports of ranges of 300.
WIDTH = 300
LOCAL, CLUSTER, DSR = 20000, 20300, 20600
EDGE_LOCAL, EDGE_CLUSTER, EDGE_CLOSED = 24000, 24300, 24600
NODE_LOCAL, NODE_CLUSTER = 31000, 31300

_NAMES = ("client", "lb", "wan", "m1", "m2", "t1", "t2", "envoy", "edge", "backend")
_MARK = "-j MARK --set-xmark 0x4000/0x4000"
_MASQUERADE = "-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE"
_FORWARDING = {"ipv4__ip_forward": 1, "ipv6__conf__all__forwarding": 1}

Ground = dict[str, Namespace]


@contextmanager
def ground() -> Iterator[Ground]:
    """The whole of it, empty of programs."""
    with namespaces(*_NAMES, "caller") as made:
        for each in made.values():
            each.set(
                ipv4__conf__all__rp_filter=0,
                ipv4__conf__default__rp_filter=0,
                ipv6__conf__default__accept_dad=0,
            )
        for name in ("lb", "m1", "m2", "t1", "t2"):
            made[name].set(**_FORWARDING)
        _lay_cables(made)
        _lay_pods(made)
        _balance(made["lb"])
        _program_management(made["m1"], made["m2"])
        _program_tenant(made["t1"], made["t2"])
        yield made


def _lay_cables(on: Ground) -> None:
    cable(on["client"], "eth0", on["lb"], "internet")
    on["client"].ip(
        *(f"addr add {each}/24 dev eth0" for each in (CLIENT, ATTACKER, OUTER_PROXY)),
        f"addr add {CLIENT6}/64 dev eth0 nodad",
        "route add default via 198.51.100.1",
        "route add default via 2001:db8:5::1",
    )
    on["lb"].ip(
        "addr add 198.51.100.1/24 dev internet",
        "addr add 2001:db8:5::1/64 dev internet nodad",
        "link add nodes type bridge",
        "link set nodes up",
        "addr add 10.1.0.1/24 dev nodes",
        f"addr add {LOAD_BALANCER}/32 dev nodes",
        "addr add fd00:1::1/64 dev nodes nodad",
    )
    on["wan"].ip("link add wan type bridge", "link set wan up")
    for number, node in enumerate(("m1", "m2"), start=1):
        cable(on[node], "eth0", on["lb"], node)
        on["lb"].ip(f"link set {node} master nodes")
        cable(on[node], "wan0", on["wan"], node)
        on["wan"].ip(f"link set {node} master wan")
        on[node].ip(
            f"addr add 10.1.0.1{number}/24 dev eth0",
            f"addr add fd00:1::1{number}/64 dev eth0 nodad",
            f"addr add 10.3.2.{number}/16 dev wan0",
            "route add default via 10.1.0.1",
            "route add default via fd00:1::1",
            "route add 10.2.0.0/16 dev wan0",
        )
    for node, address in (("t1", T1), ("t2", T2)):
        cable(on[node], "wan0", on["wan"], node)
        on["wan"].ip(f"link set {node} master wan")
        on[node].ip(f"addr add {address}/24 dev wan0", "route add 10.3.0.0/16 dev wan0")


def _lay_pods(on: Ground) -> None:
    for node, address in (
        ("m1", "10.1.20.1"),
        ("t1", "10.2.20.1"),
        ("t2", "10.2.21.1"),
    ):
        on[node].ip(
            "link add cni type bridge",
            "link set cni up",
            f"addr add {address}/24 dev cni",
        )
    on["m1"].ip("addr add fd00:20::1/64 dev cni nodad")
    for pod, node, address in (
        ("envoy", "m1", ENVOY_POD),
        ("edge", "m1", EDGE_POD),
        ("backend", "t1", BACKEND_POD),
        ("caller", "t2", CALLER),
    ):
        cable(on[pod], "eth0", on[node], pod)
        on[node].ip(f"link set {pod} master cni")
        gateway = address.rpartition(".")[0] + ".1"
        on[pod].ip(
            f"addr add {address}/24 dev eth0", f"route add default via {gateway}"
        )
    for pod, address in (("envoy", ENVOY_POD6), ("edge", EDGE_POD6)):
        on[pod].ip(
            f"addr add {address}/64 dev eth0 nodad", "route add default via fd00:20::1"
        )
    # The way of the caller's node to the internet.
    cable(on["t2"], "inet0", on["lb"], "t2")
    on["t2"].ip(
        f"addr add {TENANT_EGRESS}/30 dev inet0", "route add default via 198.51.100.129"
    )
    on["t2"].nat("-A POSTROUTING -s 10.2.0.0/16 -o inet0 -j MASQUERADE")
    on["lb"].ip("addr add 198.51.100.129/30 dev t2")
    on["m2"].ip(f"route add 10.1.20.0/24 via {M1}")
    on["t2"].ip(f"route add 10.2.20.0/24 via {T1}")
    on["t1"].ip(f"route add 10.2.21.0/24 via {T2}")


def _balance(lb: Namespace) -> None:
    """Route the Service's addresses to a node, some of them from an own source."""
    lb.ip(
        *(f"route add {each}/32 via {M1}" for each in (PASS_M1, BY_NAME, SNAT_M1)),
        *(f"route add {each}/32 via {M2}" for each in (PASS_M2, PASS_DSR, SNAT_M2)),
        f"addr add {PROXY}/32 dev nodes",
        f"route add {PASS6}/128 via fd00:1::11",
        f"addr add {PROXY6}/128 dev nodes nodad",
    )
    lb.nat(
        *(
            f"-A POSTROUTING -d {each} -j SNAT --to-source {LOAD_BALANCER}"
            for each in (SNAT_M1, SNAT_M2)
        )
    )
    # The firewall of `onlyWayIn`: nobody but the outer proxies gets to these edges.
    lb.filter(
        f"-A FORWARD -i internet -p tcp --dport {_ports(EDGE_CLOSED)} "
        f"! -s {OUTER_PROXIES} -j REJECT --reject-with tcp-reset"
    )


def _program_management(m1: Namespace, m2: Namespace) -> None:
    pods = (
        (ENVOY_POD, (LOCAL, DSR), (CLUSTER,)),
        (EDGE_POD, (EDGE_LOCAL, EDGE_CLOSED), (EDGE_CLUSTER,)),
    )
    for pod, kept, masqueraded in pods:
        for first in masqueraded:
            for node in (m1, m2):
                node.nat(*_translated(first, pod, masquerade=True))
        for first in kept:
            m1.nat(*_translated(first, pod, masquerade=False))
    for first in (LOCAL, EDGE_LOCAL, EDGE_CLOSED):
        m2.filter(*_dropped(first, "eth0"))
    m2.ip(f"route add {PASS_DSR}/32 via {M1}")
    for node in (m1, m2):
        node.nat(_MASQUERADE)
        # Pods leave the cluster behind their node.
        node.nat("-A POSTROUTING -s 10.1.16.0/20 -d 10.2.0.0/16 -j MASQUERADE")
    for first, pod in ((LOCAL, ENVOY_POD6), (EDGE_LOCAL, EDGE_POD6)):
        m1.nat(
            *_translated(first, pod, masquerade=False, protocols=("tcp",)),
            program="ip6tables",
        )


def _program_tenant(t1: Namespace, t2: Namespace) -> None:
    t1.nat(*_translated(NODE_LOCAL, BACKEND_POD, masquerade=False))
    t2.filter(*_dropped(NODE_LOCAL, "wan0"))
    for node in (t1, t2):
        node.nat(
            # The Service's own address: no masquerade for pods, whatever the policy.
            f"-A PREROUTING -d {CLUSTER_IP} -j DNAT --to-destination {BACKEND_POD}",
            *_translated(NODE_CLUSTER, BACKEND_POD, masquerade=True),
            _MASQUERADE,
            *_short_cut(PASS_M1, LOCAL, NODE_LOCAL),
            *_short_cut(PASS_M2, CLUSTER, NODE_CLUSTER, masquerade=True),
        )


def _translated(
    first: int,
    pod: str,
    *,
    masquerade: bool,
    protocols: tuple[str, ...] = ("tcp", "udp"),
) -> Iterator[str]:
    for protocol in protocols:
        # What another node has translated already is on its way to the pod.
        what = f"-A PREROUTING ! -d {pod} -p {protocol} --dport {_ports(first)}"
        if masquerade:
            yield f"{what} {_MARK}"
        yield f"{what} -j DNAT --to-destination {pod}"


def _short_cut(
    address: str, front: int, node: int, *, masquerade: bool = False
) -> Iterator[str]:
    """What a tenant's kube-proxy makes of a public address whose `ipMode` is VIP.

    Pods that call it get to a pod at once: under `Local` as themselves, under `Cluster`
    masqueraded like whoever calls an external address.
    """
    what = f"-A PREROUTING -d {address} -p tcp --dport {_ports(front)}"
    if masquerade:
        yield f"{what} {_MARK}"
    to = f"{BACKEND_POD}:{node}-{node + WIDTH - 1}/{front}"
    yield f"{what} -j DNAT --to-destination {to}"


def _dropped(first: int, device: str) -> Iterator[str]:
    for chain in ("INPUT", "FORWARD"):
        for protocol in ("tcp", "udp"):
            what = f"-i {device} -p {protocol} --dport {_ports(first)}"
            yield f"-A {chain} {what} -j DROP"


def _ports(first: int) -> str:
    return f"{first}:{first + WIDTH - 1}"
