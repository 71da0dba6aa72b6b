"""How a backend finds the client: PROXY header, request header, or its peer.

Programs differ in what they demand; this is what all of them have in common.
"""

from dataclasses import field, replace

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import HeaderReading, ProxyAcceptance
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk
from kubelb_gen.trace.flow import FORWARDED_FOR, Claim, Flow, Step, refused, unread
from kubelb_gen.trace.path import Carried, Setting
from kubelb_gen.trace.ranges import Ranges

_VERSIONS = {
    ProxyVersion.V1: Carried.PROXY_V1,
    ProxyVersion.V2: Carried.PROXY_V2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendHop:
    """One listener of a backend, as the plan decided it.

    *waits* tells that nobody is served without a PROXY header; *guarded* that peers
    outside *trusted* are refused.  *reads* is what a program of kind `other` says, and
    *unknown* tells that nobody says anything of it.
    """

    accept: ProxyAcceptance = ProxyAcceptance.NONE
    waits: bool = False
    guarded: bool = False
    trusted: tuple[Network, ...] = ()
    reading: ByHeader | ByPosition | ByWalk | None = None
    reads: HeaderReading | None = None
    ranges: Ranges = field(default_factory=Ranges)
    unknown: bool = False
    setting: Setting | None = None

    @property
    def believes(self) -> bool:
        """Whether anything but the peer can name the client."""
        return self.accept is not ProxyAcceptance.NONE or self.reading is not None


def receive(flow: Flow, hop: BackendHop, readable: frozenset[ProxyVersion]) -> Step:
    """Return whom a backend takes for the client; it reads PROXY of *readable*."""
    if flow.connect_only:
        return by_peer(flow, hop, "a connection without a byte is accepted")
    if hop.waits and not flow.headers:
        why = "it waits for a PROXY header that nobody sends"
        return refused(flow, why, hop.setting)
    told = _guard(flow, hop)
    if told is not None:
        return told
    if hop.accept is not ProxyAcceptance.NONE:
        return _by_proxy(flow, hop, readable)
    if flow.headers:
        why = f"{unread(flow)} arrives, and nothing here reads it"
        return refused(flow, why, hop.setting)
    return by_peer(flow, hop, "the peer is all that it knows")


def _guard(flow: Flow, hop: BackendHop) -> Step | None:
    """Return the step at which the guard ends the flow, None where it is admitted."""
    peer = flow.source.role
    if not hop.guarded or peer is None:
        return None
    if peer in hop.ranges.unknown:
        why = f"whether the guard admits {peer} is unknown, as its addresses are"
        return Step(flow=flow, why=why, setting=hop.setting, unknown=True)
    if hop.ranges.admits(peer, hop.trusted):
        return None
    why = f"the trusted ranges have no {peer}, so the guard refuses its peer"
    return refused(flow, why, hop.setting)


def receive_and_read(
    flow: Flow, hop: BackendHop, readable: frozenset[ProxyVersion]
) -> Step:
    """Return the step of a backend that, past PROXY, reads what *hop* says it reads.

    *readable* are the PROXY versions it understands.
    """
    step = receive(flow, hop, readable)
    if step.broken is not None or flow.connect_only:
        return step
    match hop.reading:
        case ByHeader(header=header):
            return by_field(step.flow, hop, header)
        case ByPosition(from_right=from_right):
            return by_position(step.flow, hop, from_right)
        case ByWalk(trusted=trusted):
            return by_walk(step.flow, hop, (*hop.trusted, *trusted))
    return step


def by_peer(flow: Flow, hop: BackendHop, why: str) -> Step:
    """Return the step of a backend that takes its peer for the client."""
    return Step(
        flow=flow,
        why=why,
        setting=hop.setting,
        named=flow.source,
        carried=Carried.SOURCE,
    )


def by_position(flow: Flow, hop: BackendHop, from_right: int) -> Step:
    """Return whom the entry *from_right* of X-Forwarded-For names."""
    if from_right > len(flow.forwarded_for):
        why = (
            f"X-Forwarded-For has no entry {from_right} from the right: the peer it is"
        )
        return by_peer(flow, hop, why)
    claim = flow.forwarded_for[-from_right]
    why = f"entry {from_right} from the right of X-Forwarded-For is the client"
    return believing(flow, hop, claim, Carried.FORWARDED_FOR, why)


def by_walk(flow: Flow, hop: BackendHop, trusted: tuple[Network, ...]) -> Step:
    """Return whom the last X-Forwarded-For entry outside *trusted* names."""
    for claim in reversed(flow.forwarded_for):
        if not hop.ranges.passes(claim.named.role, trusted):
            why = "the last X-Forwarded-For entry outside the trusted ranges"
            return believing(flow, hop, claim, Carried.FORWARDED_FOR, why)
    if flow.forwarded_for:
        # Every entry is trusted: the walk settles on the leftmost one.
        first, why = flow.forwarded_for[0], "all entries are trusted: the first one"
        return believing(flow, hop, first, Carried.FORWARDED_FOR, why)
    return by_peer(flow, hop, "X-Forwarded-For is absent: the peer it is")


def by_field(flow: Flow, hop: BackendHop, name: str) -> Step:
    """Return whom the request header *name* names."""
    claim = flow.fields.get(name.lower())
    if claim is None:
        return by_peer(flow, hop, f"{name} is absent: the peer it is")
    carried = _carrier(name)
    return believing(flow, hop, claim, carried, f"{name} is the client")


def believing(
    flow: Flow, hop: BackendHop, claim: Claim, carried: Carried, why: str
) -> Step:
    """Return the step of a backend that takes *claim* for the truth."""
    return Step(
        flow=flow, why=why, setting=hop.setting, named=claim.named, carried=carried
    )


def _by_proxy(flow: Flow, hop: BackendHop, readable: frozenset[ProxyVersion]) -> Step:
    if not flow.headers:
        return by_peer(flow, hop, "no PROXY header: the peer it is")
    first, *others = flow.headers
    if first.version not in readable:
        why = f"PROXY {first.version} arrives, and it reads {hop.accept} only"
        return refused(flow, why, hop.setting)
    after = replace(flow, headers=tuple(others))
    if others:
        why = f"it reads one PROXY header; {unread(after)} behind it is payload"
        return refused(flow, why, hop.setting)
    why = f"PROXY {first.version} names the client"
    return believing(after, hop, first.claim, _VERSIONS[first.version], why)


def _carrier(name: str) -> Carried:
    # A header without a name of its own in the format counts as the list it imitates.
    try:
        return Carried(name.lower())
    except ValueError:
        return Carried(FORWARDED_FOR)
