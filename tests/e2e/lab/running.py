"""A world in operation: what was rendered for it, at work in its places."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kubelb_gen
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from tests.e2e.lab import backends, cells, edges, specs, topology
from tests.e2e.lab.cells import Cell, Subject, World
from tests.e2e.lab.wire import Wire, wire
from tests.support import applications, loopback, servers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.artifacts import Artifact
    from kubelb_gen.trace import Path as TracedPath
    from tests.e2e.lab.topology import Ground
    from tests.support.applications import HttpApplication, TcpApplication

_ANYWHERE = "0.0.0.0"
_ADMIN = 9001
_TO_THE_APPLICATION = re.compile(
    r"# Where the application finds the client: ([\w-]+)(?:, entry (\d+) from)?"
)
_LOG_LINE = re.compile(r"^(\S+) \[[^]]*\] TCP \d+ (\d+)", re.MULTILINE)


@dataclass(slots=True)
class Datagrams:
    """A UDP application: it answers every datagram with itself, and keeps them."""

    link: socket.socket
    received: list[tuple[str, bytes]] = field(default_factory=list)

    def serve(self) -> None:
        """Answer until the socket is closed."""
        while True:
            try:
                data, address = self.link.recvfrom(65536)
            except OSError:
                return
            if not data:  # the wake-up call
                return
            self.received.append((address[0], data))
            self.link.sendto(data, address)


@dataclass(slots=True)
class Laboratory:
    """One running world, with all that can be seen of it."""

    ground: Ground
    world: World
    paths: tuple[TracedPath, ...]
    folder: Path
    wire: Wire
    http: HttpApplication
    tcp: TcpApplication
    udp: Datagrams
    others: dict[int, HttpApplication | TcpApplication | Datagrams]
    files: list[Artifact]

    def where_to_look(self, name: str) -> dict[str, Any]:
        """Where Traefik's file tells the application of *name* to find the client."""
        (text,) = (
            each.text
            for each in self.files
            if each.path.endswith(f"/{name}.traefik.dynamic.yaml")
        )
        ((header, place),) = _TO_THE_APPLICATION.findall(text)
        return {"header": header, "fromRight": int(place or 1)}

    def stream_client(self, sent: int) -> str | None:
        """Whom NGINX's `stream` took for the client of a connection, by its logs.

        The connection is known by how many bytes it *sent* back.
        """
        logs = (self.folder / "nginx" / name for name in ("output.log", "lab.log"))
        for log in filter(Path.is_file, logs):
            for address, size in _LOG_LINE.findall(log.read_text(encoding="utf-8")):
                if int(size) == sent:
                    return str(address)
        return None


@contextmanager
def laboratory(ground: Ground, world: World, folder: Path) -> Iterator[Laboratory]:
    """*world* on *ground*, once everything in it is ready to serve."""
    fleet = kubelb_gen.from_data(specs.spec_of(world))
    # `kubelb_gen.render` would refuse what is wrong on purpose.
    files = render_plan(make_plan(fleet))
    with ExitStack() as stack:
        pod = ground["backend"]
        # From the first health check on.
        seen = stack.enter_context(wire(pod))
        others = dict(_others(stack, ground, world))
        with pod.inside():
            http = stack.enter_context(applications.http_application(port=cells.HTTP))
            tcp = stack.enter_context(applications.tcp_application(port=cells.TCP))
            udp = stack.enter_context(_datagrams("127.0.0.1", cells.UDP))
            backends.start(stack, folder, list(files.values()))
        with ground["envoy"].inside():
            ports = [specs.envoy_port(each) for each in world.cells() if _is_tcp(each)]
            stack.enter_context(
                servers.envoy(folder / "envoy", _bootstrap(files), ports=set(ports))
            )
            loopback.eventually(_all_checked)
        if world.edge is not None:
            edges.start(stack, ground, world, folder, list(files.values()))
        if world.front.startswith("proxy"):
            _start_balancer(stack, ground, world, folder)
        yield Laboratory(
            ground=ground,
            world=world,
            paths=kubelb_gen.trace(fleet),
            folder=folder,
            wire=seen,
            http=http,
            tcp=tcp,
            udp=udp,
            others=others,
            files=list(files.values()),
        )


def _is_tcp(cell: Cell) -> bool:
    return not (isinstance(cell.subject, Subject) and cell.subject.protocol == "UDP")


def _others(
    stack: ExitStack, ground: Ground, world: World
) -> Iterator[tuple[int, HttpApplication | TcpApplication | Datagrams]]:
    """Start the programs that nothing is written for, by the port they listen on."""
    for cell in {each.subject.name: each for each in world.cells()}.values():
        if cell.subject.backend["kind"] != "other":
            continue
        port = specs.node_port(cell)
        with ground["backend"].inside():
            if not _is_tcp(cell):
                yield port, stack.enter_context(_datagrams(_ANYWHERE, port))
            elif world.edge is not None:
                served = applications.http_application(address=_ANYWHERE, port=port)
                yield port, stack.enter_context(served)
            else:
                recorder = applications.tcp_application(address=_ANYWHERE, port=port)
                yield port, stack.enter_context(recorder)


@contextmanager
def _datagrams(address: str, port: int) -> Iterator[Datagrams]:
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.bind((address, port))
    application = Datagrams(link)
    thread = threading.Thread(target=application.serve, daemon=True)
    thread.start()
    try:
        yield application
    finally:
        # A read that is under way outlives close(); shutdown ends it, and complains
        # that there is no peer.
        with suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)
        link.close()
        thread.join(loopback.PATIENCE)


def _bootstrap(files: Any) -> str:  # noqa: ANN401 - Artifacts
    path = f"expected/tenant-{specs.TENANT}/envoy-bootstrap.yaml"
    # Envoy listens once every node has been checked, and under `Local` a node without
    # a pod never answers: this is how long each world waits for it.
    return str(files[path].text).replace('- timeout: "5s"', '- timeout: "1s"')


def _all_checked() -> bool:
    """Tell whether Envoy's health checks have found out about the backend's node.

    Not every backend passes: a HAProxy that trusts nobody resets so fast here that
    even a check that only connects fails.
    """
    path = "/clusters?format=json"
    answer = loopback.request(_ADMIN, path=path, source="127.0.0.1")
    return not any(
        host["health_status"].get("pending_active_hc")
        for cluster in answer.json()["cluster_statuses"]
        for host in cluster.get("host_statuses", ())
        if host["address"]["socket_address"]["address"] == topology.T1
    )


def _start_balancer(
    stack: ExitStack, ground: Ground, world: World, folder: Path
) -> None:
    """Start the load balancer that opens connections of its own."""
    sends = {None: "", "v1": " send-proxy", "v2": " send-proxy-v2"}[world.sends]
    text = [
        "defaults",
        "    mode http" if world.front == "proxy-http" else "    mode tcp",
        "    option forwardfor" if world.front == "proxy-http" else "",
        "    timeout connect 2s",
        "    timeout client 10s",
        "    timeout server 10s",
    ]
    ports = set()
    for cell in {each.subject.name: each for each in world.cells()}.values():
        port = specs.front_port(cell)
        ports.add(port)
        cluster = world.edge is None and specs.policy_of(cell) == "Cluster"
        node = topology.M2 if cluster else topology.M1
        text += [
            f"listen {cell.subject.name}",
            f"    bind {topology.PROXY}:{port}",
            f"    bind [{topology.PROXY6}]:{port}",
            f"    source {topology.LOAD_BALANCER}",
            f"    server node {node}:{port}{sends}",
        ]
    with ground["lb"].inside():
        stack.enter_context(
            servers.haproxy(folder / "lb", "\n".join([*text, ""]), ports=ports)
        )
