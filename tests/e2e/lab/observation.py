"""What really happens to one flow: sent clean, then with every lie a client can tell.

The identity is what the backend tells of it; the peer is read off the wire.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from tests.e2e.lab import attempts, cells, specs, topology
from tests.e2e.lab.sending import NotServedError, Sender
from tests.support import loopback, proxy_protocol

if TYPE_CHECKING:
    from tests.e2e.lab.attempts import Attempt
    from tests.e2e.lab.cells import Cell
    from tests.e2e.lab.running import Laboratory
    from tests.e2e.lab.sending import Outcome


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One cell as it was seen; *believed* names the lies that were believed."""

    verdict: str
    identity: str | None
    peer: str | None
    application: str | None
    believed: frozenset[str] = frozenset()


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

    @property
    def _sender(self) -> Sender:
        return Sender(self.laboratory, self.cell)

    def observe(self) -> Observation:
        since = self.laboratory.wire.mark()
        clean = self._outcome(attempts.clean(self.cell))
        peer = self._peer(since)
        believed = frozenset(
            name
            for name, lie in attempts.lies(self.cell)
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

    def _outcome(self, attempt: Attempt) -> Outcome | None:
        with suppress(OSError, NotServedError, proxy_protocol.HeaderError):
            return self._sender.send(attempt)
        return None

    def _peer(self, since: int) -> str | None:
        wire = self.laboratory.wire
        new = wire.arrivals(self._sender.listen, since=since)
        # A backend that resets at once hears nothing, and a flow that ends before has
        # no peer: then health checks are all that the backend ever accepts.
        seen = (
            [each for each in new if each.data]
            or new
            or wire.arrivals(self._sender.listen)
        )
        return role(seen[0].source) if seen else None


def role(address: str) -> str:
    """Whose *address* it is."""
    parsed = ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return topology.ROLES[str(mapped or parsed)]


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
