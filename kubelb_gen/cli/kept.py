"""`render` of a fleet of many files, with what earlier runs of it kept.

`--no-cache`, overlays, own templates and standard input do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.cache.place import fleet_logs
from kubelb_gen.cache.rendering import render_files
from kubelb_gen.cache.store import LostError, Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kubelb_gen.cache.rendering import Rendered
    from kubelb_gen.document import Source


def rendered(
    specs: Iterable[str], sources: Sequence[Source], *, printed: bool
) -> Rendered | None:
    """Render *sources*, which are those of *specs*, to be written or *printed*.

    None where all is to be done as without a cache.
    """
    logs = fleet_logs(specs)
    if logs is None:
        return None
    try:
        return render_files(sources, Store(*logs), printed=printed)
    except LostError:
        return render_files(sources, Store(*logs), printed=printed)
