"""What a field says; one that says nothing is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.build.networks import UNKNOWN
from kubelb_gen.model import Wish

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.model import RouteBackend, ServicePort
    from kubelb_gen.model.backends import Network

Data = dict[str, Any]


def said(**fields: Any) -> Data:  # noqa: ANN401  what a spec holds
    """Return the *fields* that say something."""
    return {
        key: value
        for key, value in fields.items()
        if value is not None and value is not False and value not in ({}, [])
    }


def text(value: object) -> str | None:
    """Return *value* in the words of the spec."""
    return None if value is None else str(value)


def ranges_said(
    name: str, networks: Iterable[Network], unknown: tuple[str, ...]
) -> str | list[str]:
    """Return what the field *name* says: networks, or that they are `unknown`."""
    return UNKNOWN if name in unknown else [str(each) for each in networks]


def wish_said(port: ServicePort | RouteBackend) -> Data:
    """Return how far *port* insists on the client."""
    wish = None if port.client_ip is Wish.REQUIRED else str(port.client_ip)
    return {"clientIP": wish, "because": port.because}
