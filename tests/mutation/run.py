"""Flips each decision of the path model, one at a time, and shows that tests catch it.

    python tests/mutation/run.py [WORD]

Works on a copy; with WORD only flips whose name has it.  Exit 1 when a flip survives.
Not part of the suite: every flip is a run of the trace's tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRACE = "kubelb_gen/trace"
COPIED = ("kubelb_gen", "tests", "schemas", "templates", "examples", "pyproject.toml")
TESTS = (
    "tests/unit/trace",
    "tests/property/test_forging.py",
    "tests/property/test_an_unmet_wish_and_the_verdict_never_disagree.py",
)


@dataclass(frozen=True, slots=True)
class Flip:
    """One decision, and its opposite: *old* stands in *file* once."""

    name: str
    file: str
    old: str
    new: str


FLIPS = (
    # The load balancer.
    Flip(
        "a proxying balancer keeps the source",
        "load_balancer.py",
        "source = before.replaced(Role.LOAD_BALANCER, Snat.LOAD_BALANCER)",
        "source = before",
    ),
    Flip(
        "a passing balancer replaces the source",
        "load_balancer.py",
        "if hop.kind is not LoadBalancerClass.PROXYING:",
        "if hop.kind is LoadBalancerClass.VIP:",
    ),
    Flip(
        "PROXY names the balancer, not whom it saw",
        "load_balancer.py",
        "claim = Claim(flow.source, Role.LOAD_BALANCER)\n        after = after.behind",
        "claim = Claim(Named(Role.LOAD_BALANCER), Role.LOAD_BALANCER)\n"
        "        after = after.behind",
    ),
    Flip(
        "a balancer never sends PROXY",
        "load_balancer.py",
        "if hop.sends is not None and flow.protocol is Protocol.TCP:",
        "if False:",
    ),
    Flip(
        "a balancer sends PROXY over UDP",
        "load_balancer.py",
        "if hop.sends is not None and flow.protocol is Protocol.TCP:",
        "if hop.sends is not None:",
    ),
    Flip(
        "every balancer carries UDP",
        "load_balancer.py",
        "if flow.protocol is Protocol.UDP and not hop.carries_udp:",
        "if False:",
    ),
    Flip(
        "a counted balancer writes no X-Forwarded-For",
        "load_balancer.py",
        "if hop.writes_forwarded_for:",
        "if False:",
    ),
    # Outer proxies.
    Flip(
        "outer proxies append nothing",
        "outer_proxies.py",
        "if hop.http:\n            after",
        "if False:\n            after",
    ),
    Flip(
        "outer proxies read the bytes of other routes",
        "outer_proxies.py",
        "if hop.http:\n            after",
        "if True:\n            after",
    ),
    # kube-proxy and Cilium.
    Flip(
        "Local masquerades",
        "kube_proxy.py",
        "if hop.policy is TrafficPolicy.LOCAL:\n        return local",
        "if False:\n        return local",
    ),
    Flip(
        "Cluster keeps the source",
        "kube_proxy.py",
        "flow=flow.sent_by(flow.source.replaced(hop.node, hop.at)),",
        "flow=flow,",
    ),
    Flip(
        "Local works everywhere",
        "kube_proxy.py",
        "if hop.local_fails is not None:",
        "if False:",
    ),
    Flip(
        "a tenant's Local says nothing of nodes without a pod",
        "kube_proxy.py",
        "if hop.node is Role.TENANT_NODE:",
        "if False:",
    ),
    Flip(
        "UDP loses nothing on nodes without a pod",
        "kube_proxy.py",
        "if flow.protocol is Protocol.UDP:",
        "if False:",
    ),
    Flip(
        "a DaemonSet changes nothing",
        "kube_proxy.py",
        "if hop.every_node:",
        "if False:",
    ),
    Flip(
        "DSR masquerades",
        "cilium.py",
        "if hop.keeps_source:",
        "if False:",
    ),
    Flip(
        "Cilium's SNAT keeps the source",
        "cilium.py",
        "if hop.keeps_source:",
        "if True:",
    ),
    Flip(
        "hybrid is DSR for UDP too",
        "nodes.py",
        "return protocol is Protocol.TCP",
        "return True",
    ),
    Flip(
        "hybrid is SNAT for TCP too",
        "nodes.py",
        "return protocol is Protocol.TCP",
        "return False",
    ),
    # Callers in the cluster.
    Flip(
        "a short cut is never masqueraded",
        "cluster_ip.py",
        "if hop.masquerades:",
        "if False:",
    ),
    Flip(
        "a short cut under Local is masqueraded",
        "port_chain.py",
        "masquerades=cluster and self.tenant.tenant.cilium is None,",
        "masquerades=True,",
    ),
    Flip(
        "ipMode Proxy is a short cut",
        "journeys.py",
        'return provider.ip_mode_with_proxy == "VIP"',
        "return True",
    ),
    Flip(
        "ipMode VIP leaves the cluster",
        "journeys.py",
        'return provider.ip_mode == "VIP"',
        "return False",
    ),
    Flip(
        "a host name is short-cut",
        "journeys.py",
        'return provider.source == "spec"',
        "return True",
    ),
    Flip(
        "an unknown balancer's address is not short-cut",
        "journeys.py",
        'return provider.source == "spec"',
        "return False",
    ),
    Flip(
        "a pod leaves its cluster with its own address",
        "caller_node.py",
        "flow=flow.sent_by(flow.source.replaced(Role.TENANT_NODE, Snat.TENANT_NODE)),",
        "flow=flow,",
    ),
    Flip(
        "a foreign program enforces what we derive",
        "port_chain.py",
        "if kind is not BackendKind.OTHER:",
        "if True:",
    ),
    Flip(
        "a foreign program's pinned ranges count for nothing",
        "port_chain.py",
        "return (backend.trusted_cidrs or ()) if backend is not None else ()",
        "return ()",
    ),
    Flip(
        "whom Envoy refuses is the backend's peer",
        "kubelb_envoy.py",
        "return refused(_behind_it(flow), why)",
        "return refused(flow, why)",
    ),
    Flip(
        "pods get the header port in spite of plain",
        "port_chain.py",
        "if self.port.port.plain_port is None:",
        "if True:",
    ),
    # KubeLB's Envoy.
    Flip(
        "KubeLB's Envoy listens over IPv6",
        "kubelb_envoy.py",
        "if hop.serving is Serving.LAYER_4 and flow.over_ipv6:",
        "if False:",
    ),
    Flip(
        "translated IPv6 is refused",
        "load_balancer.py",
        "        protocol=flow.protocol,\n        headers",
        "        protocol=flow.protocol,\n        over_ipv6=flow.over_ipv6,\n"
        "        headers",
    ),
    Flip(
        "IPv6 at layer 7 is refused",
        "kubelb_envoy.py",
        "if hop.serving is Serving.LAYER_4 and flow.over_ipv6:",
        "if flow.over_ipv6:",
    ),
    Flip(
        "the annotation is ignored",
        "kubelb_envoy.py",
        "if hop.writes_proxy and flow.protocol",
        "if False and flow.protocol",
    ),
    Flip(
        "the annotation is heeded over UDP",
        "kubelb_envoy.py",
        "and flow.protocol is Protocol.TCP and not",
        "and not",
    ),
    Flip(
        "Envoy replaces the balancer's header",
        "kubelb_envoy.py",
        "return _left(flow.behind(header), hop, why)",
        "return _left(replace(flow, headers=(header,)), hop, why)",
    ),
    Flip(
        "Envoy's header goes behind the balancer's",
        "kubelb_envoy.py",
        "return _left(flow.behind(header), hop, why)",
        "return _left(replace(flow, headers=(*flow.headers, header)), hop, why)",
    ),
    Flip(
        "an old KubeLB heeds the annotation",
        "port_chain.py",
        "writes_proxy=self.service.proxy_annotation and heeded,",
        "writes_proxy=self.service.proxy_annotation,",
    ),
    Flip(
        "an old KubeLB copies the policy",
        "port_chain.py",
        "if self.plan.fleet.kubelb.version < gates.KUBELB_PROXY_PROTOCOL:",
        "if False:",
    ),
    Flip(
        "Envoy keeps the source past SNAT#2",
        "kubelb_envoy.py",
        "return flow.sent_by(flow.source.replaced(Role.MANAGEMENT_EGRESS, Snat.ENVOY))",
        "return flow",
    ),
    Flip(
        "KubeLB's Envoy appends nothing to X-Forwarded-For",
        "kubelb_envoy.py",
        "after = after.forwarded(Claim(flow.source, Role.ENVOY_POD))",
        "after = after",
    ),
    Flip(
        "X-Envoy-External-Address is Envoy's own peer",
        "kubelb_envoy.py",
        "external = last or Claim(flow.source, Role.ENVOY_POD)",
        "external = Claim(flow.source, Role.ENVOY_POD)",
    ),
    Flip(
        "X-Envoy-External-Address is the first entry",
        "kubelb_envoy.py",
        "last = flow.forwarded_for[-1] if",
        "last = flow.forwarded_for[0] if",
    ),
    Flip(
        "before 1.3 KubeLB's Envoy reads requests",
        "route_chain.py",
        "if self.speaks_http and speaks:",
        "if self.speaks_http:",
    ),
    Flip(
        "TLS backends are read as requests",
        "route_chain.py",
        " and target.protocol not in TLS_PROTOCOLS",
        "",
    ),
    # The edge.
    Flip(
        "the edge appends its own address",
        "edge.py",
        "claim = Claim(seen, Role.EDGE_PROXY)",
        "claim = Claim(source, Role.EDGE_PROXY)",
    ),
    Flip(
        "the edge drops what came before",
        "edge.py",
        "after = flow.forwarded(claim)",
        "after = replace(flow, forwarded_for=(claim,))",
    ),
    Flip(
        "the edge takes a PROXY header that it does not read",
        "edge.py",
        "if flow.headers and hop.http:",
        "if False:",
    ),
    Flip(
        "an edge that wants PROXY serves without",
        "edge.py",
        "if not flow.headers:\n        why",
        "if False:\n        why",
    ),
    Flip(
        "the edge names its peer in spite of PROXY",
        "edge.py",
        "_sent(after, hop, first.claim.named,",
        "_sent(after, hop, flow.source,",
    ),
    Flip(
        "the edge takes two PROXY headers",
        "edge.py",
        "if others and hop.http:",
        "if False:",
    ),
    Flip(
        "an edge that detects proxies overwrites the external address",
        "edge.py",
        "if not hop.detects:",
        "if True:",
    ),
    Flip(
        "an edge that detects none leaves the external address",
        "edge.py",
        "if not hop.detects:",
        "if False:",
    ),
    Flip(
        "the edge's connection keeps its source",
        "edge.py",
        "source = flow.source.replaced(Role.EDGE_PROXY, Snat.ENVOY)",
        "source = flow.source",
    ),
    Flip(
        "the tenant's policy reaches the NodePort copy",
        "route_chain.py",
        "self.tenant.tenant.cilium, self.protocol, TrafficPolicy.CLUSTER",
        "self.tenant.tenant.cilium, self.protocol, TrafficPolicy.LOCAL",
    ),
    Flip(
        "a balancer is never one of the trusted proxies",
        "route_chain.py",
        "balancer.kind is LoadBalancerClass.PROXYING\n            and",
        "False\n            and",
    ),
    # The backends.
    Flip(
        "who waits for a header serves without",
        "backends/receiving.py",
        "if hop.waits and not flow.headers:",
        "if False:",
    ),
    Flip(
        "programs of kind other always wait",
        "nodes.py",
        "return backend.kind is not BackendKind.OTHER or backend.proxy_protocol ==",
        'return True or "required" ==',
    ),
    Flip(
        "a header that nobody expects is ignored",
        "backends/receiving.py",
        "if flow.headers:\n        why",
        "if False:\n        why",
    ),
    Flip(
        "guards let everybody in",
        "backends/receiving.py",
        "if hop.guarded and peer and",
        "if False and peer and",
    ),
    Flip(
        "two headers are one too few",
        "backends/receiving.py",
        "if others:\n        why",
        "if False:\n        why",
    ),
    Flip(
        "versions never mismatch",
        "backends/receiving.py",
        "if first.version not in readable:",
        "if False:",
    ),
    Flip(
        "NGINX reads version 2 alone",
        "backends/nginx.py",
        "_READABLE = frozenset(ProxyVersion)",
        "_READABLE = frozenset({ProxyVersion.V2})",
    ),
    Flip(
        "HAProxy reads version 2 alone",
        "backends/haproxy.py",
        "_READABLE = frozenset(ProxyVersion)",
        "_READABLE = frozenset({ProxyVersion.V2})",
    ),
    Flip(
        "the backend reads the second header",
        "backends/receiving.py",
        "first, *others = flow.headers",
        "*others, first = flow.headers",
    ),
    Flip(
        "entries are counted from the left",
        "backends/receiving.py",
        "claim = flow.forwarded_for[-from_right]",
        "claim = flow.forwarded_for[from_right - 1]",
    ),
    Flip(
        "the walk goes from the left",
        "backends/receiving.py",
        "for claim in reversed(flow.forwarded_for):",
        "for claim in flow.forwarded_for:",
    ),
    Flip(
        "the walk stops at once",
        "backends/receiving.py",
        "if not hop.ranges.passes(claim.named.role, trusted):",
        "if True:",
    ),
    Flip(
        "the walk passes whom the spec has no place for",
        "ranges.py",
        "if role is None or role not in self.by_role:\n            return False",
        "if role is None or role not in self.by_role:\n            return True",
    ),
    Flip(
        "one covered network is cover enough",
        "ranges.py",
        "return all(",
        "return not self.by_role[role] or any(",
    ),
    Flip(
        "the first entry is the last",
        "backends/other.py",
        "claim = flow.forwarded_for[0]",
        "claim = flow.forwarded_for[-1]",
    ),
    Flip(
        "a connection without a byte is judged by its header",
        "backends/receiving.py",
        "if flow.connect_only:\n        return by_peer",
        "if False:\n        return by_peer",
    ),
    Flip(
        "tcpSocket asks for something",
        "journeys.py",
        "connect_only=not asks",
        "connect_only=False",
    ),
    Flip(
        "probes always ask the serving port",
        "journeys.py",
        "serving = probe is None or probe.port in (None, _listen(chain))",
        "serving = True",
    ),
    Flip(
        "pods are no part of the tenant's ranges",
        "nodes.py",
        "known[Role.CLIENT] = tenant.tenant.internal_cidrs",
        "known[Role.CLIENT] = egress",
    ),
    # Lies.
    Flip(
        "nobody tries a PROXY header of its own",
        "lies.py",
        "for place, header in _HEADERS.items():",
        "for place, header in {}.items():",
    ),
    Flip(
        "nobody writes X-Forwarded-For",
        "lies.py",
        "entries = (_CLAIM,) * _deepest(chain)",
        "entries = ()",
    ),
    Flip(
        "one forged entry has to do",
        "lies.py",
        "entries = (_CLAIM,) * _deepest(chain)",
        "entries = (_CLAIM,)",
    ),
    Flip(
        "nobody writes other headers",
        "lies.py",
        "for name, shown in _fields(chain):",
        "for name, shown in ():",
    ),
    Flip(
        "nobody walks around the proxies",
        "lies.py",
        "if proxies.count == 0 or proxies.only_way_in:",
        "if True:",
    ),
    Flip(
        "onlyWayIn is not believed",
        "lies.py",
        "if proxies.count == 0 or proxies.only_way_in:",
        "if proxies.count == 0:",
    ),
    # The verdict.
    Flip(
        "broken is not said",
        "engine.py",
        "if clean.named is None:\n        return Verdict.BROKEN",
        "if clean.named is None:\n        return Verdict.LOST",
    ),
    Flip(
        "forgeable comes before broken",
        "engine.py",
        "if clean.named is None:\n        return Verdict.BROKEN",
        "if clean.named is None and not any(each.believed for each in lies):\n"
        "        return Verdict.BROKEN",
    ),
    Flip(
        "forging is no part of the verdict",
        "engine.py",
        "if any(each.believed for each in lies):",
        "if False:",
    ),
    Flip(
        "whoever arrives is the client",
        "engine.py",
        "and clean.named.role is not Role.CLIENT:",
        "and clean.named.role is None:",
    ),
    Flip(
        "probes are judged as clients",
        "engine.py",
        "if journey.kind is FlowKind.TRAFFIC and clean",
        "if clean",
    ),
    Flip(
        "the last replacement is where the client is lost",
        "flow.py",
        "return Named(by, self.lost_at or at)",
        "return Named(by, at)",
    ),
    Flip(
        "HTTP backends hand on their own address",
        "engine.py",
        "return Application.BY_HEADER",
        "return Application.BACKEND_ADDRESS",
    ),
    Flip(
        "passing PROXY on tells the application nothing",
        "engine.py",
        "if backend.upstream_proxy_protocol is not ProxyAcceptance.NONE:",
        "if False:",
    ),
)


def caught(flip: Flip, copy: Path) -> bool:
    """Return whether the tests fail on *copy* with *flip* made."""
    file = copy / TRACE / flip.file
    text = file.read_text(encoding="utf-8")
    if text.count(flip.old) != 1:
        sys.exit(f"{flip.name}: {text.count(flip.old)} places in {flip.file}")
    changed = text.replace(flip.old, flip.new)
    if "replace(" in flip.new and "import replace" not in changed:
        changed = changed.replace(
            "from dataclasses import dataclass",
            "from dataclasses import dataclass, replace",
        )
    file.write_text(changed, encoding="utf-8")
    try:
        return not passes(copy)
    finally:
        file.write_text(text, encoding="utf-8")


def passes(copy: Path) -> bool:
    """Return whether the tests pass on *copy*."""
    options = ("-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *TESTS],
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)},
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def main(word: str = "") -> int:
    """Make every flip whose name has *word*; return the exit code."""
    flips = [flip for flip in FLIPS if word in flip.name]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, copy / name, ignore=ignored)
            else:
                shutil.copy(source, copy / name)
        if not passes(copy):
            sys.exit("the tests fail without any flip")
        survivors = [flip for flip in flips if not told(flip, caught(flip, copy))]
    print(f"{len(flips) - len(survivors)} of {len(flips)} flips caught")  # noqa: T201
    return 1 if survivors else 0


def told(flip: Flip, was_caught: bool) -> bool:
    """Say what became of *flip*, and return it."""
    print(f"{'caught  ' if was_caught else 'SURVIVED'}  {flip.name}", flush=True)  # noqa: T201
    return was_caught


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:2]))
