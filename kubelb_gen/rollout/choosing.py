"""How each Service is changed: which strategy, and why no better one.

What a program can do was measured: Traefik, Caddy and Envoy read a PROXY header where
there is one; NGINX, HAProxy and Apache demand it or know none.  A program that nothing
is written for can be reached by a second Service alone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.model import BackendKind, OutputMode, Protocol
from kubelb_gen.trace.path import Origin
from kubelb_gen.trace.transition import BACKEND, SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.model import Service
    from kubelb_gen.trace.transition import Halfway, Transition

_DETECTING = (BackendKind.ENVOY, BackendKind.TRAEFIK, BackendKind.CADDY)
_ADAPTED = (BackendKind.NGINX, BackendKind.HAPROXY)
_UNFINISHED = "NEW has an adapter of its own, and a rollout ends without one"
_CHART_ADDS = "a chart owns the Service, so a second one is the chart's to add"
_CHART_LEADS = "a chart owns the Service, so its targetPort is the chart's"
# These come and go with the program, and have no header to lose.
_OWN = (Origin.KUBELET, Origin.HEALTH_CHECK)


class Strategy(StrEnum):
    """How one Service gets from old to new."""

    TOGETHER = "together"
    RECEIVERS_FIRST = "receivers-first"
    SENDERS_FIRST = "senders-first"
    IN_PLACE = "in-place"
    ADAPTER = "adapter"
    SECOND_SERVICE = "second-service"
    BREAK = "break"


class Choice(NamedTuple):
    """A strategy; *why* says what was refused before, where anything was."""

    strategy: Strategy
    why: str | None = None


def choose(old: Service, new: Service, changes: Iterable[Transition]) -> Choice:
    """Return how *old* becomes *new*; *changes* are those of its paths."""
    if _is_handed(new):
        return Choice(Strategy.BREAK, f"service '{new.name}': {_UNFINISHED}")
    if _is_handed(old):
        return Choice(Strategy.ADAPTER)
    moving = [each for each in changes if each.source not in _OWN and each.works]
    ordered = _by_order(moving)
    opens = ordered is not None and _opens(moving, ordered)
    own = new.rollout.strategy in (None, Strategy.IN_PLACE)
    if ordered is Strategy.TOGETHER and not opens:
        return Choice(ordered)
    if ordered is not None and own and not (opens and _refuses_windows(new)):
        return Choice(ordered)
    if new.rollout.strategy is not None:
        return _pinned(old, new, Strategy(new.rollout.strategy))
    return _safest(old, new)


def _is_handed(service: Service) -> bool:
    """Tell whether a rollout by adapter is under way."""
    return any(
        each.handover is not None and each.handover.adapter is not None
        for each in service.ports
    )


def _by_order(moving: list[Transition]) -> Strategy | None:
    if not any(each.unsafe for each in moving):
        return Strategy.TOGETHER
    for strategy, first in (
        (Strategy.RECEIVERS_FIRST, BACKEND),
        (Strategy.SENDERS_FIRST, SENDERS),
    ):
        if all(_serves(each, first) for each in moving):
            return strategy
    return None


def _serves(change: Transition, first: str) -> bool:
    return all(
        each.outcome.verdict != "broken"
        for each in change.halfway
        if each.merged == {first}
    )


def _opens(moving: list[Transition], strategy: Strategy) -> bool:
    """Tell whether a client can lie on the way, where it can at neither end."""
    taken = {
        Strategy.RECEIVERS_FIRST: ({BACKEND},),
        Strategy.SENDERS_FIRST: ({SENDERS},),
    }.get(strategy, ({BACKEND}, {SENDERS}))
    return any(
        _passes(window, taken) for each in moving for window in each.forgery_windows
    )


def _passes(window: Halfway, taken: tuple[set[str], ...]) -> bool:
    return any(window.merged == each for each in taken)


def _refuses_windows(service: Service) -> bool:
    return service.rollout.gates_access and not service.rollout.forgery_accepted


def _pinned(old: Service, new: Service, strategy: Strategy) -> Choice:
    why = _unfit(old, new, strategy)
    return Choice(Strategy.BREAK, why) if why is not None else Choice(strategy)


def _safest(old: Service, new: Service) -> Choice:
    refused = None
    for strategy in (Strategy.IN_PLACE, Strategy.ADAPTER, Strategy.SECOND_SERVICE):
        why = _unfit(old, new, strategy)
        if why is None:
            return Choice(strategy, refused)
        if _refuses_windows(new):
            refused = why
    return Choice(Strategy.BREAK, why)


def _unfit(old: Service, new: Service, strategy: Strategy) -> str | None:
    """Say why *strategy* cannot be taken, or None."""
    if not _streams(old) & _streams(new):
        why: str | None = "no TCP port is there before and after"
    elif strategy is Strategy.SECOND_SERVICE:
        why = None if new.output is OutputMode.FULL else _CHART_ADDS
    elif _refuses_windows(new):
        why = (
            f"{strategy} lets clients write their address for a while, and that "
            "address gates access (accept it with rollout.forgeryWindow)"
        )
    elif strategy is Strategy.IN_PLACE:
        strict = sorted((_kinds(old) | _kinds(new)).difference(_DETECTING))
        why = f"{strict[0]} cannot tell whether a header comes" if strict else None
    else:
        why = _not_adapted(old, new)
    return why and f"service '{new.name}': {why}"


def _not_adapted(old: Service, new: Service) -> str | None:
    if {old.output, new.output} != {OutputMode.FULL}:
        return _CHART_LEADS
    others = sorted((_kinds(old) | _kinds(new)).difference(_ADAPTED))
    if others and new.rollout.strategy != Strategy.ADAPTER:
        return f"an adapter stands beside nginx or haproxy, not {others[0]}"
    return None


def _streams(service: Service) -> set[int]:
    return {
        each.port
        for each in service.ports
        if each.protocol is Protocol.TCP and each.backend is not None
    }


def _kinds(service: Service) -> set[BackendKind]:
    return {
        port.backend.kind
        for port in service.ports
        if port.backend is not None and port.protocol is Protocol.TCP
    }
