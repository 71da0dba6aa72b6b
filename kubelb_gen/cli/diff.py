"""`kubelb-gen diff`: what a change means, then file by file."""

import sys
from typing import Any

import click

from kubelb_gen import api
from kubelb_gen.artifacts import Tree
from kubelb_gen.cli.own_templates import own_templates
from kubelb_gen.cli.sides import State, places, read
from kubelb_gen.cli.specs import overlay_option
from kubelb_gen.cli.terminal import (
    color_option,
    format_option,
    result,
    say,
    wants_color,
)
from kubelb_gen.diff import Changes
from kubelb_gen.errors import OutputError

_REASONS = ("any", "regression", "unsafe", "none")


@click.command("diff")
@click.argument("old", required=False, metavar="[OLD")
@click.argument("new", required=False, metavar="[NEW]]")
@format_option(
    "text",
    "markdown",
    "json",
    "github",
    "unified",
    help="Drawn, as a comment of a pull request, as JSON, as annotations of GitHub, "
    "or as a patch of the rendered files.",
)
@click.option(
    "--fail-on",
    type=click.Choice(_REASONS),
    default="any",
    show_default=True,
    help="Exit 1 on any difference, on a path that leaves `preserved`, or on one that "
    "is good at both ends and breaks while one step is merged.",
)
@click.option(
    "--templates",
    metavar="DIR",
    help="Lay specs out with these templates, those of a revision as they were there.",
)
@click.option("--name", metavar="NAME", help="Name in the comment's hidden marker.")
@overlay_option
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code tells.")
@color_option
def command(**options: Any) -> int:  # noqa: ANN401  click's own
    """Say what changes between two sides: what each backend sees, then the files.

    A side is a spec (a file, a folder or -), a rendered directory, or git:REF or
    git:REF:PATH for either of them in a revision.  PATH counts from the top of the
    repository, and from here with ./ before it; without one, the other side's path is
    read.

    No side at all compares git:HEAD with this folder, one revision compares it with
    this folder, and one path is compared with what it was at git:HEAD.
    """
    old, new = places(options["old"], options["new"])
    states = read(old, new)
    if all(isinstance(each, Tree) and each.lock is None for each in states):
        message = f"there is no spec on either side, '{old.shown}' and '{new.shown}'"
        raise OutputError(message)
    own = own_templates((old, new), states, options["templates"])
    changes = api.compare(*states, own, names=(old.shown, new.shown))
    if not options["quiet"]:
        if changes.missing is not None:
            say(f"files are not compared: {changes.missing}")
        result(_shown(changes, states, options))
    return 1 if _fails(changes, options["fail_on"]) else 0


def _fails(changes: Changes, reason: str) -> bool:
    if reason == "any":
        return bool(changes)
    found = {"regression": changes.regressions, "unsafe": changes.unsafe, "none": ()}
    return bool(found[reason])


def _shown(
    changes: Changes, states: tuple[State, State], options: dict[str, Any]
) -> str:
    layout = options["layout"]
    # A command imports the one format that it prints.
    if layout == "json":
        from kubelb_gen.report.diff_json import diff_json  # noqa: PLC0415

        return diff_json(changes)
    if layout == "markdown":
        from kubelb_gen.report.diff_markdown import diff_markdown  # noqa: PLC0415

        steps = api.steps(*states, changes)
        return diff_markdown(changes, name=options["name"], rollout=steps)
    if layout == "github":
        from kubelb_gen.report.diff_github import diff_github  # noqa: PLC0415

        return diff_github(changes)
    if layout == "unified":
        from kubelb_gen.report.diff_unified import (  # noqa: PLC0415
            diff_unified,
            masked_files,
        )

        for path in masked_files(changes):
            say(f"masked, so that the patch does not apply to it: {path}")
        return diff_unified(changes)
    from kubelb_gen.report.diff_text import diff_text  # noqa: PLC0415

    return diff_text(changes, color=wants_color(sys.stdout))
