"""A fleet of many files, rendered from what has changed and from what is known.

What is built, planned and judged is the context with the leaves of which nothing is
known: a fleet of its own.  The law of parts says what has to be asked of the whole
besides: who claims what, what the rules that look across Services know of each part,
and which annotations a tenant's Services need together.  Where the answer is not that
all is well, nothing is returned, and the whole is rendered as without a cache; so the
words for what is wrong are found in one place.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.build import build
from kubelb_gen.build.claims import claims, repeated
from kubelb_gen.cache.leaves import File, digest_of, divide
from kubelb_gen.cache.parts import cut
from kubelb_gen.cache.shares import told, words_of
from kubelb_gen.checks import run
from kubelb_gen.checks.evidence import WARNED, evidence, suspects
from kubelb_gen.diagnostics import DataPath
from kubelb_gen.document import Sources
from kubelb_gen.errors import SpecError
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.plan.propagation import joined, with_propagation

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from kubelb_gen.cache.leaves import Division, Parse
    from kubelb_gen.cache.parts import Part
    from kubelb_gen.cache.shares import Lists, Share
    from kubelb_gen.cache.store import Store
    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.document import Source
    from kubelb_gen.plan import Plan

# With fewer leaves, everything is done before a cache is looked for.
LEAST = 50


class Fresh(NamedTuple):
    """A leaf of which nothing is known: what it brings, and what others must know."""

    file: File
    part: Part
    claims: Sequence[str]
    evidence: Sequence[str]


class Judged(NamedTuple):
    """The context with the *fresh* leaves, decided and judged; and who is *known*.

    *rest* is what the context brings; *lists* are the annotations that each tenant
    needs, all its leaves together.
    """

    division: Division
    context: str
    fresh: Sequence[Fresh]
    known: Mapping[str, Share]
    plan: Plan
    rest: Plan
    lists: Lists
    warnings: tuple[Diagnostic, ...]


def judge(sources: Iterable[Source], store: Store, parse: Parse) -> Judged | None:
    """Decide and judge what is not known of the fleet of *sources*.

    None where a cache is no use, or where something is wrong.
    """
    files = [_file(each, store, parse) for each in sources]
    division = divide(files)
    # Of two that are alike, each defines what the other one does.
    unlike = {each.digest for each in division.leaves}
    if not LEAST <= len(division.leaves) == len(unlike):
        return None
    context = division.digest
    known = {
        each.digest: each.share
        for each in division.leaves
        if each.share is not None and each.share.context == context
    }
    try:
        return _settled(files, division, context, known)
    except SpecError:
        return None


def _file(source: Source, store: Store, parse: Parse) -> File:
    digest = digest_of(source)
    return File(source, digest, store.share(digest), parse)


def _settled(
    files: Sequence[File], division: Division, context: str, known: dict[str, Share]
) -> Judged | None:
    while True:
        fresh = [each for each in division.leaves if each.digest not in known]
        plan = _planned(files, division, fresh, known)
        needs = chain(
            ((each.tenant.name, each.propagated) for each in plan.tenants),
            (need for share in known.values() for need in share.needs.items()),
        )
        lists = _lists(needs)
        stale = [
            digest
            for digest, share in known.items()
            if any(lists[name] != listed for name, listed in share.under.items())
        ]
        if not stale:
            plan = with_propagation(plan, lists)
            report = run(plan)
            stale = [*_misplaced(files, known, plan, report.warnings)]
        if not stale:
            break
        for digest in stale:
            del known[digest]
    parts = cut(plan, [each.source.name for each in fresh])
    judged = [_fresh(each, parts.leaves[each.source.name]) for each in fresh]
    if report.errors or _is_contested(parts.rest, (*judged, *known.values())):
        return None
    places = plan.fleet.places
    found = report.warnings if places is None else places.placed(report.warnings)
    return Judged(division, context, judged, known, plan, parts.rest, lists, found)


def _misplaced(
    files: Sequence[File],
    known: Container[str],
    plan: Plan,
    found: Iterable[Diagnostic],
) -> frozenset[str]:
    """Return the known leaves that have to be read, for their places.

    What is found of a tenant stands where a tenant is first stated.
    """
    places = {each.at for each in found if each.at is not None}
    if not places:
        return frozenset()
    places |= {DataPath(at.source, at.document, at.keys[:-1]) for at in places}
    order = {each.source.name: number for number, each in enumerate(files)}
    first = {
        each.name: order[each.at.source]
        for each in plan.fleet.tenants
        if each.at is not None and each.at in places
    }
    return frozenset(
        each.digest
        for number, each in enumerate(files)
        if each.digest in known
        and any(number < first.get(name, 0) for name in each.speaks)
    )


def _fresh(leaf: File, part: Part) -> Fresh:
    claimed = told(claims(part.judged.fleet))
    return Fresh(leaf, part, claimed, told(evidence(part.judged, WARNED)))


def _planned(
    files: Sequence[File],
    division: Division,
    fresh: Sequence[File],
    known: Mapping[str, Share],
) -> Plan:
    wanted = {*map(id, division.context), *map(id, fresh)}
    sources = Sources([each.parsed() for each in files if id(each) in wanted])
    elsewhere = {name for share in known.values() for name in share.speaks}
    fleet = replace(build(sources, elsewhere=elsewhere), places=sources)
    return make_plan(fleet)


def _lists(needs: Iterable[tuple[str, Mapping[str, str] | None]]) -> Lists:
    by_tenant: dict[str, list[Mapping[str, str] | None]] = {}
    for name, need in needs:
        by_tenant.setdefault(name, []).append(need)
    return {name: joined(each) for name, each in sorted(by_tenant.items())}


def _is_contested(rest: Plan, leaves: Sequence[Fresh | Share]) -> bool:
    claimed = chain.from_iterable(each.claims for each in leaves)
    if repeated(chain(told(claims(rest.fleet)), claimed)):
        return True
    said = words_of(chain.from_iterable(each.evidence for each in leaves))
    return suspects(chain(evidence(rest, WARNED), said))
