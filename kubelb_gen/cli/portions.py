"""`render --jobs N` of a fleet with several tenants: each process has some of them.

A process sends what is printed as texts that are sorted already, and what is written as
rows: a path, what it is, its text, its hash.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.api.portions import render_in_portions
from kubelb_gen.artifacts import Artifact, Artifacts
from kubelb_gen.artifacts.runs import are_apart, joined_json, json_members, runs
from kubelb_gen.artifacts.stream import yaml_stream
from kubelb_gen.cli.jobs import Forks
from kubelb_gen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.document import Sources

    Row = tuple[str, str, str, str, str, str]


class Printed(NamedTuple):
    """What is to be printed, the clusters that it is for, and the warnings."""

    texts: Iterable[str]
    clusters: frozenset[str]
    warnings: tuple[Diagnostic, ...]


def printed(
    sources: Sources,
    jobs: int,
    kinds: frozenset[str],
    choose: Callable[[Artifacts], list[Artifact]],
    *,
    as_json: bool,
) -> Printed | None:
    """Return what is printed of the files that *choose* returns of all files.

    None where one process has to do it, as in `render_in_portions`.
    """
    write = json_members if as_json else yaml_stream

    def keep(files: Artifacts) -> tuple[list[tuple[str, str]], set[str]]:
        chosen = choose(files)
        return [*runs(chosen, write)], {each.cluster for each in chosen}

    done = render_in_portions(sources, jobs, Forks(jobs).map, keep, kinds)
    if done is None:
        return None
    named = sorted(chain.from_iterable(each for each, _ in done.kept))
    if not are_apart(name for name, _ in named):
        return None
    texts = [text for _, text in named]
    clusters = frozenset(chain.from_iterable(each for _, each in done.kept))
    return Printed(joined_json(texts) if as_json else texts, clusters, done.warnings)


def collected(
    sources: Sources, jobs: int
) -> tuple[Artifacts, tuple[Diagnostic, ...]] | None:
    """Return all files; None where one process has to render them."""
    done = render_in_portions(sources, jobs, Forks(jobs).map, _rows)
    if done is None:
        return None
    files = [_file(row) for rows, _ in done.kept for row in rows]
    meaning = [each for _, said in done.kept for each in said]
    try:
        return Artifacts(files, spec=done.spec, meaning=meaning), done.warnings
    except RenderError:
        return None


def _rows(files: Artifacts) -> tuple[list[Row], tuple[Any, ...]]:
    rows = [
        (each.path, each.kind, each.role, each.cluster, each.text, each.sha256)
        for each in files.values()
    ]
    return rows, files.meaning


def _file(row: Row) -> Artifact:
    path, kind, role, cluster, text, sha256 = row
    file = Artifact(path=path, kind=kind, role=role, cluster=cluster, text=text)
    # It was hashed where it was rendered.
    vars(file)["sha256"] = sha256
    return file
