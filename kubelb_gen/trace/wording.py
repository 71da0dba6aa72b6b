"""What arrives at a backend, and what the backend takes, in words that are read back.

`sends` lists what stands in front of or inside the payload: `v2=client` is a PROXY v2
header that names the client, `xff=?,client,edge-proxy` is X-Forwarded-For from the
left, where `?` is whatever the client wrote itself.  A request header that is not
listed is the client's to write.

`accepts` begins with the program: `nginx requires=v2 guards`, `haproxy guards right=2`.
"""

from collections.abc import Mapping
from dataclasses import replace

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.model import BackendKind, HeaderReading, ProxyAcceptance
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk
from kubelb_gen.trace.backends.receiving import BackendHop
from kubelb_gen.trace.flow import FORWARDED_FOR, LIE, Claim, Flow, Named, ProxyHeader
from kubelb_gen.trace.path import Role
from kubelb_gen.trace.ranges import Ranges

NOTHING = "nothing"
UNKNOWN = "unknown"

_VERSIONS = frozenset(each.value for each in ProxyVersion)
_CONNECTS = "connects"
_LIST = "xff"
_LIED = "?"
_LIAR = Claim(LIE, Role.CLIENT)
# They read a header where there is one, and serve without.
_DETECTING = (BackendKind.TRAEFIK, BackendKind.CADDY)


def words_of_flow(flow: Flow, *, lying: bool = False) -> str:
    """Say what *flow* brings; with *lying*, a client lied in every header it sent."""
    words = [f"{each.version}={each.claim.named.role}" for each in flow.headers]
    if flow.connect_only:
        words.append(_CONNECTS)
    if lying or flow.forwarded_for:
        names = (each.named.role or _LIED for each in flow.forwarded_for)
        words.append(f"{_LIST}={','.join(names)}")
    words += [
        f"{name}={claim.named.role}"
        for name, claim in flow.fields.items()
        if not claim.named.is_lie
    ]
    return " ".join(words)


def flow_of_words(words: str, peer: str) -> Flow:
    """Return the flow that `words_of_flow` described, as an honest client sends it."""
    flow = Flow(source=Named(Role(peer)))
    for word in words.split():
        name, _, value = word.partition("=")
        if name == _CONNECTS:
            flow = replace(flow, connect_only=True)
        elif name == _LIST:
            listed = (each for each in value.split(",") if each not in ("", _LIED))
            flow = replace(flow, forwarded_for=tuple(map(_claim, listed)))
        elif name in _VERSIONS:
            header = ProxyHeader(ProxyVersion(name), _claim(value))
            flow = replace(flow, headers=(*flow.headers, header))
        else:
            flow = flow.telling(name, _claim(value))
    return flow


def lies_of_words(words: str, flow: Flow, hop: BackendHop, protocol: str) -> list[Flow]:
    """Return *flow*, which *words* describe, with each lie that could reach *hop*."""
    listed = next(
        (each for each in words.split() if each.startswith(f"{_LIST}=")), None
    )
    if listed is None:
        # Version 1 is a line of text, for streams alone.
        versions = ProxyVersion if protocol == "TCP" else (ProxyVersion.V2,)
        return [
            replace(flow, headers=(*flow.headers, ProxyHeader(version, _LIAR)))
            for version in versions
        ]
    entries = (_LIAR,) * (_deepest(hop) if _LIED in listed else 0)
    written = {
        name: _LIAR
        for name in (_header_of(hop),)
        if name is not None and name not in flow.fields
    }
    return [
        replace(
            flow,
            forwarded_for=(*entries, *flow.forwarded_for),
            fields={**flow.fields, **written},
        )
    ]


def words_of_receiver(kind: str, hop: BackendHop) -> str:
    """Say what a backend of *kind* takes, as *hop* has it."""
    if hop.unknown:
        return f"{kind} {UNKNOWN}"
    words = [kind]
    if hop.accept is not ProxyAcceptance.NONE:
        waits = hop.waits and kind not in _DETECTING
        words.append(f"{'requires' if waits else 'takes'}={hop.accept}")
    if hop.guarded:
        words.append("guards")
    match hop.reading or hop.reads:
        case ByHeader(header=header):
            words.append(f"header={header.lower()}")
        case ByPosition(from_right=place):
            words.append(f"right={place}")
        case ByWalk():
            words.append(f"walks={len(dict.fromkeys(hop.trusted))}")
        case HeaderReading() as reads:
            words.append(_words_of_reads(reads))
    return " ".join(words)


def receiver_of_words(
    words: str, trust: tuple[Network, ...]
) -> tuple[BackendKind, BackendHop]:
    """Return the backend that `words_of_receiver` described; *trust* is its ranges."""
    first, *others = words.split()
    kind = BackendKind(first)
    hop = BackendHop(trusted=trust)
    for word in others:
        name, _, value = word.partition("=")
        match name:
            case "requires" | "takes":
                accept = ProxyAcceptance(value)
                hop = replace(hop, accept=accept, waits=name == "requires")
            case "unknown":
                hop = replace(hop, unknown=True)
            case "guards":
                hop = replace(hop, guarded=True)
            case "walks":
                guards, walked = trust[: int(value)], trust[int(value) :]
                hop = replace(hop, trusted=guards, reading=ByWalk(trusted=walked))
            case _:
                hop = _reading(hop, kind, name, value)
    return kind, hop


def _words_of_reads(reads: HeaderReading) -> str:
    if reads.peer:
        return "peer"
    if reads.header and reads.header.lower() != FORWARDED_FOR:
        return f"header={reads.header.lower()}"
    if reads.cidrs:
        return f"cidrs={','.join(map(str, reads.cidrs))}"
    return "first" if reads.first else f"right={reads.from_right or 1}"


def _reading(hop: BackendHop, kind: BackendKind, name: str, value: str) -> BackendHop:
    if kind is not BackendKind.OTHER:
        if name == "header":
            return replace(hop, reading=ByHeader(header=value))
        return replace(hop, reading=ByPosition(from_right=int(value)))
    return replace(hop, reads=_reads(name, value))


def _reads(name: str, value: str) -> HeaderReading:
    match name:
        case "peer":
            return HeaderReading(peer=True)
        case "header":
            return HeaderReading(header=value)
        case "cidrs":
            return HeaderReading(cidrs=networks(value.split(",")))
        case "first":
            return HeaderReading(first=True)
    return HeaderReading(from_right=int(value))


def networks(texts: list[str]) -> tuple[Network, ...]:
    """Return the networks that *texts* are."""
    from ipaddress import ip_network  # noqa: PLC0415  only whoever reads back needs it

    return tuple(ip_network(each) for each in texts)


def ranges_of_words(known: Mapping[str, list[str] | str]) -> Ranges:
    """Return the networks of every role in *known*."""
    return Ranges(
        by_role={
            Role(role): networks(texts)
            for role, texts in known.items()
            if isinstance(texts, list)
        },
        unknown=frozenset(
            Role(role) for role, texts in known.items() if texts == UNKNOWN
        ),
    )


def _claim(role: str) -> Claim:
    return Claim(Named(Role(role)), Role.EDGE_PROXY)


def _header_of(hop: BackendHop) -> str | None:
    if isinstance(hop.reading, ByHeader):
        return hop.reading.header
    return hop.reads.header if hop.reads is not None else None


def _deepest(hop: BackendHop) -> int:
    if hop.reads is not None:
        return hop.reads.from_right or 1
    return hop.reading.from_right if isinstance(hop.reading, ByPosition) else 1
