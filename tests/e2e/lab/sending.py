"""Sends one attempt to a cell's subject and tells whom the backend took for the client.

The identity is what the backend tells: in the header that it gives the application, in
its access log, or, where nothing is written for it, what it read by its own rule.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from tests.e2e.lab import cells, specs, topology
from tests.e2e.lab.attempts import FORWARDED_FOR, REAL_IP
from tests.e2e.lab.cells import Cell, Subject
from tests.e2e.lab.reading import read
from tests.support import loopback
from tests.support.applications import HttpApplication, Request, TcpApplication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.e2e.lab.attempts import Attempt
    from tests.e2e.lab.namespaces import Namespace
    from tests.e2e.lab.running import Laboratory

_PATIENCE = 2.0
# Under `Local` one datagram in two is lost on purpose.
_DATAGRAM_PATIENCE, _TRIES = 0.2, 12


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Whom the backend took for the client, and what its application learned."""

    identity: str
    application: str


class NotServedError(Exception):
    """The flow had no answer, or the application got something else than was sent."""


@dataclass(slots=True)
class Sender:
    """Who sends to the subject of *cell*, as its flow does."""

    laboratory: Laboratory
    cell: Cell

    def send(self, attempt: Attempt) -> Outcome:
        """Send *attempt*, and tell whom the backend took for the client."""
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
            return Outcome(identity=read(request, reads), application="same")
        if self.cell.subject.backend["kind"] == "traefik" and self.cell.world.edge:
            return Outcome(identity=self._read(request), application="by-header")
        told = request.header(FORWARDED_FOR)
        if told is None or told != request.header(REAL_IP):
            raise NotServedError(request.headers)
        return Outcome(identity=told, application="by-header")

    def _read(self, request: Request) -> str:
        """Whom an application behind Traefik finds, where its comment sends it."""
        where = self.laboratory.where_to_look(self.cell.subject.name)
        entries = (request.header(where["header"]) or "").split(",")
        if not entries[0] or len(entries) < where["fromRight"]:
            where = {"header": FORWARDED_FOR, "fromRight": 1}
        return read(request, where)

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
            return self.listen
        return specs.front_port(self.cell)

    @property
    def listen(self) -> int:
        """The port that the backend is called on."""
        subject = self.cell.subject
        called = self.cell.flow == cells.SERVICE_IP
        if called and isinstance(subject, Subject) and subject.plain:
            return specs.plain_port(self.cell)
        return specs.node_port(self.cell)

    @property
    def _mode(self) -> str:
        backend = self.cell.subject.backend
        return str(backend.get("mode", "raw" if backend["kind"] == "other" else "http"))

    @property
    def _is_nginx(self) -> bool:
        return bool(self.cell.subject.backend["kind"] == "nginx")

    def _http_application(self) -> HttpApplication:
        own = self.laboratory.others.get(specs.node_port(self.cell))
        return own if isinstance(own, HttpApplication) else self.laboratory.http

    def _tcp_application(self) -> TcpApplication:
        own = self.laboratory.others.get(specs.node_port(self.cell))
        return own if isinstance(own, TcpApplication) else self.laboratory.tcp


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
