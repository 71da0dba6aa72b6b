"""Which annotations switch something on a path."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kubelb_gen.catalogue import provider, provider_names
from kubelb_gen.plan.layer4 import PROXY_ANNOTATION

if TYPE_CHECKING:
    from collections.abc import Mapping


def decides(key: str) -> bool:
    """Tell whether an annotation switches something on a path."""
    return key == PROXY_ANNOTATION or key in _switches()


@cache
def _switches() -> frozenset[str]:
    found: set[str] = set()
    for name in provider_names():
        support = provider(name).proxy
        if support is not None:
            sets: list[Mapping[str, str]] = [*support.enable.values()]
            sets += [support.disable, *support.enable_ports.values()]
            found.update(key for each in sets for key in each)
    return frozenset(found)
