"""What comes of senders and receivers that were not planned for each other.

Either is a record of `meaning`, or what a lock keeps of it: nothing else is needed to
send one's flow into the other's configuration.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.trace.path import Carried, Origin, Role, Verdict
from kubelb_gen.trace.planes import BACKENDS
from kubelb_gen.trace.wording import (
    NOTHING,
    UNKNOWN,
    flow_of_words,
    lies_of_words,
    networks,
    ranges_of_words,
    receiver_of_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubelb_gen.trace.backends.receiving import BackendHop
    from kubelb_gen.trace.flow import Flow, Plane, Step

    Record = Mapping[str, Any]

# Nobody sends these a header on the way: they come and go with the backend.
OF_THE_BACKEND = (Origin.KUBELET, Origin.HEALTH_CHECK)
# What the edge writes of whom it takes for the client.
_BY_EDGE = (Carried.FORWARDED_FOR, Carried.EXTERNAL_ADDRESS)


class Outcome(NamedTuple):
    """What a path comes to; *identity* is None where it is broken.

    *believes* tells that it is broken for whoever writes no header, and that a client
    which writes one itself is served and believed.
    """

    verdict: Verdict
    identity: Role | None
    carried_by: Carried | None
    why: str
    believes: bool = False


def met(sender: Record, receiver: Record, edge: Record | None = None) -> Outcome:
    """Say what comes of the senders of one record and the backend of another.

    *edge* is the record whose edge reads or does not read PROXY, that of *receiver*
    where it is None.
    """
    edge = receiver if edge is None else edge
    stopped = _stopped(sender, edge)
    if stopped is not None:
        return stopped
    plane, hop = _receiver(receiver, sender)
    clean = flow_of_words(sender.get("sends", ""), sender["peer"])
    step = plane.forward(clean, hop)
    if step.unknown:
        return _not_evaluated(step.why)
    if step.named is None or step.broken is not None:
        return broken(step.why)._replace(believes=_can_lie(sender, clean, plane, hop))
    outcome = _served(sender, clean, plane, hop, step)
    if _believes_anybody(sender, edge) and outcome.carried_by in _BY_EDGE:
        return outcome._replace(verdict=Verdict.FORGEABLE)
    return outcome


def _at_edge(sender: Record, edge: Record) -> str | None:
    sends, reads = sender.get("edgeSends"), edge.get("edgeReads")
    if sends is not None and reads is None:
        return f"the edge gets PROXY {sends} and does not read it"
    if sends is None and reads == "proxy" and "address" in sender:
        return "the edge waits for a PROXY header that nobody sends"
    return None


def _stopped(sender: Record, edge: Record) -> Outcome | None:
    """Say why nothing is known to reach the backend, or None."""
    mismatch = _at_edge(sender, edge)
    if mismatch is not None:
        return broken(mismatch)
    if sender.get("sends") == NOTHING:
        return broken("nothing comes through on the way to the backend")
    if sender.get("sends") == UNKNOWN:
        return _not_evaluated("what the load balancer does is unknown")
    return None


def _believes_anybody(sender: Record, edge: Record) -> bool:
    """Tell whether an edge reads the PROXY header that a client wrote."""
    optional = edge.get("edgeReads") == "optional"
    return optional and "edgeSends" not in sender and "address" in sender


def _receiver(receiver: Record, sender: Record) -> tuple[Plane, BackendHop]:
    kind, hop = receiver_of_words(receiver["accepts"], networks(receiver["trust"]))
    known = ranges_of_words(sender.get("networks", {}))
    return BACKENDS[kind], replace(hop, ranges=known)


def _served(
    sender: Record, clean: Flow, plane: Plane, hop: BackendHop, step: Step
) -> Outcome:
    verdict = Verdict.PRESERVED
    role = step.named.role if step.named is not None else None
    if _can_lie(sender, clean, plane, hop):
        verdict = Verdict.FORGEABLE
    elif role is not Role.CLIENT and sender["from"] not in OF_THE_BACKEND:
        verdict = Verdict.LOST
    return Outcome(verdict, role, step.carried, step.why)


def _can_lie(sender: Record, clean: Flow, plane: Plane, hop: BackendHop) -> bool:
    # Probes and checks have no client: they pass, or they do not.
    return sender["from"] not in OF_THE_BACKEND and any(
        _believed(plane.forward(lie, hop)) for lie in _lies(sender, clean, hop)
    )


def _lies(sender: Record, clean: Flow, hop: BackendHop) -> Iterator[Flow]:
    protocol = sender["path"].rpartition("/")[2]
    yield from lies_of_words(sender.get("sends", ""), clean, hop, protocol)
    around = sender.get("around", NOTHING)
    if around != NOTHING:
        beside = flow_of_words(around, sender["peer"])
        yield from lies_of_words(around, beside, hop, protocol)


def _believed(step: Step) -> bool:
    return step.broken is None and step.named is not None and step.named.is_lie


def broken(why: str) -> Outcome:
    """Return what comes of a path on which nothing works, and *why*."""
    return Outcome(Verdict.BROKEN, None, None, why)


def _not_evaluated(why: str) -> Outcome:
    return Outcome(Verdict.NOT_EVALUATED, None, None, why)
