"""The bootstraps of tenants, put together where one of their pieces has changed."""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from kubelb_gen.artifacts.kept import Kept
from kubelb_gen.cache.shares import row_of
from kubelb_gen.cache.store import LostError
from kubelb_gen.render.envoy_bootstrap import assembled
from kubelb_gen.render.tree import laid_out

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kubelb_gen.artifacts import Artifact
    from kubelb_gen.cache.pieces import Pieces
    from kubelb_gen.cache.shares import Row
    from kubelb_gen.cache.store import Store
    from kubelb_gen.model import Fleet, Tenant


class Bootstraps:
    """The bootstraps of a fleet, whose context has the digest *context*.

    *known* are the digests of those that stay as they were, *made* has the others.
    """

    def __init__(self, context: str, store: Store) -> None:
        self._context = context
        self._store = store
        self.known: list[str] = []
        self.made: dict[str, list[Row]] = {}

    def of(
        self, fleet: Fleet, tenant: Tenant, pieces: Sequence[Pieces]
    ) -> list[Artifact]:
        """Return the files of *tenant*, made of what is its own among *pieces*."""
        digest = self._digest(tenant, pieces)
        rows = self._store.rows(digest)
        if rows is not None:
            self.known.append(digest)
            later = _Later(partial(_assembled, fleet, tenant, pieces), self._store)
            return [Kept(*each, later.text) for each in rows]
        files = _assembled(fleet, tenant, pieces)
        self.made[digest] = [*map(row_of, files)]
        return files

    def _digest(self, tenant: Tenant, pieces: Sequence[Pieces]) -> str:
        told = (self._context, tenant.name, *sorted(each.digest for each in pieces))
        return sha256("\n".join(told).encode()).hexdigest()


class _Later:
    """The files of a tenant, put together when the text of one is asked for."""

    def __init__(self, files: Callable[[], list[Artifact]], store: Store) -> None:
        self._files = files
        self._store = store
        self._made: Mapping[str, Artifact] | None = None

    def text(self, file: Kept) -> str:
        if self._made is None:
            self._made = {each.path: each for each in self._files()}
        made = self._made.get(file.path)
        if made is None or made.sha256 != file.sha256:
            self._store.forget()
            raise LostError("a bootstrap is not what the cache says")
        return made.text


def _assembled(
    fleet: Fleet, tenant: Tenant, pieces: Sequence[Pieces]
) -> list[Artifact]:
    given = [
        fragment
        for each in pieces
        for name, fragment in each.fragments()
        if name == tenant.name
    ]
    return [laid_out(each) for each in assembled(fleet, tenant, given)]
