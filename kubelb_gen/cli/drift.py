"""`kubelb-gen drift`: does what runs match the spec."""

import sys
from typing import Any

import click

from kubelb_gen import api
from kubelb_gen.cli.dumps import dump_options, read_options
from kubelb_gen.cli.terminal import (
    color_option,
    format_option,
    result,
    say,
    wants_color,
)
from kubelb_gen.drift import Drift
from kubelb_gen.errors import UsageError


@click.command("drift")
@click.argument("spec", metavar="SPEC")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@dump_options
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    metavar="FILE",
    help="A ClientIPOverlay to lay over the spec; may be given again.",
)
@click.option(
    "--templates", metavar="DIR", help="Lay files out with these templates, as render."
)
@format_option(
    "text",
    "json",
    "markdown",
    "github",
    help="Drawn, as JSON, as tables, or as annotations of a pull request.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["any", "meaning"]),
    default="any",
    show_default=True,
    help="Exit 1 on any difference, or where a path means something else.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing that is not an error.")
@color_option
def command(**options: Any) -> int:  # noqa: ANN401  click's own
    """Compare what runs with what SPEC renders, and say what each difference means.

    FILE holds what `kubectl get -o yaml|json` printed: files, folders, or - for
    standard input.  Objects of KubeLB are matched by their origin labels.  What the
    API server and controllers add is no difference; what no dump is about is not
    missing.
    """
    files = (*options["files"], *options["management"], *options["tenants"])
    if options["spec"] == "-" and (not files or "-" in options["files"]):
        message = "standard input can be read once: name files beside SPEC '-'"
        raise UsageError(message)
    fleet = api.load(options["spec"], overlays=options["overlays"])
    dumps = read_options(options["files"], options["management"], options["tenants"])
    found = api.drift(fleet, dumps, templates=options["templates"])
    result(_shown(found, options["layout"]))
    if not options["quiet"]:
        for each in found.unseen:
            say(f"not compared: no {each} among the files")
    counted = found.shifts if options["fail_on"] == "meaning" else found.differences
    return 1 if counted else 0


def _shown(found: Drift, layout: str) -> str:
    # A command imports the one format that it prints.
    if layout == "json":
        from kubelb_gen.report.drift_json import drift_json  # noqa: PLC0415

        return drift_json(found)
    if layout == "markdown":
        from kubelb_gen.report.drift_markdown import drift_markdown  # noqa: PLC0415

        return drift_markdown(found)
    if layout == "github":
        from kubelb_gen.report.drift_github import drift_github  # noqa: PLC0415

        return drift_github(found)
    from kubelb_gen.report.drift_text import drift_text  # noqa: PLC0415

    return drift_text(found, color=wants_color(sys.stdout))
