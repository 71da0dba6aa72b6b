"""The steps of a rollout: stages that differ, each judged against the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from kubelb_gen.rollout.acting import same_files
from kubelb_gen.rollout.describing import step
from kubelb_gen.rollout.judging import State
from kubelb_gen.rollout.staging import (
    Route,
    Stage,
    fleet_at,
    moving,
    needs_stages,
    route_of,
)
from kubelb_gen.rollout.values import Rollout
from kubelb_gen.trace.meaning import meaning
from kubelb_gen.trace.transition import Transition, transitions

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubelb_gen.model import Fleet

    # A fleet as the text of a spec, and what that text loads to.
    Writer = Callable[[Fleet], tuple[str, Fleet]]


def roll_out(old: Fleet, new: Fleet, write: Writer) -> Rollout:
    """Return the steps from *old* to *new*; *write* makes a spec of a fleet.

    Both are read as they are: whether *new* is sound is for the caller to ask first.
    """
    first = _state(None, "", old)
    last = _state(Stage.NEW, *write(new))
    changes = list(transitions(first.records, last.records))
    by_path: dict[str, list[Transition]] = {}
    for each in changes:
        by_path.setdefault(each.path, []).append(each)
    route = route_of(first.plan, make_plan(new), by_path)
    states = [first, *_states(route, write, first, last)]
    worked = {(each.path, each.source): each for each in changes if each.works}
    return Rollout(
        name=new.name,
        steps=tuple(
            step(number, states, route, worked) for number in range(1, len(states))
        ),
        refused=tuple(
            each.choice.why for each in route.journeys.values() if each.choice.why
        ),
    )


def _state(stage: Stage | None, text: str, fleet: Fleet) -> State:
    plan = make_plan(fleet)
    records = meaning(plan)
    artifacts = render_plan(plan, meaning=records)
    return State(stage, text, fleet, plan, artifacts, records)


def _states(route: Route, write: Writer, first: State, last: State) -> list[State]:
    found = [first]
    for stage in Stage if needs_stages(route) else ():
        if stage is Stage.NEW:
            break
        state = _state(stage, *write(fleet_at(route, stage)))
        moves = bool(moving(route, stage))
        if moves or not _same(found[-1], state):
            found.append(state)
    before = found[-1]
    if not _same(before, last):
        alone = len(found) == 1
        found.append(last._replace(stage=Stage.SENDERS if alone else Stage.NEW))
    elif before is not first:
        # What was reached has pins left, and says the same without them.
        found[-1] = last._replace(stage=before.stage)
    return found[1:]


def _same(one: State, other: State) -> bool:
    """Tell whether nothing is to be applied, and nothing changed that no file holds."""
    return same_files(one.artifacts, other.artifacts) and one.records == other.records
