"""`render --jobs N` of a fleet with several tenants: each process has some of them.

What is printed comes from each in runs that are sorted already; what is written comes
as rows: a path, what it is, its text, its hash.
"""

from __future__ import annotations

import pickle
from heapq import merge
from itertools import chain, repeat
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.api.portions import render_in_portions
from kubelb_gen.artifacts import Artifact, Artifacts
from kubelb_gen.artifacts.runs import runs
from kubelb_gen.artifacts.stream import joined_json, json_members, yaml_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kubelb_gen.api.portions import Kept
    from kubelb_gen.cli.jobs import Streams
    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.document import Sources

    Row = tuple[str, str, str, str, str, str]

_BATCH = 1000


class Printed(NamedTuple):
    """What is to be printed, the clusters that it is for, and the warnings."""

    texts: Iterable[str | bytes]
    clusters: frozenset[str]
    warnings: tuple[Diagnostic, ...]


def printed(
    streams: Streams,
    sources: Sources,
    kinds: frozenset[str],
    choose: Callable[[Artifacts], list[Artifact]],
    *,
    as_json: bool,
) -> Printed | None:
    """Return what is printed of the files that *choose* returns of all files.

    None where one process has to do it, as in `render_in_portions`.
    """
    write = json_members if as_json else yaml_stream

    def keep(files: Artifacts) -> Kept:
        chosen = choose(files)
        by_run = runs(chosen)
        head = (tuple(by_run), frozenset(each.cluster for each in chosen))
        return head, (_encoded(write(each)) for each in by_run.values())

    done = render_in_portions(sources, streams.jobs, streams, keep, kinds)
    if done is None:
        return None
    named = [(names, body) for (names, _), body in done.kept]
    texts = _sorted(named)
    clusters = frozenset(chain.from_iterable(each for (_, each), _ in done.kept))
    pieces = joined_json(map(bytes.decode, texts)) if as_json else texts
    return Printed(pieces, clusters, done.warnings)


def collected(
    streams: Streams, sources: Sources
) -> tuple[Artifacts, tuple[Diagnostic, ...]] | None:
    """Return all files; None where one process has to render them."""
    done = render_in_portions(sources, streams.jobs, streams, _in_rows)
    if done is None:
        return None
    files = [_file(row) for _, body in done.kept for row in _rows(body)]
    meaning = [each for said, _ in done.kept for each in said]
    return Artifacts(files, spec=done.spec, meaning=meaning), done.warnings


def _sorted(named: list[tuple[tuple[str, ...], Iterator[bytes]]]) -> Iterator[bytes]:
    """Yield all pieces by their names, each body in its own order."""
    tagged = [zip(names, repeat(tag)) for tag, (names, _) in enumerate(named)]
    bodies = [body for _, body in named]
    for _, tag in merge(*tagged):
        yield next(bodies[tag])


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _in_rows(files: Artifacts) -> Kept:
    rows = [
        (each.path, each.kind, each.role, each.cluster, each.text, each.sha256)
        for each in files.values()
    ]
    batches = (rows[at : at + _BATCH] for at in range(0, len(rows), _BATCH))
    return files.meaning, map(pickle.dumps, batches)


def _rows(body: Iterator[bytes]) -> Iterator[Row]:
    for batch in body:
        # From our own fork, or from this process.
        yield from pickle.loads(batch)  # noqa: S301


def _file(row: Row) -> Artifact:
    path, kind, role, cluster, text, sha256 = row
    file = Artifact(path=path, kind=kind, role=role, cluster=cluster, text=text)
    # It was hashed where it was rendered.
    vars(file)["sha256"] = sha256
    return file
