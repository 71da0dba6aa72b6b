"""What drifted, in words that all formats share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.counting import counted
from kubelb_gen.report.ports import seen, subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.drift import Difference, Drift, Shift


def summary(drift: Drift) -> str:
    """Count what differs, in one line.

    >>> from kubelb_gen.drift import Drift
    >>> summary(Drift((), (), 4, ()))
    'no drift in 4 objects'
    """
    objects = counted(drift.compared, "object")
    if not drift.differences and not drift.shifts:
        return f"no drift in {objects}"
    told = counted(len(drift.differences), "difference")
    if not drift.shifts:
        return f"{told} in {objects}; every path means what the spec says"
    paths = counted(len(drift.shifts), "path")
    verb = "means" if len(drift.shifts) == 1 else "mean"
    return f"{told} in {objects}; {paths} {verb} something else"


def told(difference: Difference) -> str:
    """Say what differs, without the object's name."""
    match difference.kind:
        case "missing":
            return f"is not there; the spec renders it ({difference.wanted})"
        case "stranger":
            return "is there, and the spec does not have it"
        case "leftover":
            return f"{difference.field}: {difference.runs} is left over"
    wanted = "nothing" if difference.wanted is None else difference.wanted
    runs = "nothing" if difference.runs is None else difference.runs
    return f"{difference.field}: the spec says {wanted}, what runs says {runs}"


def meaning(shift: Shift) -> str:
    """Say what a path means with what runs, and what the spec meant."""
    where = f"{subject(shift.runs)} from {shift.runs.source}"
    now = f"{shift.runs.verdict}, {seen(shift.runs)}"
    if shift.runs.verdict == shift.wanted.verdict:
        now = f"{now}, peer {shift.runs.peer}"
        was = f"{shift.wanted.verdict}, {seen(shift.wanted)}, peer {shift.wanted.peer}"
    else:
        was = f"{shift.wanted.verdict}, {seen(shift.wanted)}"
    return f"{where}: {now}; the spec means {was}"


def by_object(drift: Drift) -> dict[tuple[str, str], list[Difference]]:
    """Return the differences by cluster and object, in the order of the spec."""
    found: dict[tuple[str, str], list[Difference]] = {}
    for each in drift.differences:
        found.setdefault((each.cluster, each.object), []).append(each)
    return found


def shifts_of(differences: Iterable[Difference]) -> list[Shift]:
    """Return the paths that *differences* concern, each once."""
    found: list[Shift] = []
    for each in differences:
        found += [shift for shift in each.shifts if shift not in found]
    return found
