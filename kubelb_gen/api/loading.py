"""A fleet out of files, texts or data."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from os.path import isdir
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from kubelb_gen.artifacts import Artifacts, Tree
    from kubelb_gen.document import ParsedSource, Source, Sources
    from kubelb_gen.model import Fleet

    State = Fleet | Artifacts | Tree


def load(*paths: str | Path, overlays: Iterable[str | Path] = ()) -> Fleet:
    """Load one fleet from files, folders, or `-` for standard input.

    *overlays* are files with a ClientIPOverlay each, laid over it in their order.
    Raises `SpecError` with every problem of every file in `.diagnostics`, each with
    file, line and column; `OutputError` where a file cannot be read.
    """
    return built(parsed(*texts(*paths, overlays=overlays)))


def texts(
    *paths: str | Path, overlays: Iterable[str | Path] = ()
) -> tuple[list[Source], list[Source]]:
    """Read the texts that `load` makes a fleet of, and those of the overlays.

    Raises as `load` does where a file cannot be read.
    """
    from kubelb_gen.document import read_sources
    from kubelb_gen.errors import OutputError

    if isinstance(overlays, str | PathLike):
        overlays = (overlays,)
    overlays = tuple(overlays)
    for each in overlays:
        if isdir(each):  # noqa: PTH112  it takes names that no system has
            # Of a folder, nobody would say which is laid last.
            raise OutputError(f"cannot read '{each}': an overlay is a file")
    return read_sources(paths), read_sources(overlays)


def parsed(
    sources: Iterable[Source],
    overlays: Iterable[Source] = (),
    parse: Callable[[Source], ParsedSource] | None = None,
) -> Sources:
    """Read the documents of texts; what is wrong with a text is part of the result."""
    from kubelb_gen.document import Sources
    from kubelb_gen.document import parse as parse_source

    parse = parse or parse_source
    return Sources(map(parse, sources), map(parse, overlays))


def from_data(
    *documents: dict[str, Any], overlays: Iterable[dict[str, Any]] = ()
) -> Fleet:
    """Load one fleet from plain data, a mapping for each document.

    *overlays* are laid over it in their order.  Raises `SpecError` as `load` does; its
    diagnostics have paths, and no lines.
    """
    from kubelb_gen.document import Sources

    return built(
        Sources(
            _numbered("<data {}>", documents),
            _numbered("<overlay {}>", overlays),
        )
    )


def from_sources(sources: Iterable[Source], overlays: Iterable[Source] = ()) -> Fleet:
    """Load one fleet from texts, wherever they were read; raises as `load` does."""
    return built(parsed(sources, overlays))


def read_state(state: State | str | Path, overlays: Iterable[str | Path] = ()) -> State:
    """Return the fleet or the rendered directory at a path; others as they are.

    *overlays* are laid over the fleet.
    """
    from kubelb_gen.artifacts import read_tree

    if not isinstance(state, str | PathLike):
        return state
    if isdir(state):  # noqa: PTH112  says no where the system refuses the name
        tree = read_tree(state)
        if tree.lock is not None:
            return tree
    return load(state, overlays=overlays)


def built(sources: Sources) -> Fleet:
    """Return the fleet of *sources*, its overlays laid over it."""
    from kubelb_gen.build import build

    sources = laid_over(sources)
    return replace(build(sources), places=sources)


def laid_over(sources: Sources) -> Sources:
    """Return *sources* with its overlays laid over its documents."""
    if not sources.overlays:
        return sources
    # Imported here: few specs have some.
    from kubelb_gen.build.overlay import overlaid

    return overlaid(sources)


def sources_of(fleet: Fleet) -> Sources:
    """Return what *fleet* was loaded from."""
    from kubelb_gen.document import Sources
    from kubelb_gen.errors import UsageError

    if not isinstance(fleet.places, Sources):
        raise UsageError("a fleet is exported from what it was loaded from")
    return fleet.places


def _numbered(name: str, documents: Iterable[object]) -> Iterator[ParsedSource]:
    from kubelb_gen.document import plain

    for number, data in enumerate(documents, start=1):
        yield plain(data, name.format(number))
