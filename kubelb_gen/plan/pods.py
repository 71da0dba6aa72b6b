"""What the pods behind one Service listen on, each number once."""

from dataclasses import replace

from kubelb_gen.diagnostics import DataPath
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import Backend, BackendKind, Emit, ProbeType, Protocol
from kubelb_gen.plan.clash import Clash
from kubelb_gen.plan.facts import Listener

_FRAGMENTS = (BackendKind.NGINX, BackendKind.APACHE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One listener that the spec asks for, and the backend that shall have it.

    *port_name* is what the Service calls the port of the container, if it does.
    """

    namespace: str
    name: str
    backend: Backend
    listener: Listener
    at: DataPath | None
    port_name: str | None = None


class Pod:
    """What the pods behind one Service will listen on."""

    __slots__ = ("clashes", "probes", "serving")

    def __init__(self) -> None:
        self.serving: dict[tuple[Protocol, int], Want] = {}
        self.probes: dict[int, Want] = {}
        self.clashes: list[Clash] = []

    def take(self, want: Want) -> None:
        """Give *want* its listener, unless another one is there already."""
        key = (want.listener.protocol, want.listener.listen)
        first = self.serving.setdefault(key, want)
        if first is want:
            return
        if replace(want.listener, label=first.listener.label) != first.listener:
            self.clash("listen", want, want.listener.listen)

    def take_probe(self, want: Want) -> None:
        """Give *want* its plain listener, or none where the number is taken."""
        port = plain_probe_port(want.listener)
        if port is None:
            return
        serving = self.serving.get((Protocol.TCP, port))
        first = serving or self.probes.setdefault(port, want)
        if first is want and serving is None:
            return
        if (serving is not None and serving.listener.guarded) or (
            serving is None and first.listener.probe != want.listener.probe
        ):
            self.clash("probe", want, port)
        key = (want.listener.protocol, want.listener.listen)
        silent = replace(want.listener, probe=None)
        self.serving[key] = replace(want, listener=silent)

    def clash(self, what: str, want: Want, number: int) -> None:
        """Note that *want* cannot have what another one has already."""
        self.clashes.append(
            Clash(
                what=what,
                namespace=want.namespace,
                name=want.name,
                number=number,
                at=want.at,
                field=_field(what, want),
            )
        )

    def compare_files(self) -> None:
        """Tell which ports want the file of one program written in another way."""
        by_kind: dict[BackendKind, Want] = {}
        for want in self.serving.values():
            first = by_kind.setdefault(want.backend.kind, want)
            if emit_of(want.backend) is not emit_of(first.backend):
                self.clash("emit", want, want.listener.listen)
            if want.backend.config_map != first.backend.config_map:
                self.clash("configMap", want, want.listener.listen)
            if want.backend.workload != first.backend.workload:
                self.clash("workload", want, want.listener.listen)


def _field(what: str, want: Want) -> DataPath | None:
    place = want.backend.at
    if place is None or what == "listen":
        return want.at
    if what == "probe":
        return place / "probe" / "port"
    backend = want.backend
    stated = {
        "emit": backend.emit,
        "configMap": backend.config_map,
        "workload": backend.workload,
    }
    # A default stands nowhere, and the other one of the two is what was stated.
    return want.at if stated[what] is None else place / what


def plain_probe_port(listener: Listener) -> int | None:
    """Return the port of the plain listener that the probe of *listener* needs.

    None where the kubelet asks the serving port itself.
    """
    probe = listener.probe
    if probe is None or probe.port is None:
        return None
    if probe.port == listener.listen and probe.type is ProbeType.TCP_SOCKET:
        return None
    return probe.port


def emit_of(backend: Backend) -> Emit:
    """Return how much is written: NGINX and Apache include files, others do not."""
    default = Emit.FRAGMENT if backend.kind in _FRAGMENTS else Emit.COMPLETE
    return backend.emit or default
