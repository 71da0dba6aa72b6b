"""Which leaves nothing is to be said of: the only ones of which anything is kept.

What is said of others has to be said again in the next run, so that they are judged
again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.build import build
from kubelb_gen.checks import run
from kubelb_gen.diagnostics import Severity
from kubelb_gen.document import Sources
from kubelb_gen.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.cache.fleet import Judged
    from kubelb_gen.diagnostics import DataPath, Diagnostic
    from kubelb_gen.plan import Plan

    Said = frozenset[tuple[str, DataPath | None, str]]


def spotless(judged: Judged) -> frozenset[str]:
    """Return the digests of the fresh leaves that no finding is owed to.

    A finding may be owed to a leaf and stand in the context, which the leaf uses, so
    that it is asked who finds it and not where it stands.
    """
    fresh = {each.file.source.name: each for each in judged.fresh}
    if not judged.warnings:
        return frozenset(each.file.digest for each in judged.fresh)
    built = _said(judged.plan.fleet.warnings)
    if not built <= _of_context(judged) | _within(built, fresh):
        return frozenset()
    # A tenant's findings stand in the leaf that names it first, whoever causes them.
    spotted = {each.at.source for each in judged.warnings if each.at is not None}
    anyway = _found(judged.rest)
    return frozenset(
        each.file.digest
        for name, each in fresh.items()
        if name not in spotted and _found(each.part.judged) <= anyway
    )


def _said(diagnostics: Iterable[Diagnostic]) -> Said:
    return frozenset(
        (each.id, each.at, each.message)
        for each in diagnostics
        if each.severity is not Severity.INFO
    )


def _found(plan: Plan) -> Said:
    return _said(run(plan).findings)


def _within(said: Said, files: Iterable[str]) -> Said:
    names = frozenset(files)
    return frozenset(
        each for each in said if each[1] is not None and each[1].source in names
    )


def _of_context(judged: Judged) -> Said:
    sources = Sources([each.parsed() for each in judged.division.context])
    elsewhere = {name for each in judged.division.leaves for name in each.speaks}
    try:
        return _said(build(sources, elsewhere=elsewhere).warnings)
    except SpecError:
        return frozenset()
