"""What really happens to one flow: sent clean, then with every lie a client can tell.

The identity is what the backend tells: in the header that it gives the application, in
its access log, or, where nothing is written for it, what it read by its own rule.
The peer is read off the wire.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.e2e.lab import cells, specs, topology
from tests.e2e.lab.cells import Cell, Subject
from tests.support import loopback, proxy_protocol
from tests.support.applications import HttpApplication, Request, TcpApplication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tests.e2e.lab.namespaces import Namespace
    from tests.e2e.lab.running import Laboratory

_PATIENCE = 2.0
# Under `Local` one datagram in two is lost on purpose.
_DATAGRAM_PATIENCE, _TRIES = 0.2, 12
# Each payload has a length of its own, by which a log line is found again.
_lengths = count(start=16)
_XFF, _EXTERNAL, _REAL = "X-Forwarded-For", "X-Envoy-External-Address", "X-Real-IP"


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One cell as it was seen; *believed* names the lies that were believed."""

    verdict: str
    identity: str | None
    peer: str | None
    application: str | None
    believed: frozenset[str] = frozenset()


def _new_payload() -> bytes:
    length = next(_lengths)
    return f"{length:0>{length}}".encode()


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """How one flow is sent; *around* the proxies in front of the edge, or not."""

    source: str
    around: bool = False
    before: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    payload: bytes = field(default_factory=_new_payload)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Whom the backend took for the client, and what its application learned."""

    identity: str
    application: str


class NotServedError(Exception):
    """The flow had no answer, or the application got something else than was sent."""


def observe(laboratory: Laboratory, cell: Cell) -> Observation:
    """Send *cell*'s flow, clean and forged, and tell what came of it."""
    if cell.flow == cells.KUBELET:
        return _probed(laboratory, cell)
    if cell.flow == cells.HEALTH:
        return _checked(laboratory, cell)
    return _Watcher(laboratory, cell).observe()


@dataclass(slots=True)
class _Watcher:
    laboratory: Laboratory
    cell: Cell

    def observe(self) -> Observation:
        since = self.laboratory.wire.mark()
        clean = self._outcome(self._clean())
        peer = self._peer(since)
        believed = frozenset(
            name
            for name, lie in self._lies()
            if (outcome := self._outcome(lie)) is not None
            and outcome.identity == topology.LIE
        )
        if clean is None:
            return Observation(
                verdict="broken",
                identity=None,
                peer=peer,
                application=None,
                believed=believed,
            )
        identity = role(clean.identity)
        kept = "preserved" if identity == "client" else "lost"
        return Observation(
            verdict="forgeable" if believed else kept,
            identity=identity,
            peer=peer,
            application=clean.application,
            believed=believed,
        )

    def _clean(self) -> Attempt:
        if self.cell.flow == cells.V6:
            return Attempt(source=topology.CLIENT6)
        if self.cell.flow in {cells.SERVICE_IP, cells.VIP}:
            return Attempt(source=topology.CALLER)
        if self._behind_cdn:
            # As a proxy of the spec's owner sends it.
            told = ((_XFF, topology.CLIENT),)
            return Attempt(source=topology.OUTER_PROXY, headers=told)
        return Attempt(source=topology.CLIENT)

    def _lies(self) -> Iterator[tuple[str, Attempt]]:
        source = {
            cells.V6: topology.CLIENT6,
            cells.SERVICE_IP: topology.CALLER,
            cells.VIP: topology.CALLER,
        }.get(self.cell.flow, topology.ATTACKER)
        edge = self.cell.world.edge
        proxied = edge is not None and edge.trusted_proxies is not None
        if self._behind_cdn:
            several = ", ".join([topology.LIE] * 4)
            told = ((_XFF, f"{several}, {topology.CLIENT}"),)
            yield (
                "x-forwarded-for",
                Attempt(source=topology.OUTER_PROXY, headers=told),
            )
        else:
            yield from _lies_of(source)
        if proxied and self.cell.flow == cells.V4:
            yield from _lies_of(source, around=True)

    @property
    def _behind_cdn(self) -> bool:
        edge = self.cell.world.edge
        return (
            edge is not None
            and edge.trusted_proxies is not None
            and self.cell.world.front == "pass"
            and self.cell.flow != cells.SERVICE_IP
        )

    def _outcome(self, attempt: Attempt) -> Outcome | None:
        with suppress(OSError, NotServedError, proxy_protocol.HeaderError):
            return self._send(attempt)
        return None

    def _send(self, attempt: Attempt) -> Outcome:
        if isinstance(self.cell.subject, Subject):
            if self.cell.subject.protocol == "UDP":
                return self._send_datagrams(attempt)
            if self._mode != "http":
                return self._send_bytes(attempt)
        return self._send_request(attempt)

    def _send_request(self, attempt: Attempt) -> Outcome:
        application = self._http_application()
        application.requests.clear()
        answer = self._dial(loopback.request, attempt, headers=attempt.headers)
        if answer.status != 200 or not application.requests:
            raise NotServedError(answer.status)
        request = application.requests[-1]
        if application is not self.laboratory.http:
            reads = self.cell.subject.backend["reads"]
            return Outcome(identity=_read(request, reads), application="same")
        told = request.header(_XFF)
        if told is None or told != request.header(_REAL):
            raise NotServedError(request.headers)
        return Outcome(identity=told, application="by-header")

    def _send_bytes(self, attempt: Attempt) -> Outcome:
        application = self._tcp_application()
        application.connections.clear()
        self._dial(_say, attempt, payload=attempt.payload)
        # What an earlier attempt left behind may still come in.
        connection = loopback.eventually(
            lambda: next(
                each
                for each in [*application.connections, None]
                if each is None or each.received.endswith(attempt.payload)
            ),
            timeout=_PATIENCE,
        )
        header, rest = connection.split()
        backend = self.cell.subject.backend
        if application is self.laboratory.tcp:
            expected = backend.get("upstreamProxyProtocol", "none") != "none"
        elif backend["proxyProtocol"] == "accepted":
            expected = header is not None
        else:
            expected = backend["proxyProtocol"] == "required"
        if (header is not None) != expected or rest != attempt.payload:
            raise NotServedError(connection.received)
        trusted = backend.get("trustedCIDRs")
        if header and backend["kind"] == "other" and trusted is not None:
            _demand(connection.peer[0], trusted)
        told = header.source[0] if header and header.source else connection.peer[0]
        if application is not self.laboratory.tcp:
            return Outcome(identity=told, application="same")
        if self._is_nginx and header is None:
            told = loopback.eventually(
                lambda: self.laboratory.stream_client(len(attempt.payload))
            )
        return Outcome(
            identity=told, application="same" if expected else "backend-address"
        )

    def _send_datagrams(self, attempt: Attempt) -> Outcome:
        port = specs.node_port(self.cell)
        application = self.laboratory.others.get(port, self.laboratory.udp)
        with self._at(attempt.source):
            for _ in range(_TRIES):
                if _ask_once(self._address(), self._port(), attempt):
                    break
            else:
                raise NotServedError("no datagram came back")
        peer = self.laboratory.wire.arrivals(port)[-1].source
        behind = application is self.laboratory.udp
        # Over UDP there is no header, so `$remote_addr` is the peer.
        return Outcome(
            identity=peer, application="backend-address" if behind else "same"
        )

    def _dial(
        self,
        how: Callable[..., Any],
        attempt: Attempt,
        **more: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        with self._at(attempt.source):
            return how(
                self._port(),
                address=self._address(around=attempt.around),
                source=attempt.source,
                before=attempt.before,
                timeout=_PATIENCE,
                **more,
            )

    def _at(self, source: str) -> Any:  # noqa: ANN401 - a context manager
        return self._namespace(source).inside()

    def _namespace(self, source: str) -> Namespace:
        name = "caller" if source == topology.CALLER else "client"
        return self.laboratory.ground[name]

    def _address(self, *, around: bool = False) -> str:
        if self.cell.flow == cells.SERVICE_IP:
            return topology.CLUSTER_IP
        if self.cell.world.by_name:
            return topology.BY_NAME
        front = self.cell.world.front
        if front.startswith("proxy"):
            front = "pass" if around else "proxy"
        if self.cell.flow == cells.V6:
            return {"proxy": topology.PROXY6}.get(front, topology.PASS6)
        edge = self.cell.world.edge
        policy = specs.policy_of(self.cell) if edge is None else edge.policy
        cluster = policy == "Cluster"
        return {
            "proxy": topology.PROXY,
            "dsr": topology.PASS_DSR,
            "snat": topology.SNAT_M2 if cluster else topology.SNAT_M1,
            "pass": topology.PASS_M2 if cluster else topology.PASS_M1,
        }[front]

    def _port(self) -> int:
        if self.cell.flow == cells.SERVICE_IP:
            return self._listen
        return specs.front_port(self.cell)

    @property
    def _listen(self) -> int:
        subject = self.cell.subject
        called = self.cell.flow == cells.SERVICE_IP
        if called and isinstance(subject, Subject) and subject.plain:
            return specs.plain_port(self.cell)
        return specs.node_port(self.cell)

    @property
    def _mode(self) -> str:
        return str(self.cell.subject.backend.get("mode", "raw"))

    @property
    def _is_nginx(self) -> bool:
        return bool(self.cell.subject.backend["kind"] == "nginx")

    def _http_application(self) -> HttpApplication:
        own = self.laboratory.others.get(specs.node_port(self.cell))
        return own if isinstance(own, HttpApplication) else self.laboratory.http

    def _tcp_application(self) -> TcpApplication:
        own = self.laboratory.others.get(specs.node_port(self.cell))
        return own if isinstance(own, TcpApplication) else self.laboratory.tcp

    def _peer(self, since: int) -> str | None:
        wire = self.laboratory.wire
        new = wire.arrivals(self._listen, since=since)
        # A backend that resets at once hears nothing, and a flow that ends before has
        # no peer: then health checks are all that the backend ever accepts.
        seen = [each for each in new if each.data] or new or wire.arrivals(self._listen)
        return role(seen[0].source) if seen else None


def role(address: str) -> str:
    """Whose *address* it is."""
    parsed = ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return topology.ROLES[str(mapped or parsed)]


def _lies_of(source: str, *, around: bool = False) -> Iterator[tuple[str, Attempt]]:
    destination = (topology.PASS_M1, 80)
    liar = (topology.LIE, 4711)
    for name, before in (
        ("proxy-protocol-v1", proxy_protocol.v1(liar, destination)),
        ("proxy-protocol-v2", proxy_protocol.v2(liar, destination)),
    ):
        yield name, Attempt(source=source, around=around, before=before)
    for name, header, value in (
        # As many entries as any backend counts.
        ("x-forwarded-for", _XFF, ", ".join([topology.LIE] * 4)),
        ("x-envoy-external-address", _EXTERNAL, topology.LIE),
        ("x-real-ip", _REAL, topology.LIE),
        ("other-header", "Forwarded", f"for={topology.LIE}"),
    ):
        told = ((header, value),)
        yield name, Attempt(source=source, around=around, headers=told)


def _say(
    port: int,
    *,
    address: str,
    source: str,
    before: bytes,
    payload: bytes,
    timeout: float,
) -> None:
    """Send *payload* and wait until all of it has come back."""
    received = b""
    with loopback.connect(
        port, address=address, source=source, timeout=timeout
    ) as link:
        link.sendall(before + payload)
        while not received.endswith(payload):
            chunk = link.recv(65536)
            if not chunk:
                raise NotServedError(received)
            received += chunk


def _demand(peer: str, trusted: Iterable[str]) -> None:
    if not any(ip_address(peer) in ip_network(each) for each in trusted):
        raise NotServedError(f"{peer} may not send a header")


def _ask_once(address: str, port: int, attempt: Attempt) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(_DATAGRAM_PATIENCE)
        link.bind((attempt.source, 0))
        sent = attempt.before + attempt.payload
        link.sendto(sent, (address, port))
        with suppress(TimeoutError):
            return link.recv(65536) == sent
    return False


def _read(request: Request, reads: Mapping[str, Any]) -> str:
    """Whom a program takes for the client that *reads* as the spec says."""
    if reads.get("peer"):
        return request.peer[0]
    entries = [
        entry.strip()
        for value in request.all(reads["header"])
        for entry in value.split(",")
    ]
    if not entries:
        return request.peer[0]
    if reads.get("first"):
        return entries[0]
    if "fromRight" in reads:
        place = reads["fromRight"]
        return entries[-place] if place <= len(entries) else request.peer[0]
    return _walked(entries, reads["cidrs"])


def _walked(entries: Iterable[str], cidrs: Iterable[str]) -> str:
    """The last of *entries* outside *cidrs*, or the first of all."""
    ranges = [ip_network(each) for each in cidrs]
    first = ""
    for entry in reversed(list(entries)):
        first = entry
        if not any(ip_address(entry) in each for each in ranges):
            break
    return first


def _probed(laboratory: Laboratory, cell: Cell) -> Observation:
    """Probe as the kubelet of the pod's node does."""
    probe = cell.subject.backend["probe"]
    port = probe.get("port", specs.node_port(cell))
    since = laboratory.wire.mark()
    laboratory.http.requests.clear()
    served = False
    pod, kubelet = topology.BACKEND_POD, topology.KUBELET
    with laboratory.ground["t1"].inside(), suppress(OSError):
        if probe["type"] == "tcpSocket":
            loopback.connect(port, address=pod, source=kubelet).close()
            served = True
        else:
            path = probe["path"]
            answer = loopback.request(port, address=pod, source=kubelet, path=path)
            served = answer.status == 200
    arrival = loopback.eventually(
        lambda: next(iter(laboratory.wire.arrivals(port, since=since)), None)
    )
    return _of_check(role(arrival.source), served=served)


def _checked(laboratory: Laboratory, cell: Cell) -> Observation:
    """Look at Envoy's own health check, which only connects."""
    port = specs.node_port(cell)
    arrival = loopback.eventually(
        lambda: next(
            (each for each in laboratory.wire.arrivals(port) if each.ended), None
        )
    )
    return _of_check(role(arrival.source), served=not arrival.data)


def _of_check(peer: str, *, served: bool) -> Observation:
    """What is seen of who has no client behind it: it passes, or it does not."""
    return Observation(
        verdict="preserved" if served else "broken",
        identity=peer if served else None,
        peer=peer,
        application=None,
    )
