"""How traced paths look on a terminal."""

from __future__ import annotations

from dataclasses import replace

from kubelb_gen.report.trace_text import trace_text
from kubelb_gen.trace import Hop, Origin, Verdict
from tests.support.paths import BROKEN, CHECK, LOST, POLICY, PRESERVED


def test_a_port_shows_its_verdict_its_path_and_a_reason_for_each_hop() -> None:
    text = trace_text([PRESERVED, BROKEN, CHECK])

    assert (
        """\
primary: default/web 5000/TCP: preserved
  client --> load-balancer --> management-node --> kubelb-envoy ==SNAT#2==> tenant-node
    --> backend
  sees the client, by proxy-protocol-v2; peer: management-egress; \
application: backend-address
    load-balancer    forwards packets
    management-node  keeps the source
                     [tenants/primary/default/web.service.yaml \
externalTrafficPolicy: Local]
    kubelb-envoy     a new connection
    tenant-node      keeps the source
                     [tenants/primary/default/web.service.yaml \
externalTrafficPolicy: Local]
    backend          PROXY v2 names the client
  also cluster-service-ip: broken; it waits in vain
  also health-check: preserved; a check that only connects sees nothing

1 port: 1 preserved
"""
        == text
    )


def test_what_nothing_proves_is_told_beside_the_verdict() -> None:
    path = replace(PRESERVED, assumes=("nobody goes around", "the switch is on"))
    text = trace_text([path, LOST])

    assert text.startswith(
        "primary: default/web 5000/TCP: preserved, if nobody goes around; "
        "and if the switch is on\n"
    )
    assert text.endswith("\n2 ports: 1 preserved (1 with conditions), 1 lost\n")


def test_a_verdict_that_is_not_preserved_has_no_if() -> None:
    path = replace(LOST, assumes=("nobody goes around",))

    assert ", if " not in trace_text([path])


def test_a_lost_client_is_told_with_the_place_and_the_reason() -> None:
    lines = trace_text([LOST]).splitlines()

    assert lines[0] == "primary: default/dns 53/UDP: lost"
    assert lines[3].startswith(
        "  sees management-egress, by source-address; the client is lost at SNAT#2;"
    )
    assert lines[4] == "  because udp_proxy sends from an address of its own"


def test_every_replaced_source_has_the_number_of_its_place() -> None:
    names = ("load-balancer", "management-node", "kubelb-envoy", "tenant-node", "mesh")
    hops = tuple(
        Hop(name=name, snat=True, setting=None, why="replaces") for name in names
    )
    drawn = trace_text([replace(LOST, hops=(*hops, PRESERVED.hops[-1]))])
    path = " ".join(drawn.split("\n  sees", maxsplit=1)[0].split()[4:])

    assert (
        "client --> load-balancer ==SNAT#0==> management-node ==SNAT#1==> "
        "kubelb-envoy ==SNAT#2==> tenant-node ==SNAT#3==> mesh ==SNAT==> backend"
    ) == path


def test_a_path_that_envoy_itself_starts_begins_with_envoy() -> None:
    assert "\n  kubelb-envoy ==SNAT#2==> tenant-node --> backend\n" in (
        trace_text([CHECK])
    )


def test_a_path_that_ends_at_the_plain_listener_says_so() -> None:
    plain = replace(PRESERVED, source=Origin.CLUSTER_SERVICE_IP, plain=True)

    assert (
        "also cluster-service-ip, plain listener: preserved; sees the client, by "
        "proxy-protocol-v2\n"
    ) in trace_text([PRESERVED, plain])


def test_a_gateway_keeps_ports_of_one_name_apart() -> None:
    text = trace_text([PRESERVED, replace(PRESERVED, gateway="eg")])

    assert "default/web 5000/TCP via eg: preserved\n" in text
    assert text.endswith("\n2 ports: 2 preserved\n")


def test_nothing_is_nothing_to_show() -> None:
    assert trace_text([]) == "0 ports\n"


def test_only_the_verdict_is_coloured_and_only_on_demand() -> None:
    text = trace_text([PRESERVED], color=True)

    assert "TCP: \x1b[1;32mpreserved\x1b[0m\n" in text
    assert text.count("\x1b") == 2
    assert "\x1b" not in trace_text([PRESERVED])
    assert all(
        "\x1b" in trace_text([replace(LOST, verdict=verdict)], color=True)
        for verdict in Verdict
    )


def test_text_of_a_spec_cannot_move_the_terminal() -> None:
    evil = Hop(
        name="\x1b[2J",
        snat=False,
        setting=replace(POLICY, value="a\nb\r"),
        why="\x1b]0;title\x07",
    )
    path = replace(LOST, hops=(evil,), because=("\x1b[1A",), assumes=("\x07",))
    text = trace_text([path, replace(path, source=Origin.KUBELET)])

    assert not set("\x1b\x07\r") & set(text)
    assert "a\\nb\\r" in text
