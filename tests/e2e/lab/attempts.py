"""What is sent: the flow as an honest client sends it, and every lie about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from tests.e2e.lab import cells, topology
from tests.support import proxy_protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.lab.cells import Cell

# Each payload has a length of its own, by which a log line is found again.
_lengths = count(start=16)
FORWARDED_FOR, REAL_IP = "X-Forwarded-For", "X-Real-IP"
_EXTERNAL = "X-Envoy-External-Address"


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


def clean(cell: Cell) -> Attempt:
    """How an honest client sends the flow of *cell*."""
    if cell.flow == cells.V6:
        return Attempt(source=topology.CLIENT6)
    if cell.flow in {cells.SERVICE_IP, cells.VIP}:
        return Attempt(source=topology.CALLER)
    if _behind_cdn(cell):
        # As a proxy of the spec's owner sends it.
        told = ((FORWARDED_FOR, topology.CLIENT),)
        return Attempt(source=topology.OUTER_PROXY, headers=told)
    return Attempt(source=topology.CLIENT)


def lies(cell: Cell) -> Iterator[tuple[str, Attempt]]:
    """Every lie that can be told along the way of *cell*, with its name."""
    source = {
        cells.V6: topology.CLIENT6,
        cells.SERVICE_IP: topology.CALLER,
        cells.VIP: topology.CALLER,
    }.get(cell.flow, topology.ATTACKER)
    edge = cell.world.edge
    proxied = edge is not None and edge.trusted_proxies is not None
    if _behind_cdn(cell):
        several = ", ".join([topology.LIE] * 4)
        told = ((FORWARDED_FOR, f"{several}, {topology.CLIENT}"),)
        yield (
            "x-forwarded-for",
            Attempt(source=topology.OUTER_PROXY, headers=told),
        )
    else:
        yield from _lies_of(source)
    if proxied and cell.flow == cells.V4:
        yield from _lies_of(source, around=True)


def _behind_cdn(cell: Cell) -> bool:
    edge = cell.world.edge
    return (
        edge is not None
        and edge.trusted_proxies is not None
        and cell.world.front == "pass"
        and cell.flow != cells.SERVICE_IP
    )


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
        ("x-forwarded-for", FORWARDED_FOR, ", ".join([topology.LIE] * 4)),
        ("x-envoy-external-address", _EXTERNAL, topology.LIE),
        ("x-real-ip", REAL_IP, topology.LIE),
        ("other-header", "Forwarded", f"for={topology.LIE}"),
    ):
        told = ((header, value),)
        yield name, Attempt(source=source, around=around, headers=told)
