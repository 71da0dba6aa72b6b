"""What a step says of itself: its title, what to do, when to go on, the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.rollout.acting import actions, same_files
from kubelb_gen.rollout.judging import (
    breaks,
    broken_by,
    hushed,
    is_of,
    left,
    refused,
    stragglers,
    uncounted,
    unserved,
    windows,
)
from kubelb_gen.rollout.programs import programs
from kubelb_gen.rollout.staging import Stage, counts, moving
from kubelb_gen.rollout.values import Step, Wait
from kubelb_gen.rollout.waiting import waits
from kubelb_gen.trace.transition import transitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.rollout.judging import State, Worked
    from kubelb_gen.rollout.staging import Route

_TITLES = {
    Stage.PREPARE: ("prepare", "Prepare those who receive"),
    Stage.SERVE: ("serve", "Lead connections to the adapters"),
    Stage.SENDERS: ("senders", "Change those who send"),
    Stage.PROGRAM: ("receivers", "Settle those who receive"),
    Stage.RETURN: ("return", "Lead connections back to the programs"),
    Stage.NEW: ("clean-up", "Take away what was there for the rollout"),
}
_ALONE = ("change", "Change everything at once")
_MOVES = {
    Stage.SERVE: ("move-clients", "Move clients to the second address"),
    Stage.RETURN: ("move-clients-back", "Move clients back to the first address"),
}
_STILL_CALLED = "nobody calls the address that clients have left"


def step(number: int, states: list[State], route: Route, worked: Worked) -> Step:
    """Return the step that leads to the state *number*, the first being 0.

    *worked* are the paths that work before and after the whole rollout.
    """
    before, after = states[number - 1], states[number]
    changes = [
        each
        for each in transitions(before.records, after.records)
        if (each.path, each.source) in worked
    ]
    moved = left(route, after)
    counted = [each for each in changes if counts(each, route.called)]
    broken = tuple(broken_by(each for each in counted if not is_of(each, moved)))
    word, title = _named(after, states, route)
    return Step(
        name=f"{number:02}-{word}",
        title=title,
        spec=_headed(after.text, title, number, len(states) - 1),
        fleet=after.fleet,
        artifacts=after.artifacts,
        do=(*_acts(before, after), *_moved(route, after)),
        wait=tuple(_wait(route, before, after)),
        breaks=breaks(broken, before, after),
        broken=broken,
        windows=(
            *windows(number, states, changes, worked, moved),
            *refused(counted, before, after),
            *hushed(number, states),
            *unserved(before, after),
            *stragglers(each for each in counted if is_of(each, moved)),
            *uncounted(each for each in changes if each not in counted),
        ),
        rollback=tuple(_rollback(number, states, route)),
    )


def _headed(text: str, title: str, number: int, last: int) -> str:
    """Return the *text* of a spec with what it is for; the last one is the user's."""
    if number == last:
        return text
    return f"# Step {number} of {last} of a rollout: {title}.\n{text}"


def _named(after: State, states: list[State], route: Route) -> tuple[str, str]:
    stage = after.stage or Stage.NEW
    if len(states) == 2:  # noqa: PLR2004  the old one and the new one
        return _ALONE
    if stage in _MOVES and moving(route, stage):
        word, title = _MOVES[stage]
        if any(each.plan is not after.plan for each in states) and _serves(route):
            return f"{_TITLES[stage][0]}-and-{word}", f"{_TITLES[stage][1]}. {title}"
        return word, title
    return _TITLES[stage]


def _serves(route: Route) -> bool:
    return any(each.choice.strategy == "adapter" for each in route.journeys.values())


def _acts(before: State, after: State) -> Iterator[str]:
    if (
        same_files(before.artifacts, after.artifacts)
        and before.records != after.records
    ):
        yield "change by hand what no file here holds, such as the load balancer"
    yield from actions(
        (before.plan, before.artifacts),
        (after.plan, after.artifacts),
        [*programs(before.plan, after.plan), *_containers(before, after)],
    )


def _containers(before: State, after: State) -> Iterator[str]:
    """Yield what no file of ours can do: a container more or less in a pod."""
    was, now = set(_adapters(before)), set(_adapters(after))
    for pods, numbers in sorted(now - was):
        yield (
            f"give the pods of {pods} a container more: Envoy, with the file "
            f"{pods.rpartition('/')[2]}.envoy.yaml of its ConfigMap, on {numbers}"
        )
    for pods, numbers in sorted(was - now):
        yield f"take the adapter's container (Envoy, on {numbers}) from {pods}"


def _adapters(state: State) -> Iterator[tuple[str, str]]:
    for tenant in state.plan.tenants:
        for decided in tenant.services:
            numbers = [
                str(each.port.handover.adapter)
                for each in decided.ports
                if each.port.handover is not None and each.port.handover.adapter
            ]
            if numbers:
                service = decided.service
                pods = f"{tenant.tenant.name}/{service.namespace}/{service.name}"
                yield pods, ", ".join(numbers)


def _moved(route: Route, after: State) -> Iterator[str]:
    stage = after.stage
    if stage is None:
        return
    for first, second in moving(route, stage):
        source, target = (first, second) if stage is Stage.SERVE else (second, first)
        yield (
            f"point names and clients from the address of {source} to that of {target}"
        )


def _wait(route: Route, before: State, after: State) -> Iterator[Wait]:
    stage = after.stage
    for first, second in moving(route, stage) if stage is not None else ():
        left = first if stage is Stage.SERVE else second
        tenant, _, name = left.partition("/")
        namespace, _, service = name.partition("/")
        command = (
            f"kubectl --context management -n tenant-{tenant} logs "
            f"-l app.kubernetes.io/name=tenant-{tenant} --since=10m"
        )
        yield Wait(command, f"{_STILL_CALLED}: {namespace}/{service}")
    yield from waits((before.plan, before.artifacts), (after.plan, after.artifacts))


def _rollback(number: int, states: list[State], route: Route) -> Iterator[str]:
    before, after = states[number - 1], states[number]
    yield (
        "go back to OLD: its files, in this order"
        if number == 1
        else f"go back to step {number - 1}: its files, in this order"
    )
    stage = after.stage
    for first, second in moving(route, stage) if stage is not None else ():
        source, target = (second, first) if stage is Stage.SERVE else (first, second)
        yield f"point names and clients from {source} back to {target}"
    yield from _acts(after, before)
