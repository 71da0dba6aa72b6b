"""A rollout for a terminal: step by step, what to do, when to go on, how to go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.text import painted, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.rollout import Rollout, Step

_STYLES = {"nothing": "32", "established": "33", "new": "31"}
# Of pods that restart one by one; a StatefulSet stops each before it starts the next.
_WHERE = " where another pod is ready"
BREAKS = {
    "nothing": "breaks nothing",
    "established": (f"ends established connections, refuses no new one{_WHERE}"),
    "new": "breaks new connections",
}


def rollout_text(rollout: Rollout, *, color: bool = False) -> str:
    """Return *rollout* as text; of one without a step, one line that says so."""
    lines = [summary(rollout)]
    for step in rollout:
        lines += ["", *_step(step, color=color)]
    for why in rollout.refused:
        lines += ["", f"refused: {why}"]
    return "".join(
        f"{visible(line) if line else ''}\n" for line in lines[:1]
    ) + "".join(f"{line}\n" for line in lines[1:])


def summary(rollout: Rollout) -> str:
    """Say in one line what the rollout comes to."""
    count = len(rollout)
    if not count:
        return f"{rollout.name}: nothing to do, both render the same files"
    steps = "1 step" if count == 1 else f"{count} steps"
    if rollout.safe:
        restarts = any(each.breaks == "established" for each in rollout)
        where = _WHERE if restarts else ""
        return f"{rollout.name}: {steps}, and no new connection fails{where}"
    return (
        f"{rollout.name}: {steps}, and no order breaks nothing: this is the least bad"
    )


def _step(step: Step, *, color: bool) -> Iterator[str]:
    head = f"{step.name}: {step.title}"
    yield painted(visible(head), "1", color)
    yield "  " + painted(BREAKS[step.breaks], _STYLES[step.breaks], color)
    for word, lines in (
        ("broken", step.broken),
        ("window", step.windows),
        ("do", step.do),
        ("wait", [f"{each.command}  ->  {each.answer}" for each in step.wait]),
        ("rollback", step.rollback),
    ):
        for line in lines:
            yield f"  {word:8} {visible(line)}"
