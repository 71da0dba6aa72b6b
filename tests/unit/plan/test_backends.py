"""Which listeners the backends of a tenant get."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.model import (
    Backend,
    BackendKind,
    BackendMode,
    ConfigMapKey,
    Emit,
    Probe,
    ProbeType,
    Protocol,
    ProxyAcceptance,
    RouteBackend,
    Service,
    ServicePort,
    Tenant,
)
from kubelb_gen.plan import (
    ByHeader,
    ByPosition,
    Carrier,
    GatewayPlan,
    PortPlan,
    RoutePlan,
    ServicePlan,
)
from kubelb_gen.plan.backends import backend_files, clashes
from kubelb_gen.plan.pods import plain_probe_port
from tests.support.estates import networks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.plan import BackendFile, Listener, Reading
    from kubelb_gen.plan.clash import Clash

TENANT = Tenant(name="primary")
EGRESS = networks("10.3.0.0/16")
NGINX = Backend(
    kind=BackendKind.NGINX, mode=BackendMode.HTTP, upstream="127.0.0.1:8080"
)
_PROBE = Probe(type=ProbeType.HTTP_GET, port=8081, path="/healthz")


def _port(
    name: str = "main",
    *,
    listen: int = 5000,
    backend: Backend | None = NGINX,
    accept: ProxyAcceptance = ProxyAcceptance.V2,
    protocol: Protocol = Protocol.TCP,
    plain: int | None = None,
) -> PortPlan:
    takes = accept is not ProxyAcceptance.NONE
    return PortPlan(
        port=ServicePort(
            name=name,
            port=listen,
            target_port=listen,
            listen=listen,
            protocol=protocol,
            backend=backend,
            plain_port=plain,
        ),
        carrier=Carrier.ENVOY if takes else Carrier.NOTHING,
        header=ProxyVersion.V2 if takes else None,
        accept=accept,
        trusted=EGRESS,
    )


class _Any:
    """Stands for facts that backends do not read."""


def _service(*ports: PortPlan, name: str = "web") -> ServicePlan:
    return ServicePlan(
        tenant=TENANT,
        service=Service(
            name=name, namespace="default", ports=tuple(each.port for each in ports)
        ),
        balancer=_Any(),  # type: ignore[arg-type]
        annotations={},
        proxy_annotation=True,
        load_balancer_class=None,
        uid="uid-default-web",
        uid_is_stand_in=True,
        ports=ports,
        expected=False,
        source_ip_persistence=False,
    )


def _gateway(*routes: RoutePlan) -> GatewayPlan:
    unread = _Any()
    return GatewayPlan(
        tenant=TENANT,
        gateway=unread,  # type: ignore[arg-type]
        edge=unread,  # type: ignore[arg-type]
        policy=None,
        routes=routes,
    )


def _route(
    reading: Reading | None, *, listen: int | None = 8080, name: str = "web"
) -> RoutePlan:
    return RoutePlan(
        backend=RouteBackend(
            name=name,
            namespace="default",
            backend=NGINX,
            route_kind="HTTPRoute",
            route_name="web",
            port=80,
            listen=listen,
        ),
        carrier=Carrier.HEADER,
        client_from_right=2,
        reading=reading,
        trusted=networks("10.2.0.0/16"),
        uid="uid-default-web",
        uid_is_stand_in=True,
        as_http=True,
    )


def _only(files: Iterable[BackendFile]) -> BackendFile:
    (file,) = files
    return file


def _listeners(*ports: PortPlan) -> tuple[Listener, ...]:
    return _only(backend_files(TENANT, [_service(*ports)], [])).listeners


def _clash(*ports: PortPlan) -> Clash:
    (clash,) = clashes(TENANT, [_service(*ports)], [])
    return clash


def test_a_port_becomes_a_listener_that_trusts_its_peers() -> None:
    (listener,) = _listeners(_port())

    assert "kubelb_primary__default__web__main" == listener.label
    assert (5000, EGRESS) == (listener.listen, listener.trusted)
    assert listener.guarded


def test_ports_that_agree_share_one_listener() -> None:
    """Ports 80 and 8080 of a Service may end in one container port."""
    (listener,) = _listeners(_port("main"), _port("other"))

    assert "kubelb_primary__default__web__main" == listener.label
    assert () == clashes(TENANT, [_service(_port("main"), _port("other"))], [])


def test_of_ports_that_disagree_the_first_stays_and_the_second_is_told() -> None:
    ports = (_port("main"), _port("other", accept=ProxyAcceptance.NONE))

    (listener,) = _listeners(*ports)
    assert ProxyAcceptance.V2 is listener.accept
    assert ("listen", 5000) == (_clash(*ports).what, _clash(*ports).number)


def test_tcp_and_udp_may_have_the_same_number() -> None:
    stream = Backend(
        kind=BackendKind.NGINX, mode=BackendMode.STREAM, upstream="127.0.0.1:53"
    )
    ports = (
        _port("dns-tcp", listen=53, backend=stream),
        _port(
            "dns-udp",
            listen=53,
            backend=stream,
            accept=ProxyAcceptance.NONE,
            protocol=Protocol.UDP,
        ),
    )

    assert [Protocol.TCP, Protocol.UDP] == [
        each.protocol for each in _listeners(*ports)
    ]
    assert () == clashes(TENANT, [_service(*ports)], [])


def test_a_port_that_takes_no_header_believes_nobody_and_refuses_nobody() -> None:
    (listener,) = _listeners(_port(accept=ProxyAcceptance.NONE))

    assert () == listener.trusted
    assert not listener.guarded


def test_callers_in_the_cluster_get_a_plain_port() -> None:
    proxied, plain = _listeners(_port(plain=8082))

    assert ProxyAcceptance.V2 is proxied.accept
    assert (8082, ProxyAcceptance.NONE) == (plain.listen, plain.accept)
    assert not plain.guarded
    assert proxied.label != plain.label


def test_one_probe_of_several_ports_is_answered_once() -> None:
    backend = Backend(
        kind=BackendKind.NGINX,
        mode=BackendMode.HTTP,
        upstream="127.0.0.1:8080",
        probe=_PROBE,
    )
    ports = (
        _port("main", backend=backend),
        _port("other", listen=5001, backend=backend),
    )

    assert [_PROBE, None] == [each.probe for each in _listeners(*ports)]
    assert () == clashes(TENANT, [_service(*ports)], [])


@pytest.mark.parametrize(
    "probe",
    [
        pytest.param(Probe(type=ProbeType.HTTP_GET, port=8081, path="/x"), id="path"),
        pytest.param(Probe(type=ProbeType.TCP_SOCKET, port=8081), id="type"),
    ],
)
def test_two_probes_of_one_port_are_told(probe: Probe) -> None:
    first, second = (
        Backend(
            kind=BackendKind.NGINX,
            mode=BackendMode.HTTP,
            upstream="127.0.0.1:8080",
            probe=each,
        )
        for each in (_PROBE, probe)
    )
    ports = (
        _port("main", backend=first),
        _port("other", listen=5001, backend=second),
    )

    assert [_PROBE, None] == [each.probe for each in _listeners(*ports)]
    assert ("probe", 8081) == (_clash(*ports).what, _clash(*ports).number)


@pytest.mark.parametrize("listen", [8081, 5001])
def test_a_probe_on_a_port_that_wants_a_header_is_told(listen: int) -> None:
    """One address and port is never both plain and PROXY."""
    backend = Backend(
        kind=BackendKind.NGINX,
        mode=BackendMode.HTTP,
        upstream="127.0.0.1:8080",
        probe=_PROBE,
    )
    ports = (
        _port("main", listen=listen, backend=backend),
        _port("other", listen=8081, backend=backend),
    )
    served = ports[:1] if listen == 8081 else ports

    assert {None} == {each.probe for each in _listeners(*served)}
    assert {"probe"} == {each.what for each in clashes(TENANT, [_service(*served)], [])}


def test_a_route_backend_reads_its_header_from_its_peers() -> None:
    reading = ByHeader(header="X-Envoy-External-Address")
    file = _only(backend_files(TENANT, [], [_gateway(_route(reading))]))
    (listener,) = file.listeners

    assert "kubelb_primary__default__web" == listener.label
    assert (reading, networks("10.2.0.0/16")) == (listener.reading, listener.trusted)
    assert listener.behind_route
    assert listener.guarded


def test_a_route_backend_that_reads_nothing_refuses_nobody() -> None:
    file = _only(backend_files(TENANT, [], [_gateway(_route(None))]))
    (listener,) = file.listeners

    assert () == listener.trusted
    assert not listener.guarded


def test_routes_of_two_gateways_share_one_backend_that_reads_alike() -> None:
    alike = [_gateway(_route(ByPosition(from_right=2))) for _ in range(2)]
    other = [*alike, _gateway(_route(ByPosition(from_right=3)))]

    assert 1 == len(_only(backend_files(TENANT, [], alike)).listeners)
    assert () == clashes(TENANT, [], alike)
    assert ["listen"] == [each.what for each in clashes(TENANT, [], other)]


def test_two_ports_of_one_route_backend_have_two_labels() -> None:
    gateway = _gateway(_route(None), _route(None, listen=8090))
    first, second = _only(backend_files(TENANT, [], [gateway])).listeners

    assert first.label != second.label


def test_layer_4_and_7_of_one_service_share_its_files() -> None:
    file = _only(backend_files(TENANT, [_service(_port())], [_gateway(_route(None))]))

    assert [5000, 8080] == [each.listen for each in file.listeners]


@pytest.mark.parametrize(
    "backend",
    [
        pytest.param(None, id="no backend"),
        pytest.param(
            Backend(kind=BackendKind.OTHER, upstream="127.0.0.1:1"), id="other"
        ),
        pytest.param(
            Backend(kind=BackendKind.NGINX, mode=BackendMode.HTTP), id="no upstream"
        ),
        pytest.param(
            Backend(
                kind=BackendKind.NGINX,
                mode=BackendMode.HTTP,
                upstream="127.0.0.1:1",
                emit=Emit.NONE,
            ),
            id="emit none",
        ),
    ],
)
def test_nothing_is_written_for(backend: Backend | None) -> None:
    assert () == backend_files(TENANT, [_service(_port(backend=backend))], [])


def test_haproxy_forwards_no_udp() -> None:
    haproxy = Backend(
        kind=BackendKind.HAPROXY, mode=BackendMode.TCP, upstream="127.0.0.1:53"
    )
    port = _port(backend=haproxy, protocol=Protocol.UDP, accept=ProxyAcceptance.NONE)

    assert () == backend_files(TENANT, [_service(port)], [])


def test_a_route_backend_without_a_known_port_is_left_out() -> None:
    gateway = _gateway(_route(None, listen=None))

    assert () == backend_files(TENANT, [], [gateway])


def test_nginx_gives_fragments_and_haproxy_whole_files() -> None:
    haproxy = Backend(
        kind=BackendKind.HAPROXY, mode=BackendMode.TCP, upstream="127.0.0.1:8080"
    )
    service = _service(_port("a"), _port("b", listen=5001, backend=haproxy))

    assert [
        (BackendKind.HAPROXY, Emit.COMPLETE),
        (BackendKind.NGINX, Emit.FRAGMENT),
    ] == [(each.kind, each.emit) for each in backend_files(TENANT, [service], [])]


def test_ports_that_want_one_file_in_two_ways_are_told() -> None:
    other = Backend(
        kind=BackendKind.NGINX,
        mode=BackendMode.HTTP,
        upstream="127.0.0.1:8080",
        emit=Emit.COMPLETE,
        config_map=ConfigMapKey(name="mine"),
    )
    ports = (_port("a"), _port("b", listen=5001, backend=other))

    assert ["emit", "configMap"] == [
        each.what for each in clashes(TENANT, [_service(*ports)], [])
    ]


@pytest.mark.parametrize(
    "probe",
    [
        pytest.param(Probe(type=ProbeType.TCP_SOCKET), id="tcpSocket"),
        pytest.param(Probe(type=ProbeType.TCP_SOCKET, port=5000), id="same port"),
        pytest.param(Probe(type=ProbeType.HTTP_GET, path="/"), id="httpGet"),
    ],
)
def test_a_probe_of_the_serving_port_needs_no_listener(probe: Probe) -> None:
    backend = Backend(
        kind=BackendKind.NGINX,
        mode=BackendMode.HTTP,
        upstream="127.0.0.1:8080",
        probe=probe,
    )
    (listener,) = _listeners(_port(backend=backend))

    assert None is plain_probe_port(listener)
    assert () == clashes(TENANT, [_service(_port(backend=backend))], [])


def test_a_port_that_everybody_may_ask_can_be_probed_itself() -> None:
    backend = Backend(
        kind=BackendKind.NGINX,
        mode=BackendMode.HTTP,
        upstream="127.0.0.1:8080",
        probe=_PROBE,
    )
    port = _port(listen=8081, backend=backend, accept=ProxyAcceptance.NONE)
    (listener,) = _listeners(port)

    assert None is listener.probe
    assert () == clashes(TENANT, [_service(port)], [])
