"""`render` of a fleet of many files, with what earlier runs of it kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.cache.place import fleet_logs
from kubelb_gen.cache.rendering import render_files
from kubelb_gen.cache.store import LostError, Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kubelb_gen.cache.leaves import Parse
    from kubelb_gen.cache.rendering import Rendered
    from kubelb_gen.document import Source


def rendered(
    specs: Iterable[str],
    sources: Sequence[Source],
    parse: Parse,
    *,
    printed: bool,
    anew: bool,
) -> Rendered | None:
    """Render *sources*, which are those of *specs*, to be written or *printed*.

    *parse* reads one of them.  What was kept is forgotten where all is to be rendered
    *anew*.  None where all is to be done as without a cache.
    """
    logs = fleet_logs(specs)
    if logs is None:
        return None
    store = Store(*logs)
    if anew:
        store.forget()
    try:
        return render_files(sources, store, printed=printed, parse=parse)
    except LostError:
        # It has forgotten the rest.
        return render_files(sources, store, printed=printed, parse=parse)
