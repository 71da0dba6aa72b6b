"""What a step breaks, and what is worse while it lasts than before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.model import BackendKind, ProxyAcceptance
from kubelb_gen.rollout.acting import restarted
from kubelb_gen.rollout.restarting import gaps, services_of, touched
from kubelb_gen.rollout.staging import Stage, moving
from kubelb_gen.rollout.values import Breaks
from kubelb_gen.trace.path import Verdict
from kubelb_gen.trace.shut_out import shut_out
from kubelb_gen.trace.transition import BACKEND, SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.model import Fleet
    from kubelb_gen.plan import Plan, PortPlan
    from kubelb_gen.rollout.staging import Route
    from kubelb_gen.trace.meeting import Outcome
    from kubelb_gen.trace.transition import Transition

    Record = Mapping[str, object]
    Worked = Mapping[tuple[str, str], Transition]

_SAID = {
    Verdict.FORGEABLE: "a client can write its address itself",
    Verdict.LOST: "the client is not seen",
}
_REFUSED = {
    SENDERS: "until this step has been done: let them come after it",
    BACKEND: "from this step on: let none be left before it",
}


_FIRST = "at the first address, which anybody may still call"


class State(NamedTuple):
    """A fleet after a stage, with everything that is known of it."""

    stage: Stage | None
    text: str
    fleet: Fleet
    plan: Plan
    artifacts: Artifacts
    records: tuple[Record, ...]


def left(route: Route, after: State) -> tuple[str, ...]:
    """Return the Services whose clients are at a second address just now."""
    if after.stage not in (Stage.SENDERS, Stage.PROGRAM):
        return ()
    return tuple(first for first, _ in moving(route, Stage.SERVE))


def is_of(change: Transition, services: tuple[str, ...]) -> bool:
    """Tell whether *change* is about one of *services*."""
    return change.path.rpartition(":")[0] in services


def uncounted(changes: Iterable[Transition]) -> Iterator[str]:
    """Say what *changes* break for callers that no spec lists."""
    for line in broken_by(changes):
        yield f"only for callers that the spec does not list: {line}"


def stragglers(changes: Iterable[Transition]) -> Iterator[str]:
    """Say what *changes* break for clients that have not moved."""
    for line in broken_by(changes):
        yield f"only for who still calls the first address: {line}"


def broken_by(changes: Iterable[Transition]) -> Iterator[str]:
    """Say which connections *changes* break, and why."""
    for each in changes:
        port = f"{each.path} from {each.source}"
        if each.new is not None and each.new.verdict is Verdict.BROKEN:
            yield f"{port}: broken until a later step"
        elif each.unsafe:
            halves = [half for half in each.halfway if half.outcome.identity is None]
            yield f"{port}: {halves[0].outcome.why}, until the whole step has been done"
        elif each.moves:
            yield f"{port}: {each.moves[0]}"


def breaks(broken: tuple[str, ...], before: State, after: State) -> Breaks:
    """Return what a step ends at most; *broken* is what `broken_by` says."""
    if broken:
        return Breaks.NEW
    # A Service that leads elsewhere, and a sender that sends another header, leave
    # alone what is connected; a pod that stops does not.
    if restarted(before.artifacts, after.artifacts):
        return Breaks.ESTABLISHED
    return Breaks.NOTHING


def windows(
    number: int,
    states: list[State],
    changes: list[Transition],
    worked: Worked,
    moved: tuple[str, ...],
) -> Iterator[str]:
    """Say where clients are lost, or can lie, that are not and cannot at both ends.

    Of *moved* the clients are elsewhere, and who means to lie need not be.
    """
    for each in changes:
        whole = worked[each.path, each.source]
        ends = {side.verdict for side in (whole.old, whole.new) if side is not None}
        where = f"{_FIRST}: " if is_of(each, moved) else ""
        port = f"{where}{each.path} from {each.source}"
        now = each.new.verdict if each.new is not None else None
        if now in _SAID and now not in ends:
            until = _until(number, states, (each.path, each.source), now)
            yield f"{port}: {_SAID[now]}, until step {until} has been done"
            continue
        for verdict in (Verdict.FORGEABLE, Verdict.LOST):
            if verdict in ends or now is verdict:
                continue
            if any(_is(verdict, half.outcome) for half in each.halfway):
                yield f"{port}: {_SAID[verdict]}, while this step is being done"


def _is(verdict: Verdict, outcome: Outcome) -> bool:
    # A reader that waits for a header takes the one that a client writes.
    lies = verdict is Verdict.FORGEABLE and outcome.believes
    return lies or outcome.verdict is verdict


def refused(
    changes: Iterable[Transition], before: State, after: State
) -> Iterator[str]:
    """Say which peers a guard refuses, whose ranges come or go in a step."""
    was, now = _by_key(before), _by_key(after)
    for each in changes:
        key = each.path, each.source
        for merged, ranges in shut_out(each, was[key], now[key]):
            yield (
                f"{each.path} from {each.source}: peers from {', '.join(ranges)} are "
                f"refused {_REFUSED[merged]}"
            )


def _by_key(state: State) -> dict[tuple[object, object], Record]:
    return {(each["path"], each["from"]): each for each in state.records}


def unserved(before: State, after: State) -> Iterator[str]:
    """Say whose new connections need another pod, of who is there before and after."""
    there = [
        touched([*each.artifacts.values()]) | services_of(each.plan).keys()
        for each in (before, after)
    ]
    names = restarted(before.artifacts, after.artifacts).intersection(*there)
    yield from gaps(before.plan, after.plan, names)


def hushed(number: int, states: list[State]) -> Iterator[str]:
    """Yield the ports whose readers wait for a header that may never come."""
    waiting = [set(_waiting(each)) for each in states]
    for port in sorted(waiting[number]):
        until = next(
            (n for n in range(number, len(states)) if port not in waiting[n]), number
        )
        yield (
            f"{port}: where the server speaks first, it is heard after 1 s, "
            f"until step {until} has been done"
        )


def _waiting(state: State) -> Iterator[str]:
    for tenant in state.plan.tenants:
        for decided in tenant.services:
            service = decided.service
            stem = f"{tenant.tenant.name}/{service.namespace}/{service.name}"
            for port in decided.ports:
                if port.header is None and _may_wait(port):
                    yield f"{stem}:{port.port.port}/{port.port.protocol}"


def _may_wait(port: PortPlan) -> bool:
    """Tell whether an Envoy passes bytes on that reads a header where one comes."""
    backend = port.port.backend
    if backend is None or (backend.mode is not None and backend.mode.is_http):
        return False
    by_itself = backend.kind is BackendKind.ENVOY
    optional = port.entry is ProxyAcceptance.OPTIONAL
    return optional and (by_itself or port.port.adapted)


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
