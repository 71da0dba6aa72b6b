"""`kubelb-gen rollout`: steps from one spec to another that break no connection."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kubelb_gen import api
from kubelb_gen.cli.sides import places, read
from kubelb_gen.cli.specs import overlay_option
from kubelb_gen.cli.terminal import color_option, result, say, wants_color
from kubelb_gen.errors import OutputError, UsageError
from kubelb_gen.model import Fleet

if TYPE_CHECKING:
    from kubelb_gen.cli.sides import Place
    from kubelb_gen.rollout import Rollout

_INDEX = "rollout.json"


@click.command("rollout")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--format",
    "layout",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="Drawn, as JSON with each step's spec, or as a checklist.",
)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    help="Write each step to DIR/NN-.../: its spec.yaml, and the files of that.",
)
@overlay_option
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code tells.")
@color_option
def command(**options: Any) -> int:  # noqa: ANN401  click's own
    """Say in which steps OLD becomes NEW so that no connection breaks.

    OLD and NEW are specs: a file, a folder, -, or git:REF or git:REF:PATH.  Receivers
    change before senders where PROXY comes, after them where it goes; where neither
    order is safe, `rollout.strategy` of a service says what stands between, or the
    safest that its program allows is taken.

    Exit code 1 says that no order breaks nothing; the steps are the least bad one.
    """
    if options["output"] == "":
        raise UsageError("-o names no folder")
    old, new = places(options["old"], options["new"])
    rollout = api.rollout(_fleet(old), _fleet(new))
    if options["output"] is not None:
        _write(rollout, Path(options["output"]))
        if not options["quiet"]:
            say(f"{len(rollout)} steps written to {options['output']}")
    if not options["quiet"]:
        result(_shown(rollout, options))
    return 0 if rollout.safe else 1


def _fleet(place: Place) -> Fleet:
    state = read(place)
    if not isinstance(state, Fleet):
        raise UsageError(f"{place.shown} is rendered files: a rollout starts at specs")
    return state


def _shown(rollout: Rollout, options: dict[str, Any]) -> str:
    # A command imports the one format that it prints.
    if options["layout"] == "json":
        from kubelb_gen.report.rollout_json import rollout_json  # noqa: PLC0415

        return rollout_json(rollout)
    if options["layout"] == "markdown":
        from kubelb_gen.report.rollout_markdown import (  # noqa: PLC0415
            rollout_markdown,
        )

        return rollout_markdown(rollout)
    from kubelb_gen.report.rollout_text import rollout_text  # noqa: PLC0415

    return rollout_text(rollout, color=wants_color(sys.stdout))


def _write(rollout: Rollout, folder: Path) -> None:
    from kubelb_gen.report.rollout_json import rollout_json  # noqa: PLC0415
    from kubelb_gen.report.rollout_markdown import rollout_markdown  # noqa: PLC0415

    try:
        _refuse_leftovers(rollout, folder)
        for step in rollout:
            step.artifacts.write(folder / step.name)
            _put(folder / step.name / "spec.yaml", step.spec)
        folder.mkdir(parents=True, exist_ok=True)
        _put(folder / "README.md", rollout_markdown(rollout))
        _put(folder / _INDEX, rollout_json(rollout))
    except OSError as error:
        raise OutputError(f"cannot write '{folder}': {error.strerror}") from error


def _put(path: Path, text: str) -> None:
    if path.is_symlink():
        raise OutputError(f"'{path}' is a symlink")
    path.write_text(text, encoding="utf-8")


def _refuse_leftovers(rollout: Rollout, folder: Path) -> None:
    """Refuse a folder with anything but the steps of an earlier, like rollout."""
    if not folder.exists():
        return
    names = {each.name for each in folder.iterdir()}
    wanted = {each.name for each in rollout}
    if names and not _is_ours(folder):
        raise OutputError(f"'{folder}' holds files that are no rollout's")
    left = sorted(names - wanted - {"README.md", _INDEX})
    if left:
        listed = ", ".join(left)
        raise OutputError(
            f"'{folder}' holds steps of another rollout: remove {listed} first"
        )


def _is_ours(folder: Path) -> bool:
    try:
        known = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(known, dict) and "steps" in known
