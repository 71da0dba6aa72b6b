"""What a step says of itself: its title, its breakage, its windows, the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.rollout.acting import actions, restarted, same_files, waits
from kubelb_gen.rollout.staging import Stage, counts, moving
from kubelb_gen.rollout.values import Breaks, Step, Wait
from kubelb_gen.trace.path import Verdict
from kubelb_gen.trace.transition import Transition, transitions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.model import Fleet
    from kubelb_gen.plan import Plan
    from kubelb_gen.rollout.staging import Route

    Record = Mapping[str, object]
    Worked = Mapping[tuple[str, str], Transition]

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


class State(NamedTuple):
    """A fleet after a stage, with everything that is known of it."""

    stage: Stage | None
    text: str
    fleet: Fleet
    plan: Plan
    artifacts: Artifacts
    records: tuple[Record, ...]


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
    left = _left(route, after)
    counted = [each for each in changes if counts(each, route.called)]
    broken = tuple(_broken(each for each in counted if not _is_of(each, left)))
    word, title = _named(after, states, route)
    return Step(
        name=f"{number:02}-{word}",
        title=title,
        spec=after.text,
        fleet=after.fleet,
        artifacts=after.artifacts,
        do=(*_containers(before, after), *_acts(before, after), *_moved(route, after)),
        wait=tuple(_wait(route, before, after)),
        breaks=_breaks(broken, before, after),
        broken=broken,
        windows=(
            *_windows(number, states, changes, worked),
            *_stragglers(each for each in counted if _is_of(each, left)),
            *_uncounted(each for each in changes if each not in counted),
        ),
        rollback=tuple(_rollback(number, states, route)),
    )


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
    yield from actions((before.plan, before.artifacts), (after.plan, after.artifacts))


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


def _left(route: Route, after: State) -> tuple[str, ...]:
    """Return the Services whose clients are at a second address just now."""
    if after.stage is not Stage.SENDERS:
        return ()
    return tuple(first for first, _ in moving(route, Stage.SERVE))


def _is_of(change: Transition, services: tuple[str, ...]) -> bool:
    return change.path.rpartition(":")[0] in services


def _uncounted(changes: Iterable[Transition]) -> Iterator[str]:
    for line in _broken(changes):
        yield f"only for callers that the spec does not list: {line}"


def _stragglers(changes: Iterable[Transition]) -> Iterator[str]:
    for line in _broken(changes):
        yield f"only for who still calls the first address: {line}"


def _broken(changes: Iterable[Transition]) -> Iterator[str]:
    for each in changes:
        port = f"{each.path} from {each.source}"
        if each.new is not None and each.new.verdict is Verdict.BROKEN:
            yield f"{port}: broken until a later step"
        elif each.unsafe:
            halves = [half for half in each.halfway if half.outcome.identity is None]
            yield f"{port}: {halves[0].outcome.why}, until the whole step has been done"
        elif each.moves:
            yield f"{port}: {each.moves[0]}"


def _breaks(broken: tuple[str, ...], before: State, after: State) -> Breaks:
    if broken:
        return Breaks.NEW
    # A Service that leads elsewhere, and a sender that sends another header, leave
    # alone what is connected; a pod that stops does not.
    if restarted(before.artifacts, after.artifacts):
        return Breaks.ESTABLISHED
    return Breaks.NOTHING


def _windows(
    number: int, states: list[State], changes: list[Transition], worked: Worked
) -> Iterator[str]:
    for each in changes:
        whole = worked[each.path, each.source]
        ends = {side.verdict for side in (whole.old, whole.new) if side is not None}
        port = f"{each.path} from {each.source}"
        now = each.new.verdict if each.new is not None else None
        if now in _SAID and now not in ends:
            until = _until(number, states, (each.path, each.source), now)
            yield f"{port}: {_SAID[now]}, until step {until} has been done"
            continue
        for verdict in (Verdict.FORGEABLE, Verdict.LOST):
            if verdict in ends or now is verdict:
                continue
            if any(half.outcome.verdict is verdict for half in each.halfway):
                yield f"{port}: {_SAID[verdict]}, while this step is being done"


_SAID = {
    Verdict.FORGEABLE: "a client can write its address itself",
    Verdict.LOST: "the client is not seen",
}


def _until(
    number: int, states: list[State], key: tuple[str, str], verdict: Verdict
) -> int:
    for later in range(number + 1, len(states)):
        found = [
            each["verdict"]
            for each in states[later].records
            if (each["path"], each["from"]) == key
        ]
        if found != [verdict]:
            return later
    return len(states) - 1


def _rollback(number: int, states: list[State], route: Route) -> Iterator[str]:
    before, after = states[number - 1], states[number]
    yield (
        "go back to OLD: apply its files"
        if number == 1
        else f"go back to step {number - 1}: apply its files"
    )
    stage = after.stage
    for first, second in moving(route, stage) if stage is not None else ():
        source, target = (second, first) if stage is Stage.SERVE else (first, second)
        yield f"point names and clients from {source} back to {target}"
    yield from _acts(after, before)
