"""Who is refused while the ranges that a guard lets in change.

Ranges are facts about the network, which no file of ours changes: addresses come and
go before or after the guard knows of it.  So this is told beside what a change comes
to, and is no order of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.trace.transition import BACKEND, SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubelb_gen.trace.transition import Transition

    Record = Mapping[str, Any]


def shut_out(
    change: Transition, old: Record, new: Record
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield which part is new alone, and the peers' ranges that are refused then.

    *change* is what becomes of the record *old*, *new* being the one after.  A path
    works as long as some of its peers are let in; these are the others.
    """
    for ranges, sender, guard, merged in (
        (change.grown, new, old, SENDERS),
        (change.shrunk, old, new, BACKEND),
    ):
        known = sender.get("networks", {}).get(sender["peer"], ())
        shut = tuple(each for each in ranges if each in known)
        if shut and "guards" in guard["accepts"].split():
            yield merged, shut
