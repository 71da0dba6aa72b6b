"""`kubelb-gen render`: the files, written or printed."""

import os
import sys
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import click

from kubelb_gen import api
from kubelb_gen.api.loading import built, laid_over, parsed
from kubelb_gen.artifacts import Artifact, Artifacts
from kubelb_gen.cli.asking import (
    kinds_of,
    refuse_a_mixture,
    refuse_contradictions,
    refuse_unknown_cluster,
)
from kubelb_gen.cli.specs import read_texts, spec_argument
from kubelb_gen.cli.terminal import (
    color_option,
    draw,
    format_option,
    result,
    say,
    stage,
)
from kubelb_gen.document import parse
from kubelb_gen.render.draft import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from concurrent.futures import Executor

    from kubelb_gen.cache.leaves import Parse
    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.document import Source, Sources

# From here on a second process saves more than its fork and its answer take.
_MANY_SERVICES = 2000
# From here on, looking for what earlier runs kept pays; of more than that, what is
# kept takes more memory than is worth it, and several processes are as quick.
_MANY_FILES, _MOST_FILES = 50, 5000


@click.command("render")
@spec_argument
@click.option("-o", "--output", metavar="DIR", help="Write the tree to DIR.")
@click.option("--check", is_flag=True, help="Write nothing; 1 when DIR differs.")
@click.option("--force", is_flag=True, help="Replace files that are not ours, too.")
@click.option("--cluster", metavar="NAME", help="Print management's or one tenant's.")
@click.option("--all", "every", is_flag=True, help="Print the objects of all clusters.")
@click.option("--expected", is_flag=True, help="Print what KubeLB will create, too.")
@click.option("--only", metavar="KIND[,KIND]", help="Print exactly these kinds.")
@format_option(
    "yaml",
    "json",
    help="A YAML stream of objects, or {path: text} of all files as JSON.",
)
@click.option("--templates", metavar="DIR", help="Lay files out with these templates.")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 256),
    help="Render in N processes. Default: 2 for a large fleet on two cores.",
)
@click.option("--no-cache", is_flag=True, help="Use and keep nothing between runs.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing that is not an error.")
@color_option
def command(**options: Any) -> int:  # noqa: ANN401  click's own
    """Write every file on KubeLB's path to DIR, or print the objects to apply.

    SPEC is a file, a folder or - for standard input, which is read without SPEC as
    well; several are one fleet.  A file of --templates takes the place of ours of the
    same name; `templates` lists the names.
    """
    refuse_contradictions(options)
    kinds = kinds_of(options["only"])
    texts, overlays = read_texts(options["specs"])
    read = None
    if _may_be_kept(texts, overlays, options):
        # Each text is parsed once, whoever it is that comes to render it.
        read = cache(parse)
        code = _from_cache(texts, read, kinds, options)
        if code is not None:
            return code
    sources = parsed(texts, overlays, read)
    jobs = options["jobs"] or _jobs(sources)
    if jobs > 1 and options["templates"] is None and hasattr(os, "fork"):
        code = _in_portions(sources, jobs, kinds, options)
        if code is not None:
            return code
    fleet = built(sources)
    refuse_unknown_cluster((each.name for each in fleet.tenants), options)
    services = sum(len(tenant.services) for tenant in fleet.tenants)
    stage(f"rendering {services:,} services")
    artifacts, report = api.render_and_report(
        fleet,
        templates=options["templates"],
        executor=_executor(jobs),
        kinds=kinds,
    )
    _warn(report.warnings, options)
    return _finish(artifacts, kinds, options)


def _finish(
    artifacts: Artifacts, kinds: frozenset[str], options: dict[str, Any]
) -> int:
    if options["output"] is not None:
        from kubelb_gen.cli.keeping import keep  # noqa: PLC0415  not to print

        return keep(artifacts, options)
    return _print_some(_chosen(artifacts, kinds, options), options)


def _may_be_kept(
    texts: "Sequence[Source]", overlays: "Sequence[Source]", options: dict[str, Any]
) -> bool:
    if not _MANY_FILES <= len(texts) <= _MOST_FILES:
        return False
    own = overlays or options["templates"] or "-" in options["specs"]
    # Who checks wants to know what is, and not what was kept of it.
    without = options["no_cache"] or options["check"] or (options["jobs"] or 1) > 1
    return not (own or without)


def _from_cache(
    texts: "Sequence[Source]",
    read: "Parse",
    kinds: frozenset[str],
    options: dict[str, Any],
    *,
    is_again: bool = False,
) -> int | None:
    """Render what has changed; None where everything is still to be rendered."""
    # Imported here: it is for fleets of many files.
    from kubelb_gen.cache.store import LostError  # noqa: PLC0415
    from kubelb_gen.cli.kept import rendered  # noqa: PLC0415

    stage(f"rendering what has changed in {len(texts):,} files")
    is_printed = options["output"] is None
    done = rendered(options["specs"], texts, read, printed=is_printed, anew=is_again)
    if done is None:
        return None
    refuse_unknown_cluster(done.tenants, options)
    if not is_again:
        _warn(done.warnings, options)
    try:
        return _finish(done.artifacts, kinds, options)
    except LostError:
        # All is rendered now, and nothing is told twice.
        return _from_cache(texts, read, kinds, options, is_again=True)


def _in_portions(
    sources: "Sources", jobs: int, kinds: frozenset[str], options: dict[str, Any]
) -> int | None:
    """Render with a process for some tenants each; None where that is not enough."""
    # Imported here: they are for large fleets.
    from kubelb_gen.cli.jobs import Streams  # noqa: PLC0415
    from kubelb_gen.cli.portions import collected, printed  # noqa: PLC0415

    sources = laid_over(sources)
    stage(f"rendering in {jobs} processes")
    with Streams(jobs) as streams:
        if options["output"] is not None:
            found = collected(streams, sources)
            if found is None:
                return None
            artifacts, warnings = found
            _warn(warnings, options, sources)
            return _finish(artifacts, kinds, options)
        as_json = options["layout"] == "json"
        choose = partial(_chosen, kinds=kinds, options=options)
        done = printed(streams, sources, kinds, choose, as_json=as_json)
        if done is None or (options["cluster"] and not done.clusters):
            return None
        _warn(done.warnings, options, sources)
        return _print(done.texts, done.clusters, options)


def _jobs(sources: "Sources") -> int:
    """Return how many processes to take where nobody says how many."""
    # Shorter than that is no Service.
    if sum(len(each.source.text) for each in sources.parsed) < 32 * _MANY_SERVICES:
        return 1
    from kubelb_gen.build.portions import services_of  # noqa: PLC0415
    from kubelb_gen.cli.jobs import cores  # noqa: PLC0415

    services = sum((services_of(sources.documents) or {}).values())
    # With a second core it pays even where others use both of them.
    return 2 if services >= _MANY_SERVICES and cores() > 1 else 1


def _executor(jobs: int) -> "Executor | None":
    if jobs == 1:
        return None
    # Imported here: it is for large fleets.
    from kubelb_gen.cli.jobs import Forks  # noqa: PLC0415

    return Forks(jobs)


def _warn(
    warnings: "Sequence[Diagnostic]",
    options: dict[str, Any],
    places: "Sources | None" = None,
) -> None:
    """Tell *warnings*, with their lines from *places* where they have none yet."""
    if warnings and not options["quiet"]:
        placed = warnings if places is None else places.placed(warnings)
        say(draw(placed, sys.stderr), end="")


def _print_some(chosen: list[Artifact], options: dict[str, Any]) -> int:
    # Imported here: a tree that is written needs no stream.
    from kubelb_gen.artifacts.stream import files_json, yaml_batches  # noqa: PLC0415

    is_json = options["layout"] == "json"
    texts = (files_json(chosen),) if is_json else yaml_batches(chosen)
    return _print(texts, {each.cluster for each in chosen}, options)


def _print(
    texts: "Iterable[str | bytes]", clusters: "Collection[str]", options: dict[str, Any]
) -> int:
    if options["layout"] != "json":
        refuse_a_mixture(clusters, options)
    if not clusters and not options["quiet"]:
        say("nothing of that is rendered for this spec")
    for text in texts:
        result(text)
    return 0


def _chosen(
    artifacts: Artifacts, kinds: frozenset[str], options: dict[str, Any]
) -> list[Artifact]:
    roles = {Role.APPLY, Role.EXPECTED} if options["expected"] else {Role.APPLY}
    if options["layout"] == "json":
        # By path, as a pipeline would read them from a folder: all there is.
        roles = set(Role)
    return [
        each
        for each in artifacts.values()
        if (each.kind in kinds if kinds else each.role in roles)
        and options["cluster"] in (None, each.cluster)
    ]
