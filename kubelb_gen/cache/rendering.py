"""The files of a fleet, from the shares of its leaves and from the rest."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.artifacts import Artifact, Artifacts
from kubelb_gen.artifacts.kept import Kept
from kubelb_gen.artifacts.record import Records, block_of
from kubelb_gen.cache.bootstraps import Bootstraps
from kubelb_gen.cache.fleet import judge
from kubelb_gen.cache.pieces import pieces_of
from kubelb_gen.cache.shares import Share, row_of
from kubelb_gen.cache.spotless import spotless
from kubelb_gen.document import parse as parse_source
from kubelb_gen.model import Tenant
from kubelb_gen.plan import Plan, TenantPlan
from kubelb_gen.plan.propagation import decide_propagation
from kubelb_gen.render.engine import lay_out
from kubelb_gen.render.envoy_bootstrap import fragments
from kubelb_gen.render.tree import render_part, render_rest
from kubelb_gen.trace.meaning import by_owner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubelb_gen.cache.fleet import Fresh, Judged
    from kubelb_gen.cache.leaves import Parse
    from kubelb_gen.cache.pieces import Pieces
    from kubelb_gen.cache.shares import Lists, Said
    from kubelb_gen.cache.store import Store
    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.document import Source


class Rendered(NamedTuple):
    """The files of a fleet, what the rules warn of, and the names of its tenants."""

    artifacts: Artifacts
    warnings: tuple[Diagnostic, ...]
    tenants: frozenset[str]


def render_files(
    sources: Iterable[Source],
    store: Store,
    *,
    printed: bool,
    parse: Parse | None = None,
) -> Rendered | None:
    """Render the fleet of *sources* with what *store* knows, and let it know more.

    What is to be *printed* is there as text; *parse* reads what has changed.  None
    where everything is to be done as without a cache.  Raises `LostError` where a text
    is not what it was.
    """
    judged = judge(sources, store, parse or cache(parse_source))
    if judged is None:
        return None
    share = _Sharing(judged)
    records = _by_leaf(judged)
    for each in judged.fresh:
        share.add_fresh(each, records.get(each.file.digest, []))
    for digest, known in judged.known.items():
        share.add_known(digest, known, store, printed=printed)
    bootstraps = Bootstraps(judged.context, store)
    share.add_rest(judged.rest, records.get(None, []), bootstraps)
    clean = spotless(judged)
    store.keep(
        {each: share.fresh[each] for each in share.fresh if each in clean},
        bootstraps.made,
        [*judged.known, *bootstraps.known],
    )
    return Rendered(share.artifacts(), judged.warnings, frozenset(judged.lists))


class _Sharing:
    """What the parts of a fleet bring, put together."""

    def __init__(self, judged: Judged) -> None:
        self._judged = judged
        self._files: list[Artifact] = []
        self._pieces: dict[str, list[Pieces]] = {name: [] for name in judged.lists}
        self._said: list[Said] = []
        self.fresh: dict[str, tuple[Share, list[str]]] = {}

    def add_fresh(self, leaf: Fresh, records: list[Said]) -> None:
        """Render what *leaf* brings, and note it."""
        lists, speaks, alone = self._judged.lists, leaf.file.speaks, leaf.part.alone
        files = render_part(alone)
        share = Share(
            context=self._judged.context,
            speaks=speaks,
            under={name: lists[name] for name in speaks},
            needs={**dict.fromkeys(speaks), **_needs(alone)},
            claims=leaf.claims,
            evidence=leaf.evidence,
            files=[*map(row_of, files)],
            meaning=records,
            pieces=pieces_of(fragments(alone, lay_out)),
        )
        self.fresh[leaf.file.digest] = share, [each.text for each in files]
        self._take(files, share)

    def add_known(
        self, digest: str, share: Share, store: Store, *, printed: bool
    ) -> None:
        """Take over what *share* says of the leaf *digest*."""
        texts = _Texts(digest, share, store)
        if printed:
            texts.read()
        files: list[Artifact] = [Kept(*each, texts.of) for each in share.files]
        self._take(files, share)

    def add_rest(self, rest: Plan, records: list[Said], bootstraps: Bootstraps) -> None:
        """Render what no leaf brings."""
        self._files += render_part(rest)
        self._said += records
        shell = replace(rest, tenants=tuple(self._tenants(rest)))
        own = pieces_of(fragments(rest, lay_out))
        for each in shell.tenants:
            pieces = [own, *self._pieces[each.tenant.name]]
            self._files += bootstraps.of(shell.fleet, each.tenant, pieces)
        self._files += render_rest(shell, self._files, ())

    def artifacts(self) -> Artifacts:
        """Return all files; the lock's records are made of what the parts say."""
        return Artifacts(
            self._files,
            spec=self._judged.plan.fleet.name,
            meaning=Records(said for _, said in sorted(self._said, key=_place)),
        )

    def _take(self, files: list[Artifact], share: Share) -> None:
        self._files += files
        for name in share.speaks:
            self._pieces[name].append(share.pieces)
        self._said += share.meaning

    def _tenants(self, rest: Plan) -> Iterator[TenantPlan]:
        known = {each.tenant.name: each for each in rest.tenants}
        for name, listed in self._judged.lists.items():
            # Of one whose leaves are all known, the name is enough.
            yield known.get(name) or TenantPlan(
                tenant=Tenant(name=name),
                services=(),
                gateways=(),
                backends=(),
                propagated=listed,
                expected=True,
            )


class _Texts:
    """The texts of the files of one share, read when one of them is asked for."""

    def __init__(self, digest: str, share: Share, store: Store) -> None:
        self._asked = digest, share, store
        self._texts: dict[str, str] | None = None

    def read(self) -> dict[str, str]:
        if self._texts is None:
            digest, share, store = self._asked
            paths = [each[0] for each in share.files]
            texts = store.texts(digest, share)
            self._texts = dict(zip(paths, texts, strict=True))
        return self._texts

    def of(self, file: Kept) -> str:
        return self.read()[file.path]


def _place(said: Said) -> list[object]:
    return [*said[0]]


def _needs(part: Plan) -> Lists:
    return {
        each.tenant.name: decide_propagation(
            part.fleet.kubelb, [service.balancer for service in each.services]
        )
        for each in part.tenants
    }


def _by_leaf(judged: Judged) -> dict[str | None, list[Said]]:
    """Return what the trace says, by the digest of the leaf that brings the Service.

    Ports that are alike are traced once for all leaves.
    """
    leaves = {
        (each.tenant.name, service.service.namespace, service.service.name): digest
        for digest, part in ((each.file.digest, each.part) for each in judged.fresh)
        for each in part.alone.tenants
        for service in each.services
    }
    found: dict[str | None, list[Said]] = {}
    for owner, records in by_owner(judged.plan):
        tenant, is_gateway, namespace, name, _ = owner
        leaf = None if is_gateway else leaves.get((tenant, namespace, name))
        found.setdefault(leaf, []).append((owner, block_of(records)))
    return found
