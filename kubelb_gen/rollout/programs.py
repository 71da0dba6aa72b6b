"""What a step asks of a program where no file of ours can bring it about.

A file is rendered for the programs that we know; that one of them takes the place of
another, where a fragment is included, and what a program of the user's listens on are
changes of the pod.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.model import BackendKind, Emit, ProxyAcceptance
from kubelb_gen.rollout.restarting import services_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.model import Backend, ServicePort
    from kubelb_gen.plan import Plan


def programs(old: Plan, new: Plan) -> Iterator[str]:
    """Yield what to do to the programs of the Services that both plans have."""
    before = services_of(old)
    for name, now in sorted(services_of(new).items()):
        if (was := before.get(name)) is None:
            continue
        pods = "the pods of " + "/".join(name)
        ports = {(each.port.port, each.port.protocol): each.port for each in was.ports}
        for each in now.ports:
            port = each.port
            known = ports.get((port.port, port.protocol))
            if known is not None and known.backend and port.backend:
                yield from _program(pods, port.listen, known.backend, port.backend)
                yield from _listener(pods, known, port)


def _program(pods: str, listen: int, old: Backend, new: Backend) -> Iterator[str]:
    if old.kind is not new.kind:
        yield (
            f"let {_named(new)} serve port {listen} in {pods}, "
            f"and {_named(old)} no longer"
        )
    elif _is_included(new) and old.mode is not new.mode:
        yield (
            f"include the file of {pods} inside {new.mode} {{ }}, "
            f"and no longer inside {old.mode} {{ }}"
        )


def _named(backend: Backend) -> str:
    return "your program" if backend.kind is BackendKind.OTHER else backend.kind


def _is_included(backend: Backend) -> bool:
    fragment = backend.emit in (None, Emit.FRAGMENT)
    return backend.kind is BackendKind.NGINX and fragment


def _listener(pods: str, old: ServicePort, new: ServicePort) -> Iterator[str]:
    was, now = _own(old), _own(new)
    if now is not None and was is None and new.handover is not None:
        header = new.handover.accept is not ProxyAcceptance.NONE
        how = "with a PROXY v2 header demanded" if header else "without a PROXY header"
        yield f"let your program in {pods} listen on {now}, too, {how} there"
    if was is not None and now is None and old.backend == new.backend:
        yield f"let your program in {pods} close {was}, which nobody calls any more"


def _own(port: ServicePort) -> int | None:
    """Return the second listener of a program that we write no file for."""
    backend, handover = port.backend, port.handover
    ours = backend is None or backend.kind is not BackendKind.OTHER
    return None if ours or handover is None else handover.listen
