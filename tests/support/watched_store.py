"""A store that tells how much of it a run used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.cache.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kubelb_gen.cache.shares import Row, Share


class WatchedStore(Store):
    """Says of its run how many leaves were *used*, and how many are *kept* anew."""

    def __init__(self, folder: str) -> None:
        super().__init__(f"{folder}/shares", f"{folder}/texts")
        self.used = 0
        self.kept = 0

    def keep(
        self,
        fresh: Mapping[str, tuple[Share, Sequence[str]]],
        rows: Mapping[str, Sequence[Row]],
        used: Iterable[str],
    ) -> None:
        used = [*used]
        shares = [each for each in used if self.share(each) is not None]
        self.used, self.kept = len(shares), len(fresh)
        super().keep(fresh, rows, used)
