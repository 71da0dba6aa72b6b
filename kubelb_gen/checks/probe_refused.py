"""The kubelet's probe asks where it gets no answer.

What: an httpGet probe goes to a port that wants a PROXY header or guards its peers, or
a probe has no port of its own on a UDP port.
Why: the kubelet sends no header, so that the backend closes the connection; and it
connects by TCP, where a UDP port does not listen.  The pod is never ready, its node has
no endpoint, and under `Local` the outage is complete.

Bad:

    backend: {kind: nginx, probe: {type: httpGet, path: /healthz}}

Good, a plain listener of its own:

    backend: {kind: nginx, probe: {type: httpGet, port: 8081, path: /healthz}}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import Backend, BackendKind, ProbeType, Protocol
from kubelb_gen.plan import Plan
from kubelb_gen.trace import FlowKind
from kubelb_gen.trace.engine import Subject, subjects
from kubelb_gen.trace.journeys import journeys
from kubelb_gen.trace.port_chain import PortChain
from kubelb_gen.trace.walking import walk

ID = "probe-refused"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each probe that can never pass."""
    for subject in subjects(plan):
        backend = subject.backend
        if backend is None or backend.probe is None:
            continue
        why = _mute(subject, backend) or _refused(subject, backend)
        if why is not None:
            yield _told(subject, why, backend.at)


def _refused(subject: Subject, backend: Backend) -> str | None:
    if backend.probe is None or backend.probe.type is not ProbeType.HTTP_GET:
        return None
    for journey in journeys(subject.chain):
        if journey.kind is FlowKind.PROBE:
            seen = walk(journey.flow, journey.links)
            return None if seen.broken is None else seen.last.why
    return None


def _mute(subject: Subject, backend: Backend) -> str | None:
    """Say that nothing of ours answers TCP where the probe of a UDP port goes.

    Of a program of kind `other` nobody knows what else it listens on.
    """
    chain = subject.chain
    if (
        not isinstance(chain, PortChain)
        or chain.protocol is not Protocol.UDP
        or backend.kind is BackendKind.OTHER
        or backend.probe is None
    ):
        return None
    listen = chain.port.port.listen
    listens_too = any(
        each.protocol is Protocol.TCP and each.listen == listen
        for each in chain.service.service.ports
    )
    if listens_too or backend.probe.port not in (None, listen):
        return None
    return "the kubelet connects by TCP, and the program serves UDP there"


def _told(subject: Subject, why: str, place: DataPath | None) -> Diagnostic:
    return Diagnostic(
        id=ID,
        severity=SEVERITY,
        message=f"the kubelet's probe of '{subject.name}', port {subject.port}/"
        f"{subject.protocol}, fails: {why}",
        at=place / "probe" if place else subject.at,
        hint="give the probe a port of its own",
        about=subject.at,
    )
