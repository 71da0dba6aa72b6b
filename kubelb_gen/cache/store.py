"""What is known of the leaves of one fleet: their shares, and their texts apart.

Who writes a tree needs few of the texts, so that they are read when one is asked for.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kubelb_gen.artifacts.survey import sha256_of
from kubelb_gen.cache import place
from kubelb_gen.cache.log import Log
from kubelb_gen.cache.shares import rows_frame, rows_of, share_of, texts_frame, texts_of
from kubelb_gen.errors import KubelbGenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kubelb_gen.cache.shares import Row, Share


class LostError(KubelbGenError):
    """A text that the cache should have is not there, or is another one."""


class Store:
    """What earlier runs kept of a fleet in two files, by the digest of a leaf."""

    def __init__(self, shares: str, texts: str) -> None:
        self._paths = shares, texts

    @cached_property
    def _shares(self) -> Log:
        return self._log(0).read()

    @cached_property
    def _texts(self) -> Log:
        return self._log(1).read()

    def share(self, digest: str) -> Share | None:
        """Return what is known of the leaf *digest*."""
        frame = self._shares.frames.get(digest)
        return None if frame is None else share_of(frame)

    def texts(self, digest: str, share: Share) -> list[str]:
        """Return the texts of the files of *share*; raises `LostError`.

        Then nothing is known any more, so that all is kept anew.
        """
        frame = self._texts.frames.get(digest)
        texts = None if frame is None else texts_of(frame)
        hashes = [each[-1] for each in share.files]
        if texts is None or hashes != [sha256_of(each.encode()) for each in texts]:
            self.forget()
            raise LostError("a text of the cache is lost")
        return texts

    def forget(self) -> None:
        """Know nothing from now on, also where the file cannot be removed."""
        self._shares.remove()
        self.__dict__["_shares"] = self._log(0)

    def rows(self, digest: str) -> list[Row] | None:
        """Return path, kind, role, cluster and hash of files made of *digest*."""
        frame = self._shares.frames.get(digest)
        return None if frame is None else rows_of(frame)

    def keep(
        self,
        fresh: Mapping[str, tuple[Share, Sequence[str]]],
        rows: Mapping[str, Sequence[Row]],
        used: Iterable[str],
    ) -> None:
        """Keep *fresh* shares with their texts, and *rows*, beside what was *used*."""
        if not fresh and not self._shares.size:
            return
        shares = {digest: share.frame() for digest, (share, _) in fresh.items()}
        shares |= {digest: rows_frame(each) for digest, each in rows.items()}
        texts = {digest: texts_frame(each) for digest, (_, each) in fresh.items()}
        known = self._shares.frames
        live = {digest: known[digest] for digest in used if digest in known}
        in_use = sum(len(each.head) + len(each.body) for each in live.values())
        # Where most of what is there is of no use any more, it goes.
        if not self._shares.size or self._shares.size > 2 * in_use:
            kept = self._texts.frames
            texts |= {each: kept[each] for each in live if each in kept}
            self._shares.replace(live | shares)
            self._texts.replace(texts)
            place.sweep()
        elif shares:
            self._shares.add(shares)
            self._log(1).add(texts)

    def _log(self, which: int) -> Log:
        return Log(self._paths[which], place.program())
