"""Packages whose public names are imported when they are first used (PEP 562)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def names(
    package: str, homes: Mapping[str, tuple[str, ...]]
) -> Callable[[str], object]:
    """Return the `__getattr__` of *package*; *homes* lists the names of each module."""

    def imported(name: str) -> object:
        from importlib import import_module  # noqa: PLC0415  once for each name

        for module, found_there in homes.items():
            if name in found_there:
                found: object = getattr(import_module(f"{package}.{module}"), name)
                setattr(sys.modules[package], name, found)
                return found
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return imported
