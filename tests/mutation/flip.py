"""One decision of the program, and the tests that have to see it flipped."""

from __future__ import annotations

from typing import NamedTuple


class Flip(NamedTuple):
    """One decision, and its opposite: *old* stands in *file* once."""

    name: str
    file: str
    old: str
    new: str


class Suite(NamedTuple):
    """The flips of one package below `kubelb_gen`, and the *tests* that judge it."""

    package: str
    tests: tuple[str, ...]
    flips: tuple[Flip, ...]
