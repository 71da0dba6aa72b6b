"""Which annotations switch PROXY on or off, at whichever provider."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.catalogue.entries import provider, provider_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubelb_gen.catalogue.proxy import ProxySupport, ProxyVersion


class Switched(NamedTuple):
    """The PROXY *version* that is on, for *ports* alone; None means for all."""

    version: ProxyVersion
    ports: frozenset[int] | None = None


def switched_on(
    support: ProxySupport, annotations: Mapping[str, str], ports: Mapping[int, str]
) -> Switched | None:
    """Return what *annotations* switch on; None where they switch nothing on.

    *ports* are the TCP ports of the Service, number to name.
    """
    for version in support.versions:
        if _is_on(support.enable.get(version, {}), annotations):
            return Switched(version)
    for version in support.enable_ports if ports else ():
        if _is_on(support.switch_on(version, ports), annotations):
            return Switched(version, frozenset(ports))
        found = frozenset(
            number
            for number, name in ports.items()
            if _is_on(support.switch_on(version, {number: name}), annotations)
        )
        if found:
            return Switched(version, found)
    return None


def _is_on(switch: Mapping[str, str], annotations: Mapping[str, str]) -> bool:
    return bool(switch) and switch.items() <= annotations.items()


def is_switch(key: str) -> bool:
    """Tell whether some provider is told by the annotation *key* to send PROXY."""
    return _switches().fullmatch(key) is not None


@cache
def _switches() -> re.Pattern[str]:
    found: set[str] = set()
    for name in provider_names():
        support = provider(name).proxy
        if support is not None:
            sets: list[Mapping[str, str]] = [support.disable, support.disable_ports]
            sets += [*support.enable.values(), *support.enable_ports.values()]
            found.update(key for each in sets for key in each)
    # A key may name its port.
    return re.compile(
        "|".join(
            re.escape(key).replace(re.escape("{port}"), r"\d+") for key in sorted(found)
        )
    )
