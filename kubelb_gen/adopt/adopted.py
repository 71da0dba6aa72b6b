"""What is given to an adoption beside dumps, and what comes of it."""

from __future__ import annotations

from typing import Any, NamedTuple

Data = dict[str, Any]


class Given(NamedTuple):
    """What the command line says beside the dumps; *facts* is a part of a spec."""

    name: str = "adopted"
    version: str | None = None
    edition: str | None = None
    load_balancer: str | None = None
    facts: Data | None = None


class Told(NamedTuple):
    """What cannot be said in a spec, or was left out of it."""

    message: str


class Adopted(NamedTuple):
    """A spec as YAML and as data; *unknown* and *guessed* count what it says so of."""

    text: str
    data: Data
    told: tuple[Told, ...]
    services: int
    backends: int
    unknown: int
    guessed: int
