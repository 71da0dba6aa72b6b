"""Which annotations switch PROXY on or off, at whichever provider."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from kubelb_gen.catalogue.entries import provider, provider_names

if TYPE_CHECKING:
    from collections.abc import Mapping


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
