"""Two facts that the steps of a rollout say of themselves, measured on Envoy."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import kubelb_gen
from tests.support import loopback, proxy_protocol, servers
from tests.support.wishes import NGINX, document, service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GREETING = b"220 hello\r\n"
TIMEOUT = 1.0  # listener_filters_timeout, as it is rendered
STANDBY, ADAPTER = 28501, 28502
_TCP_PROXY = (
    "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
)
_SOCKETS = "type.googleapis.com/envoy.extensions.transport_sockets"
_PROXY = f"""
  transport_socket:
    name: "envoy.transport_sockets.upstream_proxy_protocol"
    typed_config:
      "@type": "{_SOCKETS}.proxy_protocol.v3.ProxyProtocolUpstreamTransport"
      config: {{version: "V2"}}
      transport_socket:
        name: "envoy.transport_sockets.raw_buffer"
        typed_config: {{"@type": "{_SOCKETS}.raw_buffer.v3.RawBuffer"}}
"""


def test_where_the_server_speaks_first_the_adapter_waits_for_its_timeout(
    tmp_path: Path,
) -> None:
    handover = {"listen": STANDBY, "adapter": ADAPTER, "serves": True}
    entry = {"backend": NGINX, "handover": handover}
    spec = document(
        management={"egressCIDRs": ["127.0.0.0/8"]},
        tenant={"services": [service(entry)]},
    )
    files = kubelb_gen.render(kubelb_gen.from_data(spec))
    text = files["backends/primary/default/web.envoy.yaml"].text
    port = loopback.free_port()
    with served(greet) as upstream:
        moved = text.replace(str(ADAPTER), str(port)).replace(str(STANDBY), upstream)
        with servers.envoy(tmp_path, moved, ports=[port]):
            silent = heard(port, b"")
            header = proxy_protocol.v2((loopback.CLIENT, 1), ("127.0.0.1", port))
            told = heard(port, header)

    assert TIMEOUT * 0.9 < silent < TIMEOUT + 2
    assert told < TIMEOUT / 2


def test_what_is_connected_outlives_a_change_of_the_annotation(tmp_path: Path) -> None:
    """KubeLB changes the transport socket of a cluster that Envoy gets by CDS."""
    port = loopback.free_port()
    with served(echo) as upstream:
        (tmp_path / "cds.yaml").write_text(cluster(upstream), "utf-8")
        with (
            servers.envoy(tmp_path / "envoy", bootstrap(tmp_path, port), ports=[port]),
            loopback.connect(port) as before,
        ):
            assert b"one" == asked(before, b"one")
            (tmp_path / "next.yaml").write_text(cluster(upstream, _PROXY), "utf-8")
            (tmp_path / "next.yaml").rename(tmp_path / "cds.yaml")
            loopback.eventually(lambda: begins_with_header(port))

            assert b"two" == asked(before, b"two")


def begins_with_header(port: int) -> bool:
    with loopback.connect(port) as link:
        return asked(link, b"new").startswith(proxy_protocol.SIGNATURE)


def asked(link: socket.socket, question: bytes) -> bytes:
    link.sendall(question)
    return link.recv(1024)


def heard(port: int, first: bytes) -> float:
    """How long it takes until the server has spoken, in seconds."""
    start = time.monotonic()
    with loopback.connect(port) as link:
        link.sendall(first)
        assert GREETING == link.recv(1024)
    return time.monotonic() - start


def greet(link: socket.socket) -> None:
    """Speak first, once the PROXY header is read."""
    link.recv(1024)
    link.sendall(GREETING)


def echo(link: socket.socket) -> None:
    """Say everything again."""
    while chunk := link.recv(1024):
        link.sendall(chunk)


@contextmanager
def served(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """The port of a server that does *talk* with everybody."""

    def one(link: socket.socket) -> None:
        with link, suppress(OSError):
            talk(link)

    def serve() -> None:
        with suppress(OSError):
            while True:
                link, _ = listener.accept()
                threading.Thread(target=one, args=(link,), daemon=True).start()

    with socket.create_server(("127.0.0.1", loopback.free_port())) as listener:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield str(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def cluster(upstream: str, sends: str = "") -> str:
    address = f'{{address: "127.0.0.1", port_value: {upstream}}}'
    return f"""\
resources:
- "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster"
  name: "upstream"
  type: "STATIC"
  connect_timeout: "5s"
  load_assignment:
    cluster_name: "upstream"
    endpoints:
    - lb_endpoints: [{{endpoint: {{address: {{socket_address: {address}}}}}}}]
{sends}"""


def bootstrap(folder: Path, port: int) -> str:
    return f"""\
node: {{id: "envoy", cluster: "test"}}
dynamic_resources:
  cds_config: {{path_config_source: {{path: "{folder}/cds.yaml"}}}}
static_resources:
  listeners:
  - name: "listener"
    address: {{socket_address: {{address: "0.0.0.0", port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: "envoy.filters.network.tcp_proxy"
        typed_config:
          "@type": "{_TCP_PROXY}"
          stat_prefix: "tcp"
          cluster: "upstream"
"""
