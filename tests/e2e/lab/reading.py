"""Whom a program takes for the client that we write nothing for."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.support.applications import Request


def read(request: Request, reads: Mapping[str, Any]) -> str:
    """Whom a program takes for the client that *reads* as the spec says."""
    if reads.get("peer"):
        return request.peer[0]
    entries = [
        entry.strip()
        for value in request.all(reads["header"])
        for entry in value.split(",")
    ]
    if not entries:
        return request.peer[0]
    if reads.get("first"):
        return entries[0]
    if "fromRight" in reads:
        place = reads["fromRight"]
        return entries[-place] if place <= len(entries) else request.peer[0]
    return _walked(entries, reads["cidrs"])


def _walked(entries: Iterable[str], cidrs: Iterable[str]) -> str:
    """The last of *entries* outside *cidrs*, or the first of all."""
    ranges = [ip_network(each) for each in cidrs]
    first = ""
    for entry in reversed(list(entries)):
        first = entry
        if not any(ip_address(entry) in each for each in ranges):
            break
    return first
