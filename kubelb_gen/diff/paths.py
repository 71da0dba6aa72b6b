"""What a change means: one entry for each caller of each port.

Compared are the records that a lock keeps of each path, so that a rendered directory
says as much as its spec.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from kubelb_gen.trace.path import Origin, Verdict
from kubelb_gen.trace.transition import Transition, transitions

Record = Mapping[str, Any]

_ORDER = {origin: number for number, origin in enumerate(Origin)}
_OUTSIDE = (Origin.INTERNET_IPV4, Origin.INTERNET_IPV6)
_INSIDE = (Origin.CLUSTER_SERVICE_IP, Origin.CLUSTER_VIP)


class PathChange(NamedTuple):
    """One caller of one port, before, half merged and settled.

    *old* and *new* are the records of the locks, None where there is no such path;
    *counts* tells that the spec says that there is such a caller.  *port_stays* tells
    that its port is there on both sides.
    """

    transition: Transition
    old: Record | None
    new: Record | None
    counts: bool
    port_stays: bool

    @property
    def port(self) -> str:
        """The port as the lock names it: `tenant/namespace/name:5000/TCP`."""
        return self.transition.path

    @property
    def caller(self) -> str:
        """Where it is called from: `from` in the trace."""
        return self.transition.source

    @property
    def regression(self) -> bool:
        """Whether the path leaves `preserved`, though its port stays."""
        return self.counts and self.port_stays and self.transition.regression

    @property
    def unsafe(self) -> bool:
        """Whether both ends are good, and merging in one step is not.

        Connections break, or a client can lie, where neither end allows that.
        """
        moving = self.transition
        return self.counts and (moving.unsafe or bool(moving.forgery_windows))

    @property
    def gain(self) -> bool:
        """Whether a path that was there comes to `preserved`."""
        before, after = self.transition.old, self.transition.new
        return (
            before is not None
            and after is not None
            and before.verdict is not Verdict.PRESERVED
            and after.verdict is Verdict.PRESERVED
        )


def path_changes(
    old: Iterable[Record], new: Iterable[Record]
) -> tuple[PathChange, ...]:
    """Return every path whose record differs, port by port, from the internet first."""
    before, after = _by_key(old), _by_key(new)
    keys = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    touched = {port for port, _ in keys}
    changes = [
        PathChange(
            transition=each,
            old=before.get(key),
            new=after.get(key),
            counts=_counts(key, before, after),
            port_stays=_stays(each.path, before, after),
        )
        for each in transitions(_of(before, touched), _of(after, touched))
        if (key := (each.path, each.source)) in keys
    ]
    return tuple(sorted(changes, key=_position))


def _position(change: PathChange) -> tuple[str, int, str]:
    # A lock of a newer release may name a caller that we do not know.
    return change.port, _ORDER.get(change.caller, len(_ORDER)), change.caller  # type: ignore[call-overload]


def _of(records: Mapping[tuple[str, str], Record], ports: set[str]) -> Iterator[Record]:
    return (each for (port, _), each in records.items() if port in ports)


def _counts(
    key: tuple[str, str],
    before: Mapping[tuple[str, str], Record],
    after: Mapping[tuple[str, str], Record],
) -> bool:
    if key[1] not in _INSIDE:
        return True
    return any(
        side[key].get("called", False) for side in (before, after) if key in side
    )


def _stays(
    port: str,
    before: Mapping[tuple[str, str], Record],
    after: Mapping[tuple[str, str], Record],
) -> bool:
    return all(
        any((port, origin) in side for origin in _OUTSIDE) for side in (before, after)
    )


def _by_key(records: Iterable[Record]) -> dict[tuple[str, str], Record]:
    return {(each["path"], each["from"]): each for each in records}
