"""What has to be true of the world for the client to be seen, and no file can prove."""

from kubelb_gen.model import Backend, BackendKind
from kubelb_gen.model.backends import Network
from kubelb_gen.plan.balancers import kept_if, sends_if
from kubelb_gen.plan.facts import BalancerFacts, Carrier
from kubelb_gen.plan.ranges import within


def at_layer4(carrier: Carrier, balancer: BalancerFacts) -> tuple[str, ...]:
    """Name what the path of a Service port rests on."""
    if carrier is Carrier.BALANCER:
        return (
            "nobody reaches the node ports past the load balancer",
            *sends_if(balancer),
        )
    return kept_if(balancer) if carrier is Carrier.ENVOY else ()


def at_layer7(carrier: Carrier) -> tuple[str, ...]:
    """Name what a header rests on.

    KubeLB's Envoy believes whoever connects to it about the client, and listens on the
    management cluster's pod network.
    """
    if carrier is not Carrier.HEADER:
        return ()
    return ("no pod of the management cluster but the edge's dials KubeLB's Envoy",)


def past_envoy(backend: Backend | None, *, believes: bool) -> tuple[str, ...]:
    """Name what a program rests on that no file of ours guards.

    *believes* tells that it takes the client from what a header says.
    """
    if not believes or backend is None or backend.kind is not BackendKind.OTHER:
        return ()
    # A pin says that the program itself refuses strangers.
    if backend.trusted_cidrs is not None:
        return ()
    return ("nobody reaches the program past Envoy",)


def within_pin(
    backend: Backend | None, peers: tuple[Network, ...], *, believes: bool
) -> tuple[str, ...]:
    """Name what a pinned trust list rests on that leaves out some of the *peers*."""
    pinned = backend.trusted_cidrs if backend is not None else None
    if pinned is None or not believes:
        return ()
    if all(any(within(peer, each) for each in pinned) for peer in peers):
        return ()
    return (f"connections come from {', '.join(map(str, pinned))} alone",)
