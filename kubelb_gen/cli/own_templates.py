"""Templates of the user's own for OLD and NEW, each those of its own time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kubelb_gen import api
from kubelb_gen.cli.sides import GIT, HERE, Place, State, split
from kubelb_gen.cli.terminal import say
from kubelb_gen.model import Fleet

if TYPE_CHECKING:
    from kubelb_gen.render.own.templates import OwnTemplates


def own_templates(
    sides: tuple[Place, Place], states: tuple[State, State], folder: str | None
) -> tuple[OwnTemplates | None, OwnTemplates | None]:
    """Return the templates of *folder* for each side that is a spec.

    A side at a revision has them as they were there.  Raises `UsageError` where there
    is no spec to lay out.
    """
    if folder is not None:
        api.check_is_laid_out(states)
    found: list[OwnTemplates | None] = [None, None]
    # That a revision has none is no news where the folder cannot be read.
    for number in sorted((0, 1), key=lambda each: sides[each].ref is not None):
        if folder is not None and isinstance(states[number], Fleet):
            found[number] = _own_of(sides[number], folder)
    return found[0], found[1]


def _own_of(place: Place, folder: str) -> OwnTemplates | None:
    files = None if place.ref is None else _files_at(place, folder)
    if files is None:
        return api.own_templates(folder)
    if not files:
        say(
            f"{folder} is not in git:{place.ref}: that side has templates of ours alone"
        )
        return None
    return api.own_templates(f"{GIT}{place.ref}:{folder}", files)


def _files_at(place: Place, folder: str) -> dict[str, bytes] | None:
    """Return what *folder* held at *place*; None where it is in no such repository."""
    from kubelb_gen.gitsource import open_repository, snapshot  # noqa: PLC0415

    here = HERE if place.from_top else split(place.path)[0]
    with open_repository(here) as repository:
        top = Path(here, repository.top or HERE).resolve()
        # A link leads where it led at the revision.
        parent, name = os.path.split(os.path.abspath(folder))  # noqa: PTH100
        whole = Path(parent).resolve() / name
        if not whole.is_relative_to(top):
            return None
        found = snapshot(repository, place.ref or "")
        inside = whole.relative_to(top).as_posix()
        return found.files("" if inside == HERE else inside, ".j2")
