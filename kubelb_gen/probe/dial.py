"""One TCP connection, opened within a time.

The resolver of the C library knows no time limit, so it is asked in a thread that
is left behind when it takes too long.
"""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, ClassVar

from kubelb_gen.errors import KubelbGenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubelb_gen.probe.target import Target

Place = tuple[socket.AddressFamily, tuple[str | int | bytes, ...]]

_MOST_ADDRESSES = 4


class UnreachableError(KubelbGenError):
    """The target has no address, or none of its addresses takes a connection."""

    exit_code: ClassVar[int] = 4


def resolve(target: Target, timeout: float) -> tuple[Place, ...]:
    """Return the addresses of *target*, in the resolver's order.

    Raises `UnreachableError` where there is none within *timeout* seconds.
    """
    found: list[Place] = []
    reasons = [f"no answer within {timeout:g} s"]

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(
                target.host, target.port, type=socket.SOCK_STREAM
            )
        except OSError as error:
            reasons.append(error.strerror or str(error))
        except UnicodeError as error:
            reasons.append(str(error))
        else:
            found.extend((family, address) for family, *_, address in answers)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout)
    if not found:
        message = f"cannot resolve '{target.host}': {reasons[-1]}"
        raise UnreachableError(message)
    return tuple(dict.fromkeys(found))[:_MOST_ADDRESSES]


def first_reachable(
    target: Target, places: Sequence[Place], timeout: float
) -> tuple[socket.socket, Place]:
    """Return a connection to the first of *places* that takes one, and which.

    Raises `UnreachableError` where none does within *timeout* seconds.
    """
    reasons = []
    deadline = time.monotonic() + timeout
    for index, place in enumerate(places):
        share = (deadline - time.monotonic()) / (len(places) - index)
        try:
            return connect(place, share), place
        except OSError as error:
            reasons.append(f"{place[1][0]!s}: {reason(error)}")
    message = f"cannot connect to {target}: {'; '.join(reasons)}"
    raise UnreachableError(message)


def connect(place: Place, timeout: float) -> socket.socket:
    """Return a connection to *place*; raises `OSError` where there is none."""
    family, address = place
    link = socket.socket(family, socket.SOCK_STREAM)
    try:
        link.settimeout(max(timeout, 0.001))  # 0 would mean not to wait at all
        link.connect(address)
    except ConnectionResetError:
        # It took the connection, and reset it before we looked.
        return link
    except BaseException:
        link.close()
        raise
    return link


def own_address(place: Place) -> str:
    """Return the address that our connections to *place* come from.

    A connection that is reset at once has forgotten it; a datagram socket knows it
    without sending anything.
    """
    family, address = place
    with socket.socket(family, socket.SOCK_DGRAM) as datagram:
        datagram.connect(address)
        return str(datagram.getsockname()[0])


def reason(error: OSError) -> str:
    """Return why the operating system refused, in its own words."""
    if isinstance(error, TimeoutError):
        return "timed out"
    return (error.strerror or str(error)).lower()
