"""Every example runs for real: what the command wrote, from client to application.

`my-tcp-service` of KubeLB's guide is in most of them, behind each kind of backend.
A client at 127.0.0.5 dials KubeLB's Envoy (at layer 7, an edge before it) as a
tenant's static bootstrap makes it; all backends of the tenant run side by side.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import applications, loopback, proxy_protocol, servers
from tests.support.command_line import kubelb_gen
from tests.support.edge_envoy import OUTER_PROXY, edge_envoy
from tests.support.moved import Served, moved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.loopback import Running

    Application = applications.HttpApplication | applications.TcpApplication

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
# Its programs come from more places: test_every_backend_on_loopback.py runs it.
ELSEWHERE = {"every-backend"}
NAMES = sorted({path.name for path in EXAMPLES.iterdir() if path.is_dir()} - ELSEWHERE)
# Balancers that name the client in a header, by tenant; not to the plain services.
BALANCED = {
    "aws-dual-stack": ("primary",),
    "hetzner-mixed": ("shop",),
    "l4-cloud-proxying-lb": ("primary",),
    "multi-tenant": ("team-b",),
    "split-owners": ("team-b",),
}
PLAIN = {"redis"}
EDGE_READS_PROXY = ("l7-gateway", "split-owners")
LIES = [
    ("X-Forwarded-For", "6.6.6.6"),
    ("X-Real-IP", "6.6.6.6"),
    ("X-Envoy-External-Address", "6.6.6.6"),
]


class _Estate:
    """A tenant of an example, with all of its programs running."""

    def __init__(self, example: str, folder: Path, served: list[Served]) -> None:
        self.example = example
        self.folder = folder
        self.served = [each for each in served if not each.udp]
        self.applications: dict[int, Application] = {}
        self.logs: list[Running] = []

    def told(self, served: Served) -> Application:
        return self.applications[served.application]

    def header(self, served: Served) -> bytes:
        """What the load balancer in front says first."""
        balanced = served.tenant in BALANCED.get(self.example, ())
        if served.name in PLAIN or not balanced:
            return b""
        return proxy_protocol.v1((loopback.CLIENT, 40000), ("127.0.0.1", served.public))

    @contextmanager
    def running(self, tree: Path) -> Iterator[None]:
        """Run what stands in *tree* for this tenant, and the applications."""
        tenant = self.served[0].tenant
        with ExitStack() as programs:
            for each in self.served:
                self.applications[each.application] = programs.enter_context(
                    _application(each)
                )
            for kind in ("nginx", "haproxy"):
                self._start(kind, tree / "backends" / tenant, programs)
            bootstrap = tree / "expected" / f"tenant-{tenant}" / "envoy-bootstrap.yaml"
            ports = [each.public for each in self.served]
            text = bootstrap.read_text("utf-8")
            programs.enter_context(
                servers.envoy(self.folder / "envoy", text, ports=ports)
            )
            yield

    def _start(self, kind: str, files: Path, programs: ExitStack) -> None:
        ours = [each for each in self.served if each.backend.get("kind") == kind]
        if not ours:
            return
        ports = [each.port for each in ours]
        ports += [each.backend["probe"]["port"] for each in ours if _probed(each)]
        if kind == "haproxy":
            # HAProxy reads any number of files as one.
            texts = [path.read_text("utf-8") for path in sorted(files.rglob("*.cfg"))]
            for number, text in enumerate(texts):
                taken = [port for port in ports if f":{port}" in text]
                folder = self.folder / f"haproxy-{number}"
                self.logs.append(
                    programs.enter_context(servers.haproxy(folder, text, ports=taken))
                )
            return
        texts = [path.read_text("utf-8") for path in sorted(files.rglob("*.conf"))]
        raw = [each for each in texts if "Included inside stream" in each]
        plain = [each for each in texts if each not in raw]
        self.logs.append(
            programs.enter_context(
                servers.nginx(
                    self.folder / "nginx", ports=ports, http=plain, stream=raw
                )
            )
        )


def _probed(served: Served) -> bool:
    return "port" in served.backend.get("probe", {})


@contextmanager
def _application(served: Served) -> Iterator[Application]:
    speaks_http = (
        served.layer == "L7"
        or served.mode == "http"
        or (served.is_ours and "upstreamProxyProtocol" not in served.backend)
    )
    if speaks_http:
        with applications.http_application(port=served.application) as http:
            yield http
    else:
        with applications.tcp_application(port=served.application) as raw:
            yield raw


@pytest.mark.parametrize("name", NAMES)
def test_an_example_runs_and_its_applications_are_told_the_client(
    name: str, tmp_path: Path
) -> None:
    several = EXAMPLES / name / "specs"
    specs, tree = tmp_path / "specs", tmp_path / "tree"
    specs.mkdir()
    served = moved(
        several if several.is_dir() else EXAMPLES / name / "spec.yaml", specs
    )
    done = kubelb_gen("render", specs, "-o", tree)
    assert 0 == done.code, done.err

    for tenant in sorted({each.tenant for each in served}):
        mine = [each for each in served if each.tenant == tenant]
        estate = _Estate(name, tmp_path / tenant, mine)
        with estate.running(tree):
            for each in estate.served:
                _through_the_path(estate, each)
                _past_the_path(estate, each)
                _from_the_kubelet(each)


def _through_the_path(estate: _Estate, served: Served) -> None:
    application = estate.told(served)
    if served.layer == "L7":
        _through_an_edge(estate, served)
    elif isinstance(application, applications.TcpApplication):
        _talk(estate, served, application)
    else:
        _ask(served, served.public, loopback.CLIENT, estate.header(served), LIES)
        if served.mode == "http":
            _is_told(application)
        else:
            # Bytes are passed on, so the log alone knows the client.
            loopback.eventually(
                lambda: any(
                    line.startswith((f"{loopback.CLIENT} ", f"{loopback.CLIENT}:"))
                    for log in estate.logs
                    for line in log.log_text().splitlines()
                )
            )


def _through_an_edge(estate: _Estate, served: Served) -> None:
    application = estate.told(served)
    assert isinstance(application, applications.HttpApplication)
    reads_proxy = estate.example in EDGE_READS_PROXY
    behind = served.proxies > 0
    source = OUTER_PROXY if behind else loopback.CLIENT
    before = b""
    if reads_proxy:
        # The balancer's address is nobody's business.
        before = proxy_protocol.v2((loopback.CLIENT, 1), ("127.0.0.1", 1))
        source = loopback.KUBELET
    told = [loopback.CLIENT] if behind else []
    with edge_envoy(
        estate.folder / f"edge-{served.name}",
        served.public,
        trusted_cidrs=(f"{OUTER_PROXY}/32",) if behind else (),
        proxy_protocol=reads_proxy,
    ) as edge:
        for written in (told, ["6.6.6.6", *told]):
            forwarded = [("X-Forwarded-For", ", ".join(written))] if written else []
            _ask(served, edge.port, source, before, [*forwarded, LIES[1], LIES[2]])
            if served.is_ours:
                _is_told(application)
            else:
                _can_read(served, application)


def _is_told(application: Application) -> None:
    assert isinstance(application, applications.HttpApplication)
    request = application.requests[-1]

    assert (loopback.CLIENT,) == request.all("X-Forwarded-For")
    assert (loopback.CLIENT,) == request.all("X-Real-IP")
    assert () == request.all("X-Envoy-External-Address")


def _can_read(served: Served, application: applications.HttpApplication) -> None:
    """The backend is somebody else's: what the spec says of it has to be true."""
    forwarded = application.requests[-1].header("X-Forwarded-For") or ""
    entries = [each.strip() for each in forwarded.split(",")]

    assert loopback.CLIENT == entries[-served.backend["reads"]["fromRight"]]


def _ask(
    served: Served,
    port: int,
    source: str,
    before: bytes,
    headers: list[tuple[str, str]],
) -> None:
    # Until its first health check Envoy may say 503 by itself, or reset.
    answer = loopback.eventually(
        lambda: (
            response
            if (
                response := loopback.request(
                    port, source=source, before=before, headers=headers
                )
            ).status
            == 200
            else None
        )
    )

    assert 200 == answer.status, served


def _talk(
    estate: _Estate, served: Served, application: applications.TcpApplication
) -> None:
    lie = proxy_protocol.v1(("6.6.6.6", 1), ("127.0.0.1", served.public))
    said = estate.header(served) + lie + b"HELLO"
    loopback.eventually(lambda: loopback.exchange(served.public, said))
    header, rest = application.talk().split()

    if served.backend.get("proxyProtocol") == "none":
        # No header may reach it, so the client's own lie is the first of its bytes.
        assert said == application.talk().received
        return
    assert header is not None
    assert header.source is not None
    assert loopback.CLIENT == header.source[0]
    assert lie + b"HELLO" == rest


def _past_the_path(estate: _Estate, served: Served) -> None:
    """Whoever reaches the node port without KubeLB's Envoy gets nothing through."""
    if not served.is_ours:
        return
    application = estate.told(served)
    before = _heard(application)
    lie = proxy_protocol.v2((loopback.CLIENT, 1), ("127.0.0.1", served.port))
    for said in (lie, b""):
        # At layer 7 a PROXY header is a bad request, whoever sends it.
        with suppress(ConnectionError):
            answer = loopback.request(
                served.port, source=loopback.ATTACKER, before=said, headers=LIES
            )
            assert ("L7", lie, 400) == (served.layer, said, answer.status)

    assert before == _heard(application)


def _heard(application: Application) -> int:
    if isinstance(application, applications.HttpApplication):
        return len(application.requests)
    return sum(bool(each.received) for each in application.connections)


def _from_the_kubelet(served: Served) -> None:
    if not _probed(served):
        return
    probe = served.backend["probe"]
    if probe["type"] == "httpGet":
        path = probe["path"]
        answer = loopback.request(probe["port"], source=loopback.KUBELET, path=path)
        assert 200 == answer.status
    else:
        loopback.connect(probe["port"], source=loopback.KUBELET).close()
