"""A Service on loopback whose steps are applied while a client asks every 10 ms.

Everything that a cluster changes gradually changes gradually here: for a while old and
new pods serve in turn, half of the nodes lead to the old target port, and half of the
Envoys send the old header.
"""

from __future__ import annotations

import itertools
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from tests.support import loopback, proxy_protocol, servers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.model import Fleet, Service

ENVOY = "127.0.0.2"
PERIOD = 0.01
_MIXED = 0.25
_SETTLED = 0.15
_ANNOTATION = "kubelb.k8c.io/proxy-protocol"


@dataclass
class Way:
    """What one Envoy does with a connection: where it dials, and whether it tells."""

    port: int
    header: bool
    lock: threading.Lock = field(default_factory=threading.Lock, compare=False)
    carried: int = field(default=0, compare=False)

    @contextmanager
    def carrying(self) -> Iterator[None]:
        """Count a connection while the block lasts."""
        with self.lock:
            self.carried += 1
        try:
            yield
        finally:
            with self.lock:
                self.carried -= 1


@dataclass
class Front:
    """KubeLB's Envoy and the nodes behind it; *ways* are taken in turn."""

    port: int
    ways: list[Way] = field(default_factory=list)
    turn: Iterator[int] = field(default_factory=itertools.count)

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the socket is closed."""
        with suppress(OSError):
            while True:
                link, (address, number) = listener.accept()
                ways = self.ways
                way = ways[next(self.turn) % len(ways)]
                relay = (link, way, (address, number))
                threading.Thread(target=_relay, args=relay, daemon=True).start()


@contextmanager
def front() -> Iterator[Front]:
    """A public address, which leads nowhere yet."""
    port = loopback.free_port()
    made = Front(port)
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        threading.Thread(target=made.serve, args=(listener,), daemon=True).start()
        try:
            yield made
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _relay(link: socket.socket, way: Way, client: tuple[str, int]) -> None:
    with (
        way.carrying(),
        link,
        suppress(OSError),
        loopback.connect(way.port, source=ENVOY) as onward,
    ):
        if way.header:
            onward.sendall(proxy_protocol.v2(client, ("127.0.0.1", way.port)))
        there = threading.Thread(target=_pump, args=(link, onward), daemon=True)
        there.start()
        _pump(onward, link)
        there.join(1)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)


@dataclass
class Client:
    """Asks the port that it knows, again and again."""

    port: int
    answers: dict[str, str] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Ask until told to stop; what went wrong is the answer, too."""
        for number in itertools.count():
            if self._stop.wait(PERIOD):
                return
            path = f"/{number}"
            try:
                answer = loopback.request(self.port, path=path)
                self.answers[path] = str(answer.status)
            except OSError as error:
                self.answers[path] = f"{type(error).__name__}: {error}"

    def asked(self, more: int) -> set[str]:
        """Everything asked so far, once there are *more* answers than now."""
        before = len(self.answers)
        loopback.eventually(lambda: len(self.answers) >= before + more)
        return set(self.answers)

    def stop(self) -> None:
        """Let the last request end."""
        self._stop.set()


@contextmanager
def asking(port: int) -> Iterator[Client]:
    """A client that asks every 10 ms while the block lasts."""
    client = Client(port)
    thread = threading.Thread(target=client.run)
    thread.start()
    try:
        yield client
    finally:
        client.stop()
        thread.join(5)


class Cluster:
    """The pod of one Service, and the addresses that lead to it.

    It stops after its replacement has started, as a Deployment's does, or before.
    """

    def __init__(
        self,
        folder: Path,
        stack: ExitStack,
        name: str = "web",
        *,
        stops_first: bool = False,
    ) -> None:
        self._stops_first = stops_first
        self._folder = folder
        self._stack = stack
        self._name = name
        self._count = itertools.count()
        self._pods: ExitStack | None = None
        self._numbers: dict[int, int] = {}
        self._files: Mapping[str, str] = {}
        self.fronts: dict[str, Front] = {}

    def apply(self, fleet: Fleet, artifacts: Artifacts) -> None:
        """Make it so: pods, target ports and headers change side by side."""
        ((tenant,),) = (fleet.tenants,)
        files = _files(artifacts, self._name)
        before, numbers = self._pods, self._numbers
        if files != self._files:
            if self._stops_first and before is not None:
                before.close()
            (service,) = (each for each in tenant.services if each.name == self._name)
            self._start(files, service)
        wanted = {
            each.name: _way(artifacts, each.name, self._numbers)
            for each in tenant.services
        }
        for name, way in wanted.items():
            if name not in self.fronts:
                self.fronts[name] = self._stack.enter_context(front())
                self.fronts[name].ways = [way]
            was = way if self._stops_first else self.fronts[name].ways[-1]
            ports = dict.fromkeys((was.port, way.port))
            # An old pod may be asked for its new port only if it has that one.
            known = {real: spec for spec, real in numbers.items()}
            if was.port in known:
                ports[self._numbers.get(known[was.port], way.port)] = None
            headers = dict.fromkeys((was.header, way.header))
            self.fronts[name].ways = [
                Way(port, header) for port in ports for header in headers
            ]
        time.sleep(_MIXED)
        left = [each for name in wanted for each in self.fronts[name].ways]
        for name, way in wanted.items():
            self.fronts[name].ways = [way]
        time.sleep(_SETTLED)
        loopback.eventually(lambda: not any(each.carried for each in left))
        if files != self._files and before is not None:
            before.close()
        self._files = files

    def _start(self, files: Mapping[str, str], service: Service) -> None:
        specified = list(_listened(service))
        real = loopback.free_ports(len(specified))
        self._numbers = dict(zip(specified, real, strict=True))
        moved = {name: _renumbered(text, self._numbers) for name, text in files.items()}
        self._pods = ExitStack()
        self._stack.callback(self._pods.close)
        folder = self._folder / f"pod-{next(self._count)}"
        adapters = {
            each.handover.adapter
            for each in service.ports
            if each.handover is not None and each.handover.adapter
        }
        own = [self._numbers[each] for each in specified if each not in adapters]
        backend = service.ports[0].backend
        assert backend is not None
        program = {
            name: text
            for name, text in moved.items()
            if not adapters or not name.endswith(".envoy.yaml")
        }
        self._pods.enter_context(
            _program(folder / "program", str(backend.kind), program, own)
        )
        if adapters:
            self._pods.enter_context(
                servers.envoy(
                    folder / "adapter",
                    moved[f"{self._name}.envoy.yaml"],
                    ports=[self._numbers[each] for each in adapters],
                )
            )


@contextmanager
def _program(
    folder: Path, kind: str, files: Mapping[str, str], ports: list[int]
) -> Iterator[loopback.Running]:
    if kind == "nginx":
        with servers.nginx(folder, http=list(files.values()), ports=ports) as it:
            yield it
        return
    with servers.backend(folder, kind, files, ports=ports) as it:
        if kind == "traefik":
            # It listens before it has read what it shall serve.
            loopback.eventually(lambda: _is_served(ports[0]))
        yield it


def _is_served(port: int) -> bool:
    header = proxy_protocol.v2((loopback.CLIENT, 1), ("127.0.0.1", port))
    for before in (b"", header):
        with suppress(OSError):
            if loopback.request(port, source=ENVOY, before=before).status == 200:
                return True
    return False


def _listened(service: Service) -> Iterator[int]:
    for port in service.ports:
        yield port.listen
        if port.handover is not None:
            yield port.handover.listen
            if port.handover.adapter is not None:
                yield port.handover.adapter


def _files(artifacts: Artifacts, name: str) -> dict[str, str]:
    return {
        path.rpartition("/")[2]: each.text
        for path, each in artifacts.items()
        if path.startswith("backends/") and f"/{name}." in path
    }


def _way(artifacts: Artifacts, name: str, numbers: Mapping[int, int]) -> Way:
    path = f"tenants/primary/default/{name}.service.yaml"
    written: dict[str, Any] = yaml.safe_load(artifacts[path].text)
    (port,) = written["spec"]["ports"]
    told = written["metadata"].get("annotations", {}).get(_ANNOTATION)
    return Way(numbers[port["targetPort"]], told == "v2")


def _renumbered(text: str, numbers: Mapping[int, int]) -> str:
    for specified, real in numbers.items():
        text = text.replace(str(specified), str(real))
    return text
