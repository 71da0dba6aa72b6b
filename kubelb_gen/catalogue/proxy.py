"""How a load balancer is made to send PROXY, and to stop: annotations as templates."""

from __future__ import annotations

import re
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from kubelb_gen.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubelb_gen.catalogue.sharing import Sharing


class ProxyVersion(StrEnum):
    """The PROXY protocol: version 1 is a line of text, version 2 is binary."""

    V1 = "v1"
    V2 = "v2"


class ProxyScope(StrEnum):
    """Whether PROXY is a matter of the whole Service or of each of its ports."""

    SERVICE = "service"
    PORTS = "ports"


_EACH, _END = "{each}", "{/each}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySupport:
    """How a balancer is made to send PROXY, and how it is made to stop.

    *versions* stand in order of preference; *certain* is False where the vendor names
    none and ours is a guess.  *enable_ports* and *disable_ports* hold templates, which
    `switch_on` and `switch_off` fill.  An empty *disable* means that the annotation has
    to be removed.  *shared* holds the keys whose value is not about PROXY alone.
    """

    versions: tuple[ProxyVersion, ...]
    certain: bool = True
    scope: ProxyScope = ProxyScope.SERVICE
    enable: Mapping[ProxyVersion, Mapping[str, str]] = field(hash=False)
    enable_ports: Mapping[ProxyVersion, Mapping[str, str]] = field(
        default_factory=dict, hash=False
    )
    enable_note: str | None = None
    disable: Mapping[str, str] = field(default_factory=dict, hash=False)
    disable_ports: Mapping[str, str] = field(default_factory=dict, hash=False)
    disable_note: str | None = None
    shared: Mapping[str, Sharing] = field(default_factory=dict, hash=False)

    def switch_on(
        self, version: ProxyVersion, ports: Mapping[int, str] | None = None
    ) -> dict[str, str]:
        """Name the annotations for all ports, or for *ports* (number to name) alone.

        ValueError when *ports* is given and the balancer knows no such distinction.
        """
        if ports is None:
            return dict(self.enable[version])
        if version not in self.enable_ports:
            msg = f"PROXY {version} is switched on for a Service as a whole"
            raise ValueError(msg)
        return _all_filled(self.enable_ports[version], ports)

    def switch_off(self, ports: Mapping[int, str]) -> dict[str, str]:
        """Name the annotations that say off for each of *ports* by itself."""
        return _all_filled(self.disable_ports, ports)

    def values_of_port(self, key: str) -> set[str]:
        """Name the values, for on and for off, of *key* where it is of one port."""
        number = re.search(r"\d+$", key)
        if number is None:
            return set()
        sets = (*self.enable_ports.values(), self.disable_ports)
        ports = {int(number.group()): ""}
        return {
            _all_filled({template: value}, ports)[key]
            for templates in sets
            for template, value in templates.items()
            if template.replace("{port}", number.group()) == key != template
        }

    def sharing_of(self, key: str) -> Sharing | None:
        """Say how a user's part of the annotation *key* stands beside ours."""
        for template, sharing in self.shared.items():
            pattern = re.escape(template).replace(re.escape("{port}"), r"\d+")
            if re.fullmatch(pattern, key):
                return sharing
        return None

    def has_own_keys(self, version: ProxyVersion) -> bool:
        """Whether ports are switched by keys that the form for all does not overwrite.

        What such a key says stays when another form is written: KubeLB never takes an
        annotation off the Envoy Service.
        """
        keys = self.enable_ports.get(version, {}).keys()
        return bool(keys - self.enable[version].keys())


def _all_filled(
    templates: Mapping[str, str], ports: Mapping[int, str]
) -> dict[str, str]:
    return {
        filled_key: filled_value
        for key, value in templates.items()
        for filled_key, filled_value in _filled(key, value, ports)
    }


def _filled(key: str, value: str, ports: Mapping[int, str]) -> list[tuple[str, str]]:
    if "{port}" in key:
        return [
            (_for_port(key, number, name), _for_port(value, number, name))
            for number, name in ports.items()
        ]
    return [(key, _repeated(value, ports))]


def _repeated(value: str, ports: Mapping[int, str]) -> str:
    before, marker, rest = value.partition(_EACH)
    if not marker:
        return value
    item, _, after = rest.partition(_END)
    items = ",".join(_for_port(item, number, name) for number, name in ports.items())
    return before + items + _repeated(after, ports)


def _for_port(template: str, number: int, name: str) -> str:
    # Not str.format: the values are JSON, full of braces of their own.
    return template.replace("{port}", str(number)).replace("{name}", name)
