"""Puts rendered objects among the items: ours are replaced, everybody else's stay.

The rule is that of a rendered folder: what is not ours is neither overwritten nor
removed, and what of ours is rendered no more goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.document import Source, parse
from kubelb_gen.krm.item import Identity, Item, without_orchestration
from kubelb_gen.krm.marking import identity, marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubelb_gen.artifacts import Artifact
    from kubelb_gen.krm.estate import Rendered


def conflicts(
    items: Iterable[Item], rendered: Rendered
) -> Iterator[tuple[Diagnostic, Item]]:
    """Yield each item that *rendered* would overwrite and that is not its owner's."""
    objects = {identity(each): each for each in rendered.artifacts}
    for item in items:
        if item.identity is None or item.owner == rendered.owner:
            continue
        artifact = objects.get(item.identity)
        if artifact is None or (item.owner is None and _says_it(item, artifact)):
            continue
        yield _conflict(item, item.identity, rendered), item


def merged(items: Iterable[Item], rendered: Rendered) -> list[Item]:
    """Return *items* with the objects of *rendered* in the places that they had."""
    objects = {identity(each): each for each in rendered.artifacts}
    kept: list[Item] = []
    for item in items:
        artifact = objects.pop(item.identity, None) if item.identity else None
        if artifact is not None:
            kept.append(marked(artifact, rendered.owner, item))
        elif item.owner != rendered.owner:
            kept.append(item)
    return [*kept, *(marked(each, rendered.owner, None) for each in objects.values())]


def removed(items: Iterable[Item], rendered: Rendered) -> Iterator[str]:
    """Name the items of the owner that are rendered no more."""
    objects = {identity(each) for each in rendered.artifacts}
    for item in items:
        if item.owner == rendered.owner and item.identity not in objects:
            yield str(item.identity or "an object without a name")


def _says_it(item: Item, artifact: Artifact) -> bool:
    """Whether *item* is what we render already: a tree that was rendered to files."""
    (document,) = parse(Source(artifact.path, artifact.text)).documents
    return without_orchestration(item.data) == document.data


def _conflict(item: Item, name: Identity, rendered: Rendered) -> Diagnostic:
    whose = f"belongs to '{item.owner}'" if item.owner else "is not ours"
    return Diagnostic(
        id="not-ours",
        severity=Severity.ERROR,
        message=f"{name} is there already and {whose}: '{rendered.owner}' does not "
        "overwrite it",
        hint="take it out, or say 'output: none' for its service; --force overwrites",
    )
