"""OLD and NEW: a spec, a rendered directory, or either of them at a git revision."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from kubelb_gen import api
from kubelb_gen.artifacts import Tree
from kubelb_gen.cli.specs import given_overlays
from kubelb_gen.cli.terminal import say
from kubelb_gen.errors import LoadError, OutputError, SpecError, UsageError
from kubelb_gen.model import Fleet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.document import Source
    from kubelb_gen.gitsource import Repository

State = Fleet | Tree

GIT = "git:"
HERE = "."


class Place(NamedTuple):
    """Where a side is: *ref* is None on disk.

    *implied* tells that the path was not written for this side, so that nothing there
    is an answer, too: all of it is new, or gone.  *from_top* counts from the top of
    the repository, as git does.
    """

    shown: str
    path: str
    ref: str | None = None
    implied: bool = False
    from_top: bool = False


def places(old: str | None, new: str | None) -> tuple[Place, Place]:
    """Return the two sides that the arguments name.

    None at all is `git:HEAD` and the work tree; of one alone, a revision is the old
    side and anything else the new one.
    """
    if old is None:
        old = f"{GIT}HEAD"
    elif new is None and not old.startswith(GIT):
        old, new = f"{GIT}HEAD", old
    first, second = _parsed(old), None if new is None else _parsed(new)
    if "-" in (first.path, second and second.path) and second is not None:
        _refuse_two_streams(first, second)
    if second is None:
        second = _implied(first, None, HERE)
    if not first.path:
        first = _implied(second, first.ref, first.shown)
    if not second.path:
        second = _implied(first, second.ref, second.shown)
    return first, second


def read(old: Place, new: Place) -> tuple[State, State]:
    """Return what is at each place; an empty tree where nothing is and none is missed.

    What is told of a side that cannot be used shows no secret of it, either.
    """
    # That an implied side has nothing is no news where the other cannot be read.
    if old.implied:
        second = _read_one(new)
        return _read_one(old), second
    return _read_one(old), _read_one(new)


def _read_one(place: Place) -> State:
    if "-" in given_overlays():
        raise UsageError("--overlay is read for each side: name a file")
    try:
        return _read(place)
    except SpecError as error:
        from kubelb_gen.diff import masked_finding  # noqa: PLC0415

        raise type(error)(map(masked_finding, error.diagnostics)) from error


def _read(place: Place) -> State:
    if place.ref is not None:
        return _at_revision(place)
    path = _on_disk(place) if place.from_top else place.path
    try:
        # A path leads to no artifacts.
        return cast("State", api.read_state(path, overlays=given_overlays()))
    except LoadError as error:
        if place.implied and all(each.id == "no-spec" for each in error.diagnostics):
            return _nothing(place)
        raise
    except OutputError as error:
        # No revision is called like the path of a root.
        if os.path.lexists(path) or path[:1] == "/" or not _is_revision(path):
            raise
        message = f"{error}; as a revision it is called '{GIT}{path}'"
        raise OutputError(message) from error


def _is_revision(text: str) -> bool:
    from kubelb_gen.gitsource import open_repository, snapshot  # noqa: PLC0415

    try:
        with open_repository(HERE) as repository:
            snapshot(repository, text)
    except OutputError:
        return False
    return True


def _parsed(text: str) -> Place:
    if not text.startswith(GIT):
        return Place(text, text)
    ref, colon, path = text.removeprefix(GIT).partition(":")
    if not ref:
        message = f"'{text}' names no revision: git:REF or git:REF:PATH"
        raise UsageError(message)
    if colon and not path:
        path = HERE
        return Place(text, path, ref, from_top=True)
    return Place(text, path, ref, from_top=not path.startswith(("./", "../")))


def _implied(other: Place, ref: str | None, shown: str) -> Place:
    return Place(
        shown,
        other.path or HERE,
        ref,
        implied=True,
        from_top=other.from_top and bool(other.path),
    )


def _refuse_two_streams(first: Place, second: Place) -> None:
    if first.path == second.path == "-":
        message = "standard input can be one side, and not both"
        raise UsageError(message)
    if any(each.ref is not None and not each.path for each in (first, second)):
        message = "standard input has no path: name one, as in git:HEAD:PATH"
        raise UsageError(message)


def _on_disk(place: Place) -> str:
    from kubelb_gen.gitsource import open_repository  # noqa: PLC0415

    with open_repository(HERE) as repository:
        return os.path.normpath(f"{repository.top or HERE}/{place.path}")


def _at_revision(place: Place) -> State:
    # Imported for git alone.
    from kubelb_gen.gitsource import open_repository, snapshot  # noqa: PLC0415

    folder, rest = (HERE, place.path) if place.from_top else split(place.path)
    with open_repository(folder) as repository:
        path = rest if place.from_top else _inside(repository, rest)
        found = snapshot(repository, place.ref or "")
        tree = found.rendered(path)
        if tree is not None:
            return tree
        if not found.holds(path) and not place.implied:
            raise OutputError(f"cannot read '{place.shown}': there is no such path")
        sources = found.sources(path)
    try:
        return api.from_sources(sources, _overlays_at(place.ref or ""))
    except LoadError as error:
        if place.implied and all(each.id == "no-spec" for each in error.diagnostics):
            return _nothing(place)
        raise


def _overlays_at(ref: str) -> Iterator[Source]:
    """Read the overlays of the command as they were at *ref*."""
    from kubelb_gen.gitsource import open_repository, snapshot  # noqa: PLC0415

    for each in given_overlays():
        folder, rest = split(each)
        with open_repository(folder) as repository:
            found = snapshot(repository, ref)
            sources = found.sources(_inside(repository, rest))
        if not sources:
            say(f"{each} is not in git:{ref}: it is not laid over that side")
        yield from sources


def split(path: str) -> tuple[str, str]:
    """Return the deepest folder on the way to *path* that exists, and the rest."""
    folder, rest = Path(path), Path()
    while not folder.is_dir():
        folder, rest = folder.parent, folder.name / rest
    return str(folder), rest.as_posix()


def _inside(repository: Repository, rest: str) -> str:
    path = os.path.normpath(f"{repository.prefix}{rest}")
    return "" if path == HERE else path


def _nothing(place: Place) -> Tree:
    where = place.path if place.ref is None else f"git:{place.ref}"
    say(f"there is no spec in {place.shown or where}: the other side is all there is")
    return Tree()
