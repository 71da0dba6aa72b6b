"""What happens while a change is half merged, judged from the records of `meaning`.

Senders are the load balancer, KubeLB and what an edge writes into requests; receivers
are whoever reads a header: an edge that reads PROXY, and the backend.  They never
change in one instant, so a change passes through states that are neither old nor new.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.trace.meeting import OF_THE_BACKEND, Outcome, broken, met
from kubelb_gen.trace.path import Carried, Origin, Role, Verdict
from kubelb_gen.trace.wording import networks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Record = Mapping[str, Any]
    Records = Mapping[tuple[str, str], Record]

SENDERS, EDGE, BACKEND = "senders", "edge", "backend"

_PROXY = (Carried.PROXY_V1, Carried.PROXY_V2)
_AT_EDGE = ("edgeSends", "edgeReads")
_NO_LISTENER = "the plain listener is not there"
_TWO_WRITERS = (
    "the load balancer and KubeLB's Envoy take turns at writing the header, and never "
    "in one instant: two arrive for a while, or none"
)


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
    if key[1] in OF_THE_BACKEND:
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
        if _writers_change(old, new):
            yield Halfway(merged, broken(_TWO_WRITERS))
            continue
        yield Halfway(merged, _meet_in(records, before, key, (sender, edge)))


def _writers_change(old: Record, new: Record) -> bool:
    """Tell whether another program writes the PROXY header, behind one balancer.

    What is written behind a balancer that opens connections of its own names it; what
    it writes itself names whom it sees.
    """
    return (
        all(each["carriedBy"] in _PROXY for each in (old, new))
        and old.get("address") == new.get("address")
        and {old["identity"], new["identity"]} == {Role.LOAD_BALANCER, Role.CLIENT}
    )


def _meet_in(
    records: Records, before: Records, key: tuple[str, str], parts: tuple[Record, ...]
) -> Outcome:
    sender, edge = parts
    receiver = records[key]
    if sender.get("plain") and not receiver.get("plain"):
        if before[key].get("plain"):
            return broken(_NO_LISTENER)
        # Nobody calls what is not there yet.
        return met(before[key], receiver, edge)
    if receiver.get("plain") and not sender.get("plain"):
        # These callers still use the port that everybody else uses.
        serving = (key[0], Origin.INTERNET_IPV4)
        receiver = records.get(serving, receiver)
    return met(sender, receiver, edge)


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
