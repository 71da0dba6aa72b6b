"""What is known to go wrong is told by a rule, decided by the plan, or not sayable.

The rows: R1 to R45 and K1 to K10 of facts/cilium-and-lb.md; S3.1 and so on are what
sections 3 to 11 of facts/backends-and-envoy.md say, N1 to N8 the list of its section
12; B1 and so on are facts/kubelb.md.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from kubelb_gen.checks import RULES


class Told(NamedTuple):
    """By the rules of these ids."""

    rules: tuple[str, ...]


class Decided(NamedTuple):
    """By the plan, or by a renderer that writes it: no spec can have it wrong."""

    how: str


class Unsayable(NamedTuple):
    """A spec has no word for it, or its schema refuses the word."""

    why: str


Answer = Told | Decided | Unsayable


def by(*rules: str) -> Told:
    return Told(rules)


NO_ANNOTATION_MODE = Unsayable("bpf.lbModeAnnotation is never written")
NO_XDP = Unsayable("XDP acceleration is no part of a spec, and is not written")
UNSEEN = Unsayable("a matter of the running cluster")

FACTS: dict[str, Answer] = {
    "R1 DSR without kube-proxy replacement": Decided("kubeProxyReplacement: true"),
    "R2 mode": Unsayable("the schema has snat, dsr, hybrid"),
    "R3 DSR through VXLAN": Decided("tunnelProtocol: geneve comes with DSR"),
    "R4 tunnel and dispatch": by("cilium-dispatch-needs-native"),
    "R5 Geneve dispatch and tunnel protocol": Decided("written together"),
    "R6 opt needs native": by("cilium-dispatch-needs-native"),
    "R7 ipip": Unsayable("the schema has opt and geneve"),
    "R8 lbModeAnnotation before 1.17": by("annotation-without-effect"),
    "R9 lbModeAnnotation and hybrid": NO_ANNOTATION_MODE,
    "R10 lbModeAnnotation in 1.17": NO_ANNOTATION_MODE,
    "R11 lbModeAnnotation and dispatch": NO_ANNOTATION_MODE,
    "R12 native routing's CIDR": by("cilium-native-cidr-missing"),
    "R13 the same for IPv6": Decided("ipv6 is enabled with its CIDR alone"),
    "R14 autoDirectNodeRoutes and tunnel": by("cilium-native-setting-unused"),
    "R15 routes to pods": by("cilium-pod-routes-unstated"),
    "R16 API server": by("cilium-api-server-missing"),
    "R17 eBPF masquerading and KPR": Decided("written together"),
    "R18 eBPF masquerading on ENI": Decided("enableIPv4Masquerade from 1.18"),
    "R19 Geneve without eBPF masquerading": Decided("bpf.masquerade with Geneve"),
    "R20 large UDP": by("cilium-dsr-udp-mtu"),
    "R21 XDP devices": NO_XDP,
    "R22 XDP and IPv6 underlay": NO_XDP,
    "R23 XDP and WireGuard": NO_XDP,
    "R24 XDP and Geneve": NO_XDP,
    "R25 IPsec": Unsayable("encryption is no part of a spec"),
    "R26 NAT46": Unsayable("nat46x64Gateway is no part of a spec"),
    "R27 highScaleIPcache": Unsayable("highScaleIPcache is no part of a spec"),
    "R28 rp_filter": UNSEEN,
    "R29 TCP Fast Open": UNSEEN,
    "R30 one backend, several VIPs": Unsayable("an Envoy port twice: port-in-use"),
    "R31 DSR under Local": by("cilium-dsr-idle"),
    "R32 hostNetwork and Geneve": Unsayable("KubeLB's pods are KubeLB's own matter"),
    "R33 IPv6-only": by("client-ip-broken"),
    "R34 AWS and DSR": by("cilium-dsr-cloud"),
    "R35 cloud fabric and opt": by("cilium-dsr-cloud"),
    "R36 Azure and DSR": by("cilium-dsr-cloud"),
    "R37 stateful firewalls": by("cilium-dsr-cloud"),
    "R38 L2 announcements and Local": by("client-ip-broken", "cilium-version-unstated"),
    "R39 endpoints without a node name": UNSEEN,
    "R40 old words of kubeProxyReplacement": Decided("a boolean is written"),
    "R41 strings for booleans": Decided("booleans are written"),
    "R42 forwarding-mode on a live Service": by("annotation-without-effect"),
    "R43 snat to dsr on a live cluster": Unsayable("a change: rollout's to tell"),
    "R44 a backend removed under DSR": UNSEEN,
    "R45 AKS and Geneve": by("cilium-aks-geneve"),
    "K1 proxying, can send PROXY": by("reserved-annotation", "callers-in-cluster"),
    "K2 proxying, cannot": by("client-ip-lost"),
    "K3 two senders of PROXY": by("client-ip-broken", "reserved-annotation"),
    "K4 PROXY on both sides of the edge": Decided("annotation and policy together"),
    "K5 Local on the edge": by("client-ip-lost"),
    "K6 the address short-cut": by("public-address-short-cut", "callers-in-cluster"),
    "K7 DSR behind a proxy": by("cilium-dsr-useless"),
    "K8 PROXY for some ports": by("client-ip-broken"),
    "K9 Local and health checks": by("load-balancer-health-checks"),
    "K10 PROXY and health checks": by("load-balancer-health-checks"),
    "S3.1 real_ip_header alone": by("trust-ranges-missing"),
    "S3.2 a range that matches nobody": by("client-ip-broken"),
    "S3.3 a range that matches some": by("trust-range-narrow"),
    "S3.4 plain and PROXY on one port": by("listener-conflict"),
    "S3.5 NGINX sends v1 from stream alone": by("upstream-proxy-unsupported"),
    "S3.6 $proxy_protocol_addr, return, appended X-Forwarded-For": Decided("templates"),
    "S3.7 host bits, a whole internet": Unsayable("refused: host-bits, all of it"),
    "S4.1 a header waited for in vain": by("client-ip-broken", "callers-in-cluster"),
    "S4.2 order of HAProxy's rules": Decided("the guard is in tcp-request connection"),
    "S5.1 the first entry": by("client-ip-forgeable"),
    "S5.2 X-Real-IP and the like": by("client-ip-forgeable"),
    "S5.3 X-Envoy-External-Address behind a CDN": by("client-ip-lost"),
    "S5.4 a place without onlyWayIn": by("client-ip-forgeable", "edge-can-be-lied-to"),
    "S5.5 a walk that stops at the edge": by("client-ip-lost", "trust-ranges-missing"),
    "S5.6 TLS, TCP and UDP routes": by("client-ip-lost"),
    "S5.7 TLS behind a plain route": by("tls-behind-plain-route"),
    "S5.8 who reaches the program past Envoy": by("peers-unguarded"),
    "S5.9 gRPC and TLS to a plain listener": by("route-not-served"),
    "S6.1 a header to Redis, PostgreSQL, OpenSSH": by("client-ip-broken"),
    "S6.2 v1 alone (H2O)": by("client-ip-broken"),
    "S6.3 a program that tells a header by itself": by("client-ip-forgeable"),
    "S6.4 the flip": Unsayable("a change: rollout's to tell"),
    "S7.1 httpGet on a PROXY port": by("probe-refused"),
    "S7.2 a probe's own port, taken": by("listener-conflict"),
    "S7.3 tcpSocket on UDP": by("probe-refused"),
    "S8.1 pins that believe strangers": by("trust-range-wide", "trust-range-public"),
    "S8.2 what cannot be written": by("not-written-yet", "fragment-unsupported"),
    "S8.3 Caddy's one block for all ports": by("caddy-ports-differ"),
    "S9.1 who the peer is": by("trust-ranges-missing"),
    "S9.2 a peer that is also a client": by("trust-range-shared", "callers-can-forge"),
    "S10.1 UDP past Envoy": by("client-ip-lost"),
    "S10.2 UDP and Local": by("udp-loses-datagrams"),
    "S10.3 UDP, Local and affinity": by("affinity-loses-clients"),
    "S10.4 programs that forward no UDP": by("udp-not-forwarded"),
    "S11.1 fields by release": Decided("gates of Envoy Gateway"),
    "S11.2 numTrustedHops 0": Decided("no policy instead"),
    "S11.3 the sync": by("policy-sync-off"),
    "S11.4 one Gateway in CE": by("one-gateway-per-tenant"),
    "S11.5 the edge believes the client": by("edge-can-be-lied-to"),
    "S11.6 customHeader, disableXForwardedForAppend": Decided("never written"),
    "N1 pairs and ranges": by("trust-ranges-missing"),
    "N2 guard, probe, log": by("probe-refused"),
    "N3 rollout": Unsayable("a change: rollout's to tell"),
    "N4 HTTP health checks": by("health-check-blind", "health-check-without-header"),
    "N5 place from the right": by("client-ip-forgeable", "client-ip-lost"),
    "N6 policies": Decided("none for no proxies, trustedCIDRs, never 0"),
    "N7 UDP and PROXY, both senders": by("client-ip-broken", "pin-without-effect"),
    "N8 quoting": Decided("every string is quoted"),
    "B1 the annotation before 1.3.2": by("client-ip-lost", "pin-without-effect"),
    "B2 affinity before 1.5": by("affinity-not-followed"),
    "B3 affinity by source": by("affinity-behind-snat"),
    "B4 health-check annotations": by("annotation-without-effect"),
    "B5 annotations do not flow": by("annotation-not-propagated"),
    "B6 a Tenant's list replaces Config's": by("tenant-list-replaces"),
    "B7 annotations are never removed": by("proxy-stays-on"),
    "B8 0.0.0.0": by("client-ip-broken"),
    "B9 what nobody has verified": by("provider-unverified"),
    "B10 ports of the API server's range": Unsayable("the loader's: node-port-range"),
}

# About our own files and values, whatever the world outside does.
OURS = {
    "cilium-platform-routing",
    "cilium-version-unsupported",
    "facts-missing",
    "grammar-refused",
    "mount-unusable",
    "object-name-taken",
    "unknown-fact",
}


@pytest.mark.parametrize(("letter", "last"), [("R", 45), ("K", 10), ("N", 8)])
def test_no_row_of_the_facts_is_left_out(letter: str, last: int) -> None:
    rows = [fact.split()[0] for fact in FACTS]

    assert [f"{letter}{number}" for number in range(1, last + 1)] == [
        row for row in rows if row.startswith(letter)
    ]


def test_every_section_about_what_goes_wrong_has_rows() -> None:
    sections = {fact.split(".")[0] for fact in FACTS if fact.startswith("S")}

    assert sections == {f"S{number}" for number in range(3, 12)}


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_is_told_by_rules_that_exist_or_has_a_reason(fact: str) -> None:
    answer = FACTS[fact]

    if isinstance(answer, Told):
        assert answer.rules
        assert RULES.keys() >= set(answer.rules)
    else:
        assert answer[0]


def test_every_rule_tells_a_fact() -> None:
    told = {
        rule
        for answer in FACTS.values()
        if isinstance(answer, Told)
        for rule in answer.rules
    }

    assert RULES.keys() - told == OURS
