"""Sends a flow along a chain of hops, clean and with lies, and says what arrives."""

from collections.abc import Iterable

from kubelb_gen.frozen import dataclass
from kubelb_gen.trace.flow import Flow, Named, Step
from kubelb_gen.trace.path import Hop, Lie, LiePlace, Role
from kubelb_gen.trace.planes import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What became of a flow: the steps as far as it came, and who the peer is.

    *broken* is the index of the step that let nothing through.
    """

    names: tuple[str, ...]
    steps: tuple[Step, ...]
    broken: int | None
    peer: Role

    @property
    def evaluated(self) -> bool:
        """Whether enough is known of every hop that the flow came to."""
        return not any(step.unknown for step in self.steps)

    @property
    def last(self) -> Step:
        """The step where the flow ended."""
        return self.steps[-1]

    @property
    def named(self) -> Named | None:
        """Whom the backend takes for the client, None where nothing arrives."""
        return None if self.broken is not None else self.last.named

    @property
    def hops(self) -> tuple[Hop, ...]:
        """The steps as the path shows them."""
        return tuple(
            Hop(name=name, snat=step.snat, setting=step.setting, why=step.why)
            for name, step in zip(self.names, self.steps, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A flow with a lie in one *place*, and the chain that the liar sends it along."""

    place: LiePlace
    header: str | None
    flow: Flow
    links: tuple[Link, ...]
    past_proxies: bool = False


def walk(flow: Flow, links: Iterable[Link]) -> Walk:
    """Return what becomes of *flow* on its way along *links*."""
    names: list[str] = []
    steps: list[Step] = []
    broken: int | None = None
    for each in links:
        step = each.plane.forward(flow, each.facts)
        if broken is None:
            names.append(each.name)
            steps.append(step)
            if step.broken is not None:
                broken = len(steps) - 1
        # Past a break only the source matters: it is the peer that would be seen.
        flow = step.flow
    return Walk(
        names=tuple(names),
        steps=tuple(steps),
        broken=broken,
        # Only a client's connection can have a source without a role, and none has.
        peer=flow.source.role or Role.CLIENT,
    )


def lie(attempt: Attempt) -> Lie:
    """Return what becomes of the lie of *attempt*."""
    told = walk(attempt.flow, attempt.links)
    believed = told.named is not None and told.named.is_lie
    return Lie(
        place=attempt.place,
        header=attempt.header,
        past_proxies=attempt.past_proxies,
        believed=believed,
        hop=told.names[-1],
        fate=_fate(told, believed=believed),
        entries=max(len(attempt.flow.forwarded_for), 1),
    )


def _fate(told: Walk, *, believed: bool) -> str:
    if believed:
        return f"the backend believes what the client wrote: {told.last.why}"
    if told.broken is not None:
        return f"nothing comes through: {told.last.why}"
    role = told.named.role if told.named is not None else None
    if role is Role.CLIENT:
        return f"the backend still sees the client: {told.last.why}"
    return f"the backend takes the {role} for the client: {told.last.why}"
