"""What changes from one state to another."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kubelb_gen.api.judging import placed
from kubelb_gen.api.loading import read_state
from kubelb_gen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kubelb_gen.api.loading import State
    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.diff import Changes
    from kubelb_gen.plan import Plan
    from kubelb_gen.render.own.templates import OwnTemplates


def diff(
    old: State | str | Path,
    new: State | str | Path,
    *,
    names: tuple[str, str] = ("old", "new"),
    templates: str | Path | None = None,
) -> Changes:
    """Say what changes from *old* to *new*: what it means, and in which files.

    A side is a fleet, what it renders to, a rendered directory that was read, or a path
    of a spec or of a rendered directory.  Fleets are laid out with the folder
    *templates* as by `render`.  Raises as `load` does for a path, `OutputError` for a
    lock that does not say enough, `TemplateError` where a template fails, and
    `UsageError` where *templates* are for no side.  *names* is what reports call the
    two.
    """
    if templates is None:
        return compare(old, new, (None, None), names=names)
    states = read_state(old), read_state(new)
    check_is_laid_out(states)
    own = own_templates(templates)
    return compare(*states, (own, own), names=names)


def check_is_laid_out(states: tuple[State, State]) -> None:
    """Raise `UsageError` where templates are given, and would lay out no side."""
    from kubelb_gen.model import Fleet

    if not any(isinstance(each, Fleet) for each in states):
        message = (
            "templates are for a spec, and neither side is one: rendered trees are "
            "compared as they were rendered"
        )
        raise UsageError(message)


def own_templates(
    folder: str | Path, files: Mapping[str, bytes] | None = None
) -> OwnTemplates:
    """Return the templates of *folder*; *files* are its files where it is in git."""
    from kubelb_gen.render.own.templates import OwnTemplates

    return OwnTemplates(str(folder), files)


def compare(
    old: State | str | Path,
    new: State | str | Path,
    own: tuple[OwnTemplates | None, OwnTemplates | None],
    *,
    names: tuple[str, str],
) -> Changes:
    """Return what `diff` does where each side may have templates of its *own*."""
    from kubelb_gen.diff import Changes
    from kubelb_gen.diff.locating import locate
    from kubelb_gen.diff.sides import sides

    states = read_state(old), read_state(new)
    pairs = zip(sides(*states, own), states, names, strict=True)
    first, second = (
        side._replace(
            name=name,
            findings=_findings(state, side.plan),
            locate=partial(locate, state),
        )
        for side, state, name in pairs
    )
    return Changes(first, second)


def _findings(state: State, plan: Plan | None) -> tuple[Diagnostic, ...]:
    from kubelb_gen.checks import run
    from kubelb_gen.diff import masked_finding
    from kubelb_gen.model import Fleet

    if plan is None or not isinstance(state, Fleet):
        return ()
    return tuple(map(masked_finding, placed(state, run(plan)).findings))
