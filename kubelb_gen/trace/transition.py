"""What happens while a change is half merged, judged from the records of `meaning`.

Senders are the load balancer, KubeLB and what an edge writes into requests; receivers
are whoever reads a header: an edge that reads PROXY, and the backend.  They never
change in one instant, so a change passes through states that are neither old nor new.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
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
    from collections.abc import Iterable, Iterator, Mapping

    from kubelb_gen.trace.backends.receiving import BackendHop
    from kubelb_gen.trace.flow import Flow, Plane, Step

    Record = Mapping[str, Any]
    Records = Mapping[tuple[str, str], Record]

SENDERS, EDGE, BACKEND = "senders", "edge", "backend"

# Nobody sends these a header on the way: they come and go with the backend.
_OF_THE_BACKEND = (Origin.KUBELET, Origin.HEALTH_CHECK)
_AT_EDGE = ("edgeSends", "edgeReads")
# What the edge writes of whom it takes for the client.
_BY_EDGE = (Carried.FORWARDED_FOR, Carried.EXTERNAL_ADDRESS)
_NO_LISTENER = "the plain listener is not there"


class Outcome(NamedTuple):
    """What a path comes to; *identity* is None where it is broken."""

    verdict: Verdict
    identity: Role | None
    carried_by: Carried | None
    why: str


class Halfway(NamedTuple):
    """A state in which the parts *merged* are new already, and the others old."""

    merged: frozenset[str]
    outcome: Outcome


class Transition(NamedTuple):
    """One path before, half merged and after; None where there is no such path.

    *grown* and *shrunk* are the ranges that are trusted only after, or only before;
    *ends* says why connections that live would end, and *moves* why new ones fail
    until everybody has followed.
    """

    path: str
    source: str
    old: Outcome | None
    halfway: tuple[Halfway, ...]
    new: Outcome | None
    grown: tuple[str, ...] = ()
    shrunk: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()

    @property
    def works(self) -> bool:
        """Whether connections work at both ends."""
        return _serves(self.old) and _serves(self.new)

    @property
    def unsafe(self) -> bool:
        """Whether both ends work, and merging in one step breaks connections."""
        return self.works and not all(_serves(each.outcome) for each in self.halfway)

    @property
    def forgery_windows(self) -> tuple[Halfway, ...]:
        """The states in which a client can lie, where it can at neither end."""
        return self._windows(Verdict.FORGEABLE)

    @property
    def blind_windows(self) -> tuple[Halfway, ...]:
        """The states in which the client is lost, though it is at neither end."""
        return self._windows(Verdict.LOST)

    @property
    def regression(self) -> bool:
        """Whether the backend sees the client before, and not after."""
        before, after = self.old, self.new
        return (
            before is not None
            and before.verdict is Verdict.PRESERVED
            and (after is None or after.verdict is not Verdict.PRESERVED)
        )

    def order(self) -> tuple[str, ...] | None:
        """Return the order of parts in which no connection breaks, None for none."""
        good = {each.merged for each in self.halfway if _serves(each.outcome)}
        parts = frozenset[str]().union(*(each.merged for each in self.halfway))
        return _order(good, parts, frozenset()) if parts else ()

    def _windows(self, verdict: Verdict) -> tuple[Halfway, ...]:
        ends = [each.verdict for each in (self.old, self.new) if each is not None]
        if not self.works or verdict in ends:
            return ()
        return tuple(each for each in self.halfway if each.outcome.verdict is verdict)


def transitions(old: Iterable[Record], new: Iterable[Record]) -> Iterator[Transition]:
    """Yield what becomes of each path of *old* and *new*, new ones last.

    Both are what `meaning` returns, or what a lock keeps of it.
    """
    before, after = _by_key(old), _by_key(new)
    for key in dict.fromkeys((*before, *after)):
        yield _transition(key, before, after)


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
        return _broken(step.why)
    outcome = _served(sender, clean, plane, hop, step)
    if _believes_anybody(sender, edge) and outcome.carried_by in _BY_EDGE:
        return outcome._replace(verdict=Verdict.FORGEABLE)
    return outcome


def _transition(key: tuple[str, str], before: Records, after: Records) -> Transition:
    old, new = before.get(key), after.get(key)
    path, source = key
    before_it = None if old is None else _settled(old)
    after_it = None if new is None else _settled(new)
    if old is None or new is None:
        return Transition(path, source, before_it, (), after_it)
    was, now = old["trust"], new["trust"]
    return Transition(
        path,
        source,
        before_it,
        tuple(_halfway(key, before, after)) if old != new else (),
        after_it,
        grown=_beyond(now, was),
        shrunk=_beyond(was, now),
        ends=(*_moves(old, new), *_restarts(old, new)),
        moves=tuple(_moves(old, new)),
    )


def _settled(record: Record) -> Outcome:
    identity, carried = record["identity"], record["carriedBy"]
    return Outcome(
        Verdict(record["verdict"]),
        identity and Role(identity),
        carried and Carried(carried),
        "",
    )


def _halfway(
    key: tuple[str, str], before: Records, after: Records
) -> Iterator[Halfway]:
    old, new = before[key], after[key]
    if key[1] in _OF_THE_BACKEND:
        return
    parts = [SENDERS, BACKEND]
    if any(old.get(name) != new.get(name) for name in _AT_EDGE):
        parts.insert(1, EDGE)
    for chosen in product((False, True), repeat=len(parts)):
        merged = frozenset(
            part for part, is_new in zip(parts, chosen, strict=True) if is_new
        )
        if not merged or len(merged) == len(parts):
            continue
        sender = new if SENDERS in merged else old
        edge = new if EDGE in merged else old
        records = after if BACKEND in merged else before
        yield Halfway(merged, _meet_in(records, before, key, (sender, edge)))


def _meet_in(
    records: Records, before: Records, key: tuple[str, str], parts: tuple[Record, ...]
) -> Outcome:
    sender, edge = parts
    receiver = records[key]
    if sender.get("plain") and not receiver.get("plain"):
        if before[key].get("plain"):
            return _broken(_NO_LISTENER)
        # Nobody calls what is not there yet.
        return met(before[key], receiver, edge)
    if receiver.get("plain") and not sender.get("plain"):
        # These callers still use the port that everybody else uses.
        serving = (key[0], Origin.INTERNET_IPV4)
        receiver = records.get(serving, receiver)
    return met(sender, receiver, edge)


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
        return _broken(mismatch)
    if sender.get("sends") == NOTHING:
        return _broken("nothing comes through on the way to the backend")
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
    # Probes and checks have no client: they pass, or they do not.
    if sender["from"] not in _OF_THE_BACKEND:
        believed = any(
            _believed(plane.forward(lie, hop)) for lie in _lies(sender, clean, hop)
        )
        if believed:
            verdict = Verdict.FORGEABLE
        elif role is not Role.CLIENT:
            verdict = Verdict.LOST
    return Outcome(verdict, role, step.carried, step.why)


def _lies(sender: Record, clean: Flow, hop: BackendHop) -> Iterator[Flow]:
    protocol = sender["path"].rpartition("/")[2]
    yield from lies_of_words(sender.get("sends", ""), clean, hop, protocol)
    around = sender.get("around", NOTHING)
    if around != NOTHING:
        beside = flow_of_words(around, sender["peer"])
        yield from lies_of_words(around, beside, hop, protocol)


def _believed(step: Step) -> bool:
    return step.broken is None and step.named is not None and step.named.is_lie


def _broken(why: str) -> Outcome:
    return Outcome(Verdict.BROKEN, None, None, why)


def _not_evaluated(why: str) -> Outcome:
    return Outcome(Verdict.NOT_EVALUATED, None, None, why)


def _serves(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.verdict is not Verdict.BROKEN


def _order(
    good: set[frozenset[str]], parts: frozenset[str], merged: frozenset[str]
) -> tuple[str, ...] | None:
    for part in sorted(parts - merged):
        after = merged | {part}
        if after == parts:
            return (part,)
        if after in good:
            rest = _order(good, parts, after)
            if rest is not None:
                return (part, *rest)
    return None


def _beyond(one: list[str], other: list[str]) -> tuple[str, ...]:
    if one == other:
        return ()
    known = networks(other)
    return tuple(
        text
        for text, network in zip(one, networks(one), strict=True)
        if not any(
            each.version == network.version and network.subnet_of(each)  # type: ignore[arg-type]
            for each in known
        )
    )


def _moves(old: Record, new: Record) -> Iterator[str]:
    for name, words in (
        ("address", "the address moves"),
        ("ports", "the ports change"),
    ):
        if old.get(name) != new.get(name):
            yield f"{words} from {old.get(name)} to {new.get(name)}"


def _restarts(old: Record, new: Record) -> Iterator[str]:
    if (old["accepts"], old["trust"]) != (new["accepts"], new["trust"]):
        yield "the backend restarts with another configuration"


def _by_key(records: Iterable[Record]) -> Records:
    return {(each["path"], each["from"]): each for each in records}
