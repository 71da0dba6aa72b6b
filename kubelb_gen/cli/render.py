"""`kubelb-gen render`: the files, written or printed."""

import sys
from typing import Any

import click

from kubelb_gen import api
from kubelb_gen.artifacts import Artifact, Artifacts
from kubelb_gen.cli.specs import load_specs, spec_argument
from kubelb_gen.cli.terminal import draw, result, say
from kubelb_gen.errors import UsageError
from kubelb_gen.render.draft import MANAGEMENT, Kind, Role


@click.command("render")
@spec_argument
@click.option("-o", "--output", metavar="DIR", help="Write the tree to DIR.")
@click.option("--check", is_flag=True, help="Write nothing; 1 when DIR differs.")
@click.option("--force", is_flag=True, help="Replace files that are not ours, too.")
@click.option("--cluster", metavar="NAME", help="Print management's or one tenant's.")
@click.option("--all", "every", is_flag=True, help="Print the objects of all clusters.")
@click.option("--expected", is_flag=True, help="Print what KubeLB will create, too.")
@click.option("--only", metavar="KIND[,KIND]", help="Print exactly these kinds.")
@click.option(
    "--format",
    "layout",
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    show_default=True,
    help="A YAML stream, or {path: text} as JSON.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing that is not an error.")
def command(**options: Any) -> int:  # noqa: ANN401  click's own
    """Write every file on KubeLB's path to DIR, or print the objects to apply.

    SPEC is a file, a folder or - for standard input.
    """
    _refuse_contradictions(options)
    fleet = load_specs(options["specs"])
    artifacts, report = api.render_and_report(fleet)
    if not options["quiet"] and report.warnings:
        say(draw(report.warnings, sys.stderr), end="")
    if options["output"] is None:
        chosen = _chosen(artifacts, options)
        result(artifacts_text(chosen, options["layout"]))
        return 0
    if options["check"]:
        return _check(artifacts, options["output"])
    return _write(artifacts, options)


def artifacts_text(chosen: list[Artifact], layout: str) -> str:
    """Return *chosen* as one text for standard output."""
    from kubelb_gen.artifacts.stream import files_json, yaml_stream  # noqa: PLC0415

    return files_json(chosen) if layout == "json" else yaml_stream(chosen)


def _refuse_contradictions(options: dict[str, Any]) -> None:
    written = options["output"] is not None
    if options["check"] and not written:
        message = "--check compares with a folder: name it with -o"
        raise UsageError(message)
    if options["cluster"] and options["every"]:
        message = "--cluster and --all contradict each other"
        raise UsageError(message)
    printing = [
        flag
        for flag, name in (
            ("--cluster", "cluster"),
            ("--all", "every"),
            ("--expected", "expected"),
            ("--only", "only"),
        )
        if options[name]
    ]
    if written and (printing or options["layout"] != "yaml"):
        flag = printing[0] if printing else "--format"
        message = f"{flag} is about printing, -o writes the whole tree"
        raise UsageError(message)
    if options["force"] and not written:
        message = "--force is about writing: name a folder with -o"
        raise UsageError(message)


def _chosen(artifacts: Artifacts, options: dict[str, Any]) -> list[Artifact]:
    kinds = _kinds(options["only"])
    roles = {Role.APPLY, Role.EXPECTED} if options["expected"] else {Role.APPLY}
    chosen = [
        each
        for each in artifacts.values()
        if (each.kind in kinds if kinds else each.role in roles)
    ]
    if options["layout"] == "json" and not kinds and not options["cluster"]:
        # The whole tree, as a pipeline would read it from a folder.
        return list(artifacts.values())
    clusters = sorted({each.cluster for each in chosen})
    wanted = options["cluster"]
    if wanted is not None:
        known = sorted({MANAGEMENT, *(each.cluster for each in artifacts.values())})
        if wanted not in known:
            message = f"no cluster '{wanted}' in the spec; one of: {', '.join(known)}"
            raise UsageError(message)
        return [each for each in chosen if each.cluster == wanted]
    if len(clusters) > 1 and not options["every"]:
        message = (
            f"there is output for several clusters ({', '.join(clusters)}): choose "
            "with --cluster NAME, or take --all"
        )
        raise UsageError(message)
    return chosen


def _kinds(only: str | None) -> set[str]:
    if only is None:
        return set()
    kinds = {each.strip() for each in only.split(",")}
    unknown = sorted(kinds - {str(kind) for kind in Kind})
    if unknown:
        message = f"'{unknown[0]}' is not a kind of output; one of: {', '.join(Kind)}"
        raise UsageError(message)
    return kinds


def _check(artifacts: Artifacts, directory: str) -> int:
    compared = artifacts.compare(directory)
    if compared.same:
        return 0
    for word, paths in (
        ("missing", compared.missing),
        ("different", compared.different),
        ("stale", compared.stale),
    ):
        result("".join(f"{word}: {path}\n" for path in paths))
    say(f"{directory} is not what would be rendered: run `render -o {directory}`")
    return 1


def _write(artifacts: Artifacts, options: dict[str, Any]) -> int:
    report = artifacts.write(options["output"], force=options["force"])
    if not options["quiet"]:
        say(
            f"{options['output']}: {len(report.written)} written, "
            f"{len(report.unchanged)} unchanged, {len(report.removed)} removed"
        )
    return 0
