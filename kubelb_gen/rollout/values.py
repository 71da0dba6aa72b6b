"""A rollout as values: what reports print and what `-o` writes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.model import Fleet


class Breaks(StrEnum):
    """Which connections a step ends, at most, where another pod of a Service is ready.

    Where its `windows` say so, a pod that restarts is not replaced before it stops.
    """

    NOTHING = "nothing"
    ESTABLISHED = "established"
    NEW = "new"


class Wait(NamedTuple):
    """When to go on: the *command* prints, or logs, what *answer* says."""

    command: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: the spec that holds after it, and how to get there.

    *spec* is its text, *fleet* what that loads to.  *broken* says which connections
    fail and why, *windows* what is not as it was or will be while the step lasts:
    clients that are lost, that can lie, or that need another pod, and until when.
    """

    name: str
    title: str
    spec: str
    fleet: Fleet
    artifacts: Artifacts
    do: tuple[str, ...]
    wait: tuple[Wait, ...]
    breaks: Breaks
    broken: tuple[str, ...]
    windows: tuple[str, ...]
    rollback: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """All steps, in order; *refused* says why a strategy could not be taken.

    None where nothing changes.
    """

    name: str
    steps: tuple[Step, ...]
    refused: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether no step breaks a connection that works before and after.

        While pods restart, that is so where another one is ready.
        """
        return all(each.breaks is not Breaks.NEW for each in self.steps)

    def __iter__(self) -> Iterator[Step]:
        """Iterate over the steps."""
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)
